//! The `struct` library: numbers and texts as bytes, in C's layout.

use super::library::{Arguments, Library, Refusal, Results};
use mlua::{Lua, Value};

pub const STRUCT: Library = &[("pack", pack), ("unpack", unpack), ("size", size)];

const MAX_INTEGER_BYTES: usize = 32;
const DEFAULT_ALIGNMENT: usize = 8;

/// Reads a format, one option after the other.
struct Format<'f> {
    rest: &'f [u8],
    big_endian: bool,
    alignment: usize,
}

impl Format<'_> {
    fn new(format: &[u8]) -> Format<'_> {
        // It ends where C would see its end.
        let end = format.iter().position(|byte| *byte == 0);
        Format {
            rest: &format[..end.unwrap_or(format.len())],
            big_endian: cfg!(target_endian = "big"),
            alignment: 1,
        }
    }

    fn number(&mut self, otherwise: usize) -> Result<usize, Refusal> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        if digits == 0 {
            return Ok(otherwise);
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number = std::str::from_utf8(number).unwrap_or_default();
        match number.parse::<i32>() {
            Ok(number) => Ok(number as usize),
            Err(_) => Err(Refusal::new("integral size overflow")),
        }
    }

    /// The next option and the bytes that it takes.
    fn next(&mut self) -> Result<Option<(u8, usize)>, Refusal> {
        let Some((&option, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        let size = match option {
            b'b' | b'B' | b'x' => 1,
            b'h' | b'H' => 2,
            b'l' | b'L' | b'T' | b'd' => 8,
            b'f' => 4,
            b'c' => self.number(1)?,
            b'i' | b'I' => {
                let size = self.number(4)?;
                if size > MAX_INTEGER_BYTES {
                    return Err(Refusal::new(format!(
                        "integral size {size} is larger than limit of {MAX_INTEGER_BYTES}"
                    )));
                }
                size
            }
            _ => 0,
        };
        Ok(Some((option, size)))
    }

    /// Bytes that are missing to where an element begins.
    fn padding(&self, at: usize, option: u8, size: usize) -> usize {
        if size == 0 || option == b'c' {
            return 0;
        }
        let size = size.min(self.alignment);
        size.wrapping_sub(at & size.wrapping_sub(1)) & size.wrapping_sub(1)
    }

    /// An option that stands for no element.
    fn control(&mut self, args: &Arguments, option: u8) -> Result<(), Refusal> {
        match option {
            b' ' => {}
            b'>' => self.big_endian = true,
            b'<' => self.big_endian = false,
            b'!' => {
                let alignment = self.number(DEFAULT_ALIGNMENT)?;
                if !alignment.is_power_of_two() {
                    return Err(Refusal::new(format!(
                        "alignment {alignment} is not a power of 2"
                    )));
                }
                self.alignment = alignment;
            }
            other => {
                let reason = format!("invalid format option '{}'", char::from(other));
                return Err(args.bad(0, &reason));
            }
        }
        Ok(())
    }

    /// Bytes from the lowest to the highest, as they are written.
    fn ordered(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }
}

fn is_integer(option: u8) -> bool {
    matches!(
        option,
        b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I'
    )
}

fn pack(args: Arguments, lua: &Lua) -> Result<Results, Refusal> {
    let text = args.text(lua, 0)?;
    let text = text.as_bytes();
    let mut format = Format::new(&text);
    let mut out = Vec::new();
    let mut at = 1;
    while let Some((option, size)) = format.next()? {
        let padding = format.padding(out.len(), option, size);
        out.resize(out.len() + padding, 0);
        match option {
            option if is_integer(option) => {
                let number = args.number(at)?;
                let number = if number < 0.0 {
                    number as i64 as u64
                } else {
                    number as u64
                };
                let mut bytes = number.to_le_bytes().to_vec();
                bytes.resize(size.max(8), 0);
                bytes.truncate(size);
                out.extend(format.ordered(bytes));
                at += 1;
            }
            b'x' => out.push(0),
            b'f' => {
                let bytes = (args.number(at)? as f32).to_le_bytes().to_vec();
                out.extend(format.ordered(bytes));
                at += 1;
            }
            b'd' => {
                let bytes = args.number(at)?.to_le_bytes().to_vec();
                out.extend(format.ordered(bytes));
                at += 1;
            }
            b'c' | b's' => {
                let text = args.text(lua, at)?;
                let text = text.as_bytes();
                at += 1;
                let size = if size == 0 { text.len() } else { size };
                let Some(text) = text.get(..size) else {
                    return Err(args.bad(at, "string too short"));
                };
                out.extend_from_slice(text);
                if option == b's' {
                    out.push(0);
                }
            }
            other => format.control(&args, other)?,
        }
    }
    Results::text(lua, &out)
}

fn unpack(args: Arguments, lua: &Lua) -> Result<Results, Refusal> {
    let text = args.text(lua, 0)?;
    let text = text.as_bytes();
    let data = args.text(lua, 1)?;
    let data = data.as_bytes();
    let from = args.integer_or(2, 1)?;
    let mut at = usize::try_from(from)
        .ok()
        .and_then(|from| from.checked_sub(1))
        .ok_or_else(|| args.bad(2, "offset must be 1 or greater"))?;
    let mut format = Format::new(&text);
    let mut results: Vec<Value> = Vec::new();
    while let Some((option, mut size)) = format.next()? {
        at = at.saturating_add(format.padding(at, option, size));
        let piece = |at: usize, size: usize| {
            let end = at.checked_add(size);
            let piece = end.and_then(|end| data.get(at..end));
            piece.ok_or_else(|| args.bad(1, "data string too short"))
        };
        let bytes = piece(at, size)?;
        match option {
            option if is_integer(option) => {
                let bytes = format.ordered(bytes.to_vec());
                let is_signed = option.is_ascii_lowercase();
                results.push(Value::Number(integer(&bytes, is_signed)));
            }
            b'x' => {}
            b'f' => {
                let bytes = format.ordered(bytes.to_vec());
                let number = f32::from_le_bytes(bytes.try_into().unwrap_or_default());
                results.push(Value::Number(number.into()));
            }
            b'd' => {
                let bytes = format.ordered(bytes.to_vec());
                let number = f64::from_le_bytes(bytes.try_into().unwrap_or_default());
                results.push(Value::Number(number));
            }
            b'c' => {
                let mut bytes = bytes;
                if size == 0 {
                    let before = results.pop().as_ref().and_then(super::library::number_of);
                    let before =
                        before.ok_or_else(|| Refusal::new("format 'c0' needs a previous size"))?;
                    size = before as usize;
                    bytes = piece(at, size)?;
                }
                results.push(Value::String(lua.create_string(bytes)?));
            }
            b's' => {
                let rest = data.get(at..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == 0);
                let end = end.ok_or_else(|| Refusal::new("unfinished string in data"))?;
                results.push(Value::String(lua.create_string(&rest[..end])?));
                size = end + 1;
            }
            other => format.control(&args, other)?,
        }
        at += size;
    }
    results.push(Value::Number((at + 1) as f64));
    Ok(Results(results))
}

/// From its bytes, the lowest first; the highest bit of the last is the sign.
fn integer(bytes: &[u8], is_signed: bool) -> f64 {
    let mut number = 0u64;
    for (at, byte) in bytes.iter().take(8).enumerate() {
        number |= u64::from(*byte) << (8 * at);
    }
    if !is_signed {
        return number as f64;
    }
    let unused = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    ((number << unused) as i64 >> unused) as f64
}

fn size(args: Arguments, lua: &Lua) -> Result<Results, Refusal> {
    let text = args.text(lua, 0)?;
    let text = text.as_bytes();
    let mut format = Format::new(&text);
    let mut at = 0usize;
    while let Some((option, size)) = format.next()? {
        at += format.padding(at, option, size);
        match option {
            b's' => return Err(args.bad(0, "option 's' has no fixed size")),
            b'c' if size == 0 => return Err(args.bad(0, "option 'c0' has no fixed size")),
            option if !option.is_ascii_alphanumeric() => format.control(&args, option)?,
            _ => {}
        }
        at += size;
    }
    Results::number(at as f64)
}
