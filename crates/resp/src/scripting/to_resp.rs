//! What scripts return, as answers.

use super::library::number_of;
use crate::out::{Out, Protocol};
use mlua::{Table, Value};

/// Tables in tables below this are not written.
const MAX_DEPTH: usize = 1000;

/// Writes an answer. `script` is the protocol that the script has chosen for itself; errors in the
/// answer are given to `count`, unless a command has counted them.
pub fn write(
    out: &mut Out,
    value: &Value,
    script: Protocol,
    count: &mut dyn FnMut(&str),
) -> mlua::Result<()> {
    Writer { out, script, count }.value(value, 0)
}

struct Writer<'w> {
    out: &'w mut Out,
    script: Protocol,
    count: &'w mut dyn FnMut(&str),
}

/// A number as C makes an integer of it.
fn integer(number: f64) -> i64 {
    if number.is_finite() && number.abs() < 9_223_372_036_854_775_808.0 {
        number as i64
    } else {
        i64::MIN
    }
}

/// A text in a line.
fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.replace(['\r', '\n'], " ")
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> mlua::Result<()> {
        match value {
            Value::String(text) => self.out.bulk(&text.as_bytes()),
            Value::Boolean(is_true) if self.script == Protocol::Resp3 => self.out.boolean(*is_true),
            Value::Boolean(true) => self.out.integer(1),
            Value::Boolean(false) => self.out.null(),
            Value::Integer(number) => self.out.integer(*number),
            Value::Number(number) => self.out.integer(integer(*number)),
            Value::Table(_) if depth >= MAX_DEPTH => self.out.error("ERR reached lua stack limit"),
            Value::Table(table) => self.table(table, depth)?,
            _ => self.out.null(),
        }
        Ok(())
    }

    fn table(&mut self, table: &Table, depth: usize) -> mlua::Result<()> {
        if let Value::String(text) = table.raw_get("err")? {
            let text = String::from_utf8_lossy(&text.as_bytes()).into_owned();
            if table.raw_get::<Value>("ignore_error_stats_update")? != Value::Boolean(true) {
                (self.count)(&text);
            }
            self.out.error(&text);
        } else if let Value::String(text) = table.raw_get("ok")? {
            self.out.simple(&line(&text.as_bytes()));
        } else if let Some(number) = number(&table.raw_get("double")?) {
            self.out.double(number);
        } else if let Value::String(digits) = table.raw_get("big_number")? {
            self.out.big_number(&line(&digits.as_bytes()));
        } else if let Some((format, text)) = verbatim(table)? {
            self.out.verbatim(&format, &text);
        } else if let Value::Table(map) = table.raw_get("map")? {
            let pairs = count(&map)?;
            self.out.map(pairs);
            self.fields(&map, depth, true)?;
        } else if let Value::Table(set) = table.raw_get("set")? {
            let members = count(&set)?;
            self.out.set(members);
            self.fields(&set, depth, false)?;
        } else {
            let from = self.out.bytes.len();
            let mut items = 0;
            loop {
                match table.raw_get(items + 1)? {
                    Value::Nil => break,
                    item => self.value(&item, depth + 1)?,
                }
                items += 1;
            }
            self.out.wrap_array(from, items);
        }
        Ok(())
    }

    /// The keys of a table, each with its value where that is asked for.
    fn fields(&mut self, table: &Table, depth: usize, with_values: bool) -> mlua::Result<()> {
        for field in table.pairs::<Value, Value>() {
            let (key, value) = field?;
            self.value(&key, depth + 1)?;
            if with_values {
                self.value(&value, depth + 1)?;
            }
        }
        Ok(())
    }
}

fn count(table: &Table) -> mlua::Result<usize> {
    let mut count = 0;
    table.for_each(|_: Value, _: Value| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

fn number(value: &Value) -> Option<f64> {
    if value.is_number() || value.is_integer() {
        number_of(value)
    } else {
        None
    }
}

fn verbatim(table: &Table) -> mlua::Result<Option<(String, String)>> {
    let Value::Table(parts) = table.raw_get("verbatim_string")? else {
        return Ok(None);
    };
    let (format, text): (Value, Value) = (parts.raw_get("format")?, parts.raw_get("string")?);
    let (Value::String(format), Value::String(text)) = (format, text) else {
        return Ok(None);
    };
    let text_of = |text: &mlua::LuaString| String::from_utf8_lossy(&text.as_bytes()).into_owned();
    let mut format = text_of(&format);
    // The format is told in three letters.
    while format.len() < 3 {
        format.push(' ');
    }
    Ok(Some((format.chars().take(3).collect(), text_of(&text))))
}
