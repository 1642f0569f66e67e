//! The `cmsgpack` library: values as MessagePack.

use super::library::{Arguments, Library, Refusal, Results, each_field};
use mlua::{Lua, Table, Value};

pub const MESSAGE_PACK: Library = &[
    ("pack", pack),
    ("unpack", |args, lua| unpack(&args, lua, 0, 0)),
    ("unpack_one", |args, lua| {
        let offset = args.integer_or(1, 0)?;
        unpack(&args, lua, 1, offset)
    }),
    ("unpack_limit", |args, lua| {
        let limit = args.number(1)? as i64;
        let offset = args.integer_or(2, 0)?;
        unpack(&args, lua, limit, offset)
    }),
];

/// Tables in tables below this are written as nothing.
const MAX_NESTING: usize = 16;
/// Arrays and maps in one another, when they are read.
const MAX_READ_NESTING: usize = 200;
/// Lua's stack holds no more results than this.
const MAX_RESULTS: usize = 7900;

fn pack(args: Arguments, lua: &Lua) -> Result<Results, Refusal> {
    if args.len() == 0 {
        return Err(Refusal::new(
            "bad argument #0 to 'pack' (MessagePack pack needs input.)",
        ));
    }
    let mut out = Vec::new();
    for at in 0..args.len() {
        write(&mut out, args.get(at).unwrap_or(&Value::Nil), 0)?;
    }
    Results::text(lua, &out)
}

