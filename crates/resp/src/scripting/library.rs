//! What the libraries of scripts are made of: functions that answer results, or an error's text.

use mlua::{Lua, LuaString, MultiValue, Table, Value};

/// Functions by name.
pub type Library = &'static [(&'static str, Run)];
type Run = fn(Arguments, &Lua) -> Result<Results, Refusal>;

/// Arguments of a call, from 0.
pub struct Arguments {
    function: &'static str,
    values: MultiValue,
}

/// Results of a call.
pub struct Results(pub Vec<Value>);

/// Why a function has no results.
pub enum Refusal {
    /// The script is told this.
    Text(String),
    /// The interpreter is out of memory.
    Lua(mlua::Error),
}

impl From<mlua::Error> for Refusal {
    fn from(error: mlua::Error) -> Refusal {
        Refusal::Lua(error)
    }
}

impl Refusal {
    pub fn new(text: impl Into<String>) -> Refusal {
        Refusal::Text(text.into())
    }
}

impl Results {
    pub fn number(number: f64) -> Result<Results, Refusal> {
        Ok(Results(vec![Value::Number(number)]))
    }

    pub fn text(lua: &Lua, text: &[u8]) -> Result<Results, Refusal> {
        Ok(Results(vec![Value::String(lua.create_string(text)?)]))
    }
}

impl Arguments {
    pub fn new(function: &'static str, values: MultiValue) -> Arguments {
        Arguments { function, values }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn get(&self, at: usize) -> Option<&Value> {
        self.values.get(at)
    }

    /// An argument as a number; texts that are numbers count.
    pub fn number(&self, at: usize) -> Result<f64, Refusal> {
        let number = self.get(at).and_then(number_of);
        number.ok_or_else(|| self.expected("number", at))
    }

    /// An argument as an integer, or this where there is none.
    pub fn integer_or(&self, at: usize, otherwise: i64) -> Result<i64, Refusal> {
        match self.get(at) {
            None | Some(Value::Nil) => Ok(otherwise),
            Some(_) => Ok(self.number(at)? as i64),
        }
    }

    /// An argument as bytes; numbers count.
    pub fn text(&self, lua: &Lua, at: usize) -> Result<LuaString, Refusal> {
        let value = self.get(at).cloned().unwrap_or(Value::Nil);
        let text = match value {
            Value::Nil => None,
            value => lua.coerce_string(value)?,
        };
        text.ok_or_else(|| self.expected("string", at))
    }

    fn expected(&self, wanted: &str, at: usize) -> Refusal {
        let found = self.get(at).map_or("no value", Value::type_name);
        // As Lua names it.
        let found = if found == "integer" { "number" } else { found };
        self.bad(at, &format!("{wanted} expected, got {found}"))
    }

    /// An argument is wrong.
    pub fn bad(&self, at: usize, reason: &str) -> Refusal {
        Refusal::Text(format!(
            "bad argument #{} to '{}' ({reason})",
            at + 1,
            self.function
        ))
    }
}

/// A value as a number, where Lua would take it for one.
pub fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        Value::String(text) => {
            let text = text.to_str().ok()?;
            text.trim().parse().ok()
        }
        _ => None,
    }
}

/// A table of a library's functions, for the prelude.
pub fn table_of(lua: &Lua, library: Library) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, run) in library {
        let function = lua.create_function(move |lua, values: MultiValue| {
            let arguments = Arguments {
                function: name,
                values,
            };
            answer(lua, run(arguments, lua))
        })?;
        table.raw_set(*name, function)?;
    }
    Ok(table)
}

/// As the prelude takes it: `true` and results, or `false` and a text.
pub fn answer(lua: &Lua, results: Result<Results, Refusal>) -> mlua::Result<MultiValue> {
    match results {
        Ok(Results(values)) => {
            let mut all = MultiValue::with_capacity(values.len() + 1);
            all.push_back(Value::Boolean(true));
            all.extend(values);
            Ok(all)
        }
        Err(Refusal::Text(text)) => {
            let text = Value::String(lua.create_string(text)?);
            Ok(MultiValue::from_iter([Value::Boolean(false), text]))
        }
        Err(Refusal::Lua(error)) => Err(error),
    }
}

/// Looks at all fields of a table until one is refused. Only few values may be held at a time: the
/// interpreter has a place for each.
pub fn each_field(
    table: &Table,
    mut look: impl FnMut(Value, Value) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    for field in table.pairs::<Value, Value>() {
        let (key, value) = field?;
        look(key, value)?;
    }
    Ok(())
}
