//! What scripts ask of the server without a command, and how they are answered.

use super::{scripts, to_lua};
use crate::number::float_text;
use mlua::{Lua, MultiValue, Table, Value};

/// As the prelude takes an error.
pub fn refused(lua: &Lua, text: &str) -> mlua::Result<MultiValue> {
    let error = to_lua::error(lua, text.as_bytes(), false)?;
    Ok(MultiValue::from_iter([
        Value::Boolean(false),
        Value::Table(error),
    ]))
}

pub fn granted(value: Value) -> mlua::Result<MultiValue> {
    Ok(MultiValue::from_iter([Value::Boolean(true), value]))
}

/// The arguments of a command: texts and numbers, or all of them in a table.
pub fn words(args: &MultiValue) -> Result<Vec<Vec<u8>>, &'static str> {
    const NO_WORD: &str = "ERR Lua redis lib command arguments must be strings or integers";
    if args.is_empty() {
        return Err("ERR Please specify at least one argument for this redis lib call");
    }
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        Value::Integer(number) => Some(float_text(*number as f64).into_bytes()),
        Value::Number(number) if number.is_nan() => Some(b"-nan".to_vec()),
        Value::Number(number) => Some(float_text(*number).into_bytes()),
        _ => None,
    };
    if let (Some(Value::Table(many)), 1) = (args.front(), args.len()) {
        let values = (1..=many.raw_len()).map(|at| many.raw_get::<Value>(at));
        let words = values.map(|value| value.ok().as_ref().and_then(word));
        // A table of a script's own is no argument.
        let words = words.collect::<Option<Vec<_>>>();
        return words.filter(|words| words.len() > MANY).ok_or(NO_WORD);
    }
    let words: Option<Vec<Vec<u8>>> = args.iter().map(word).collect();
    words.ok_or(NO_WORD)
}

/// As the prelude has it: more arguments than this come in a table.
const MANY: usize = 4000;

/// What can be asked also while a library is loaded.
pub fn common(lua: &Lua, name: &[u8], args: &MultiValue) -> mlua::Result<MultiValue> {
    match name {
        b"sha1hex" => {
            if args.len() != 1 {
                return refused(lua, "ERR wrong number of arguments");
            }
            let text = lua.coerce_string(args.front().cloned().unwrap_or(Value::Nil));
            let text = text.ok().flatten().map(|text| text.as_bytes().to_vec());
            let sha = scripts::sha_of(&text.unwrap_or_default());
            granted(Value::String(lua.create_string(sha)?))
        }
        b"log" => log(lua, args),
        name => outside(lua, name),
    }
}

/// What is asked when there is no script that could.
pub fn outside(lua: &Lua, name: &[u8]) -> mlua::Result<MultiValue> {
    let (name, place) = match name {
        b"register_function" => ("redis.register_function", "on FUNCTION LOAD command"),
        b"call" => ("redis.call/pcall", "inside a script invocation"),
        name => (
            &*format!("redis.{}", String::from_utf8_lossy(name)),
            "inside a script invocation",
        ),
    };
    refused(lua, &format!("ERR {name} can only be called {place}"))
}

fn log(lua: &Lua, args: &MultiValue) -> mlua::Result<MultiValue> {
    if args.len() < 2 {
        return refused(lua, "ERR redis.log() requires two arguments or more.");
    }
    let level = args.front().and_then(super::library::number_of);
    let Some(level) = level else {
        return refused(lua, "ERR First argument must be a number (log level).");
    };
    if !(0.0..4.0).contains(&level) {
        return refused(lua, "ERR Invalid debug level.");
    }
    let texts = args.iter().skip(1).filter_map(|value| match value {
        Value::String(text) => Some(String::from_utf8_lossy(&text.as_bytes()).into_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join(" ");
    match level as u8 {
        0 | 1 => tracing::debug!(text, "a script of the Redis port says"),
        2 => tracing::info!(text, "a script of the Redis port says"),
        _ => tracing::warn!(text, "a script of the Redis port says"),
    }
    granted(Value::Nil)
}

/// An error reply that a script makes of a text, with a code in front.
pub fn error_reply(lua: &Lua, text: &[u8]) -> mlua::Result<Table> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let end = text.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    let text = &text[..end.map_or(0, |end| end + 1)];
    if text.contains(&b' ') {
        return to_lua::error(lua, text, false);
    }
    to_lua::error(lua, &[b"ERR ", text].concat(), false)
}
