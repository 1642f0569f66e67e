//! Answers of commands as values of Lua.

use mlua::{Lua, Table, Value};

/// The first answer in these bytes, which are whole.
pub fn value(lua: &Lua, answer: &[u8]) -> mlua::Result<Value> {
    Reader { lua, rest: answer }.value()
}

/// An error as scripts get it. What comes from a command has been counted already.
pub fn error(lua: &Lua, text: &[u8], is_counted: bool) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("err", lua.create_string(text)?)?;
    if is_counted {
        table.raw_set("ignore_error_stats_update", true)?;
    }
    Ok(table)
}

struct Reader<'a> {
    lua: &'a Lua,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The line at the front, without its end.
    fn line(&mut self) -> &'a [u8] {
        let end = memchr::memchr(b'\r', self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.get(2..).unwrap_or_default();
        line
    }

    fn number(line: &[u8]) -> i64 {
        let text = std::str::from_utf8(line).unwrap_or_default();
        text.parse().unwrap_or(-1)
    }

    fn bytes(&mut self, length: i64) -> &'a [u8] {
        let length = usize::try_from(length).unwrap_or(0).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest.get(2..).unwrap_or_default();
        bytes
    }

    fn text(&self, bytes: &[u8]) -> mlua::Result<Value> {
        Ok(Value::String(self.lua.create_string(bytes)?))
    }

    /// A table with one field.
    fn field(&self, name: &str, value: Value) -> mlua::Result<Value> {
        let table = self.lua.create_table_with_capacity(0, 1)?;
        table.raw_set(name, value)?;
        Ok(Value::Table(table))
    }

    fn value(&mut self) -> mlua::Result<Value> {
        let line = self.line();
        let Some((kind, line)) = line.split_first() else {
            return Ok(Value::Nil);
        };
        Ok(match kind {
            b':' => Value::Number(Self::number(line) as f64),
            b'$' | b'*' if line == b"-1" => Value::Boolean(false),
            b'$' => {
                let bytes = self.bytes(Self::number(line));
                self.text(bytes)?
            }
            b'+' => self.field("ok", self.text(line)?)?,
            b'-' => Value::Table(error(self.lua, line, true)?),
            b'*' | b'>' => {
                let count = Self::number(line);
                let capacity = count.clamp(0, 1 << 16) as usize;
                let table = self.lua.create_table_with_capacity(capacity, 0)?;
                for at in 1..=count {
                    table.raw_set(at, self.value()?)?;
                }
                Value::Table(table)
            }
            b'%' => {
                let table = self.lua.create_table()?;
                for _ in 0..Self::number(line) {
                    let key = self.value()?;
                    let value = self.value()?;
                    table.raw_set(key, value)?;
                }
                self.field("map", Value::Table(table))?
            }
            b'~' => {
                let table = self.lua.create_table()?;
                for _ in 0..Self::number(line) {
                    table.raw_set(self.value()?, true)?;
                }
                self.field("set", Value::Table(table))?
            }
            b'_' => Value::Nil,
            b'#' => Value::Boolean(line == b"t"),
            b',' => {
                let number = super::library::number_of(&self.text(line)?);
                self.field("double", Value::Number(number.unwrap_or(0.0)))?
            }
            b'(' => self.field("big_number", self.text(line)?)?,
            b'=' => {
                let bytes = self.bytes(Self::number(line));
                let (format, text) = bytes.split_at(bytes.len().min(4));
                let table = self.lua.create_table()?;
                let format = format.strip_suffix(b":").unwrap_or(format);
                table.raw_set("format", self.text(format)?)?;
                table.raw_set("string", self.text(text)?)?;
                self.field("verbatim_string", Value::Table(table))?
            }
            b'|' => {
                // What is told about an answer is not told to scripts.
                for _ in 0..Self::number(line) * 2 {
                    self.value()?;
                }
                self.value()?
            }
            _ => Value::Nil,
        })
    }
}
