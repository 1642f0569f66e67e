//! The `cjson` library.

use super::json_read;
use super::library::{Arguments, Refusal, Results, answer, each_field};
use crate::number::significant;
use mlua::{Lua, MultiValue, Table, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// How values are written and read; scripts change it for all scripts.
struct Rules {
    /// Arrays with large holes are written as objects.
    sparse_convert: bool,
    /// An array that has more than so many places for each element has large holes; 0: never.
    sparse_ratio: f64,
    /// Up to this index, it never has.
    sparse_safe: f64,
    write_max_depth: usize,
    read_max_depth: usize,
    digits: usize,
    write_invalid: Invalid,
    read_invalid: bool,
}

/// Numbers that JSON does not have.
#[derive(Clone, Copy, PartialEq)]
enum Invalid {
    Refused,
    Written,
    Null,
}

const MAX_DEPTH: usize = 1000;
/// Deeper, the server's own stack would not do.
const DEEPEST: usize = 2000;

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            sparse_convert: false,
            sparse_ratio: 2.0,
            sparse_safe: 10.0,
            write_max_depth: MAX_DEPTH,
            read_max_depth: MAX_DEPTH,
            digits: 14,
            write_invalid: Invalid::Refused,
            read_invalid: true,
        }
    }
}

type Run = fn(&mut Rules, &Lua, &Arguments) -> Result<Results, Refusal>;

const FUNCTIONS: &[(&str, Run)] = &[
    ("encode", encode),
    ("decode", decode),
    ("encode_sparse_array", |rules, _, args| {
        if let Some(Value::Boolean(convert)) = args.get(0) {
            rules.sparse_convert = *convert;
        }
        rules.sparse_ratio = args.integer_or(1, rules.sparse_ratio as i64)? as f64;
        rules.sparse_safe = args.integer_or(2, rules.sparse_safe as i64)? as f64;
        Ok(Results(vec![
            Value::Boolean(rules.sparse_convert),
            Value::Number(rules.sparse_ratio),
            Value::Number(rules.sparse_safe),
        ]))
    }),
    ("encode_max_depth", |rules, _, args| {
        rules.write_max_depth = depth(args, rules.write_max_depth)?;
        Results::number(rules.write_max_depth as f64)
    }),
    ("decode_max_depth", |rules, _, args| {
        rules.read_max_depth = depth(args, rules.read_max_depth)?;
        Results::number(rules.read_max_depth as f64)
    }),
    ("encode_number_precision", |rules, _, args| {
        let digits = args.integer_or(0, rules.digits as i64)?;
        if !(1..=14).contains(&digits) {
            return Err(args.bad(0, "expected integer between 1 and 14"));
        }
        rules.digits = digits as usize;
        Results::number(digits as f64)
    }),
    ("encode_keep_buffer", |_, _, args| {
        let keeps = !matches!(args.get(0), Some(Value::Boolean(false)));
        Ok(Results(vec![Value::Boolean(keeps)]))
    }),
    ("encode_invalid_numbers", |rules, lua, args| {
        rules.write_invalid = match args.get(0) {
            None | Some(Value::Nil) => rules.write_invalid,
            Some(Value::Boolean(false)) => Invalid::Refused,
            Some(Value::Boolean(true)) => Invalid::Written,
            Some(_) => match &*args.text(lua, 0)?.as_bytes() {
                b"off" => Invalid::Refused,
                b"on" => Invalid::Written,
                b"null" => Invalid::Null,
                other => {
                    let other = String::from_utf8_lossy(other);
                    return Err(args.bad(0, &format!("invalid option '{other}'")));
                }
            },
        };
        let told = match rules.write_invalid {
            Invalid::Refused => Value::Boolean(false),
            Invalid::Written => Value::Boolean(true),
            Invalid::Null => Value::String(lua.create_string("null")?),
        };
        Ok(Results(vec![told]))
    }),
    ("decode_invalid_numbers", |rules, _, args| {
        if let Some(Value::Boolean(allowed)) = args.get(0) {
            rules.read_invalid = *allowed;
        }
        Ok(Results(vec![Value::Boolean(rules.read_invalid)]))
    }),
];

fn depth(args: &Arguments, now: usize) -> Result<usize, Refusal> {
    let depth = args.integer_or(0, now as i64)?;
    match usize::try_from(depth) {
        Ok(depth) if depth > 0 => Ok(depth.min(DEEPEST)),
        _ => Err(args.bad(0, "expected integer between 1 and 2147483647")),
    }
}

/// The library's table, for the prelude.
pub fn table(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let rules = Rc::new(RefCell::new(Rules::default()));
    for (name, run) in FUNCTIONS {
        let rules = rules.clone();
        let function = lua.create_function(move |lua, values: MultiValue| {
            let args = Arguments::new(name, values);
            let results = if args.len() > 1 && matches!(*name, "encode" | "decode") {
                Err(args.bad(0, "expected 1 argument"))
            } else {
                run(&mut rules.borrow_mut(), lua, &args)
            };
            answer(lua, results)
        })?;
        table.raw_set(*name, function)?;
    }
    table.raw_set("null", Value::NULL)?;
    table.raw_set("_NAME", "cjson")?;
    table.raw_set("_VERSION", "2.1.0")?;
    Ok(table)
}