fn write(out: &mut Vec<u8>, value: &Value, level: usize) -> Result<(), Refusal> {
    match value {
        Value::String(text) => write_text(out, &text.as_bytes()),
        Value::Boolean(is_true) => out.push(if *is_true { 0xc3 } else { 0xc2 }),
        Value::Integer(number) => write_integer(out, *number),
        Value::Number(number) => write_number(out, *number),
        Value::Table(table) if level < MAX_NESTING => write_table(out, table, level)?,
        _ => out.push(0xc0),
    }
    Ok(())
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    match text.len() {
        length @ 0..32 => out.push(0xa0 | length as u8),
        length @ 32..0x100 => out.extend([0xd9, length as u8]),
        length @ 0x100..0x1_0000 => {
            out.push(0xda);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0xdb);
            out.extend((length as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(text);
}

fn write_number(out: &mut Vec<u8>, number: f64) {
    if number == number.trunc() && number.abs() < 9_223_372_036_854_775_807.0 {
        write_integer(out, number as i64);
    } else if number == f64::from(number as f32) {
        out.push(0xca);
        out.extend((number as f32).to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend(number.to_be_bytes());
    }
}

fn write_integer(out: &mut Vec<u8>, number: i64) {
    match number {
        0..=127 => out.push(number as u8),
        128..=0xff => out.extend([0xcc, number as u8]),
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend((number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend((number as u32).to_be_bytes());
        }
        0x1_0000_0000.. => {
            out.push(0xcf);
            out.extend(number.to_be_bytes());
        }
        -32..=-1 => out.push(number as u8),
        -128..=-33 => out.extend([0xd0, number as u8]),
        -32_768..=-129 => {
            out.push(0xd1);
            out.extend((number as i16).to_be_bytes());
        }
        -2_147_483_648..=-32_769 => {
            out.push(0xd2);
            out.extend((number as i32).to_be_bytes());
        }
        _ => {
            out.push(0xd3);
            out.extend(number.to_be_bytes());
        }
    }
}

fn write_table(out: &mut Vec<u8>, table: &Table, level: usize) -> Result<(), Refusal> {
    let (mut count, mut highest, mut is_array) = (0usize, 0f64, true);
    table.for_each(|key: Value, _: Value| {
        count += 1;
        let index = match key {
            Value::Integer(index) => index as f64,
            Value::Number(index) => index,
            _ => 0.0,
        };
        is_array &= index > 0.0 && index == index.trunc() && index < f64::from(i32::MAX);
        highest = highest.max(index);
        Ok(())
    })?;
    let head = |out: &mut Vec<u8>, count: usize, small: u8, kinds: [u8; 2]| match count {
        0..=15 => out.push(small | count as u8),
        16..=0xffff => {
            out.push(kinds[0]);
            out.extend((count as u16).to_be_bytes());
        }
        _ => {
            out.push(kinds[1]);
            out.extend((count as u32).to_be_bytes());
        }
    };
    if is_array && highest == count as f64 {
        head(out, count, 0x90, [0xdc, 0xdd]);
        for at in 1..=count {
            write(out, &table.raw_get(at)?, level + 1)?;
        }
        return Ok(());
    }
    head(out, count, 0x80, [0xde, 0xdf]);
    each_field(table, |key, value| {
        write(out, &key, level + 1)?;
        write(out, &value, level + 1)
    })
}

fn unpack(args: &Arguments, lua: &Lua, limit: i64, offset: i64) -> Result<Results, Refusal> {
    let text = args.text(lua, 0)?;
    let data = text.as_bytes();
    if offset < 0 || limit < 0 {
        return Err(Refusal::new(format!(
            "Invalid request to unpack with offset of {offset} and limit of {}.",
            data.len()
        )));
    }
    let (is_all, from) = (limit == 0 && offset == 0, offset as usize);
    let Some(rest) = data.get(from..) else {
        return Err(Refusal::new(format!(
            "Start offset {offset} greater than input length {}.",
            data.len()
        )));
    };
    let mut cursor = Cursor { rest };
    let mut results = Vec::new();
    while !cursor.rest.is_empty() && (is_all || (results.len() as i64) < limit) {
        if results.len() >= MAX_RESULTS {
            return Err(Refusal::new(
                "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)",
            ));
        }
        results.push(cursor.read(lua, 0)?);
    }
    if !is_all {
        let next = match cursor.rest.len() {
            0 => -1.0,
            left => (data.len() - left) as f64,
        };
        results.insert(0, Value::Number(next));
    }
    Ok(Results(results))
}

/// Bytes that are still to be read.
struct Cursor<'b> {
    rest: &'b [u8],
}

impl<'b> Cursor<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], Refusal> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| Refusal::new("Missing bytes in input."))?;
        self.rest = rest;
        Ok(taken)
    }

    fn unsigned(&mut self, bytes: usize) -> Result<u64, Refusal> {
        let taken = self.take(bytes)?;
        Ok(taken
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn signed(&mut self, bytes: usize) -> Result<f64, Refusal> {
        let unused = 64 - 8 * bytes as u32;
        let number = self.unsigned(bytes)?;
        Ok(((number << unused) as i64 >> unused) as f64)
    }

    fn text(&mut self, lua: &Lua, length: u64) -> Result<Value, Refusal> {
        let taken = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        Ok(Value::String(lua.create_string(taken)?))
    }

    fn array(&mut self, lua: &Lua, length: u64, depth: usize) -> Result<Value, Refusal> {
        let table = lua.create_table()?;
        for at in 1..=length {
            let value = self.read(lua, depth + 1)?;
            table.raw_set(at as i64, value)?;
        }
        Ok(Value::Table(table))
    }

    fn map(&mut self, lua: &Lua, length: u64, depth: usize) -> Result<Value, Refusal> {
        let table = lua.create_table()?;
        for _ in 0..length {
            let key = self.read(lua, depth + 1)?;
            let value = self.read(lua, depth + 1)?;
            match key {
                Value::Nil => return Err(Refusal::new("table index is nil")),
                Value::Number(number) if number.is_nan() => {
                    return Err(Refusal::new("table index is NaN"));
                }
                key => table.raw_set(key, value)?,
            }
        }
        Ok(Value::Table(table))
    }

    fn read(&mut self, lua: &Lua, depth: usize) -> Result<Value, Refusal> {
        if depth > MAX_READ_NESTING {
            return Err(Refusal::new("Bad data format in input."));
        }
        let kind = self.take(1)?[0];
        Ok(match kind {
            0x00..=0x7f => Value::Number(kind.into()),
            0x80..=0x8f => self.map(lua, u64::from(kind & 0xf), depth)?,
            0x90..=0x9f => self.array(lua, u64::from(kind & 0xf), depth)?,
            0xa0..=0xbf => self.text(lua, u64::from(kind & 0x1f))?,
            0xc0 => Value::Nil,
            0xc2 | 0xc3 => Value::Boolean(kind == 0xc3),
            0xca => {
                let bits = self.unsigned(4)? as u32;
                Value::Number(f32::from_bits(bits).into())
            }
            0xcb => Value::Number(f64::from_bits(self.unsigned(8)?)),
            0xcc..=0xcf => Value::Number(self.unsigned(1 << (kind - 0xcc))? as f64),
            0xd0..=0xd3 => Value::Number(self.signed(1 << (kind - 0xd0))?),
            0xd9..=0xdb => {
                let length = self.unsigned(1 << (kind - 0xd9))?;
                self.text(lua, length)?
            }
            0xdc | 0xdd => {
                let length = self.unsigned(2 << (kind - 0xdc))?;
                self.array(lua, length, depth)?
            }
            0xde | 0xdf => {
                let length = self.unsigned(2 << (kind - 0xde))?;
                self.map(lua, length, depth)?
            }
            0xe0..=0xff => Value::Number((kind as i8).into()),
            _ => return Err(Refusal::new("Bad data format in input.")),
        })
    }
}