fn decode(rules: &mut Rules, lua: &Lua, args: &Arguments) -> Result<Results, Refusal> {
    if args.len() == 0 {
        return Err(args.bad(0, "expected 1 argument"));
    }
    let text = args.text(lua, 0)?;
    let (max_depth, invalid) = (rules.read_max_depth, rules.read_invalid);
    let value = json_read::read(lua, &text.as_bytes(), max_depth, invalid)?;
    Ok(Results(vec![value]))
}

fn encode(rules: &mut Rules, lua: &Lua, args: &Arguments) -> Result<Results, Refusal> {
    let Some(value) = args.get(0) else {
        return Err(args.bad(0, "expected 1 argument"));
    };
    let mut out = Vec::new();
    write(rules, &mut out, value, 0)?;
    Results::text(lua, &out)
}

fn cannot(value: &Value, reason: &str) -> Refusal {
    let kind = match value {
        Value::Integer(_) => "number",
        Value::LightUserData(_) => "userdata",
        other => other.type_name(),
    };
    Refusal::new(format!("Cannot serialise {kind}: {reason}"))
}

fn write(rules: &Rules, out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), Refusal> {
    match value {
        Value::Nil => out.extend(b"null"),
        Value::Boolean(true) => out.extend(b"true"),
        Value::Boolean(false) => out.extend(b"false"),
        Value::Integer(number) => write_number(rules, out, *number as f64, value)?,
        Value::Number(number) => write_number(rules, out, *number, value)?,
        Value::String(text) => write_text(out, &text.as_bytes()),
        Value::Table(table) => write_table(rules, out, table, depth + 1)?,
        null if *null == Value::NULL => out.extend(b"null"),
        other => return Err(cannot(other, "type not supported")),
    }
    Ok(())
}

fn write_number(
    rules: &Rules,
    out: &mut Vec<u8>,
    number: f64,
    value: &Value,
) -> Result<(), Refusal> {
    if number.is_finite() {
        out.extend(significant(number, rules.digits).bytes());
        return Ok(());
    }
    match rules.write_invalid {
        Invalid::Refused => return Err(cannot(value, "must not be NaN or Inf")),
        Invalid::Null => out.extend(b"null"),
        Invalid::Written if number.is_nan() => out.extend(b"nan"),
        Invalid::Written if number > 0.0 => out.extend(b"inf"),
        Invalid::Written => out.extend(b"-inf"),
    }
    Ok(())
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' | b'/' => out.extend([b'\\', byte]),
            8 => out.extend(b"\\b"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            12 => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            0..32 | 127 => out.extend(format!("\\u{byte:04x}").bytes()),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

fn write_table(
    rules: &Rules,
    out: &mut Vec<u8>,
    table: &Table,
    depth: usize,
) -> Result<(), Refusal> {
    if depth > rules.write_max_depth {
        return Err(Refusal::new(format!(
            "Cannot serialise, excessive nesting ({depth})"
        )));
    }
    let length = array_length(rules, table)?;
    if length > 0 {
        out.push(b'[');
        for at in 1..=length {
            if at > 1 {
                out.push(b',');
            }
            write(rules, out, &table.raw_get(at)?, depth)?;
        }
        out.push(b']');
        return Ok(());
    }
    out.push(b'{');
    let mut is_first = true;
    each_field(table, |key, value| {
        if !std::mem::take(&mut is_first) {
            out.push(b',');
        }
        match &key {
            Value::String(text) => write_text(out, &text.as_bytes()),
            Value::Integer(_) | Value::Number(_) => {
                let number = super::library::number_of(&key).unwrap_or_default();
                out.push(b'"');
                write_number(rules, out, number, &key)?;
                out.push(b'"');
            }
            other => return Err(cannot(other, "table key must be a number or string")),
        }
        out.push(b':');
        write(rules, out, &value, depth)
    })?;
    out.push(b'}');
    Ok(())
}

/// How long an array is, with its holes; 0 for what is none.
fn array_length(rules: &Rules, table: &Table) -> Result<i64, Refusal> {
    let (mut highest, mut items, mut is_array) = (0f64, 0f64, true);
    table.for_each(|key: Value, _: Value| {
        let index = match key {
            Value::Integer(index) => index as f64,
            Value::Number(index) => index,
            _ => 0.0,
        };
        is_array &= index >= 1.0 && index == index.floor();
        highest = highest.max(index);
        items += 1.0;
        Ok(())
    })?;
    if !is_array {
        return Ok(0);
    }
    let has_holes = rules.sparse_ratio > 0.0
        && highest > items * rules.sparse_ratio
        && highest > rules.sparse_safe;
    if has_holes && !rules.sparse_convert {
        return Err(Refusal::new(
            "Cannot serialise table: excessively sparse array",
        ));
    }
    Ok(if has_holes { 0 } else { highest as i64 })
}
