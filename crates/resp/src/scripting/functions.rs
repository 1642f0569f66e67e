//! Libraries of functions (`FUNCTION LOAD`).

use super::asked::{common, granted, refused};
use super::flags::{self, Flags};
use super::interpreter::{Ended, Engine, Interpreter};
use mlua::{Function, Lua, MultiValue, Table, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

/// Loading registers functions, and does nothing else.
const LOAD_LIMIT: Duration = Duration::from_millis(500);
const BAD_NAME: &str = "Library names can only contain letters, numbers, or underscores(_) and must be at least one \
     character long";

/// The libraries, and the interpreter that they live in.
#[derive(Default)]
pub struct Functions {
    /// Made when it is first needed.
    interpreter: Option<Rc<Interpreter>>,
    libraries: BTreeMap<Vec<u8>, Library>,
    /// The library of each function, by its name in lower case.
    owners: HashMap<Vec<u8>, Vec<u8>, ahash::RandomState>,
}

pub struct Library {
    pub code: Vec<u8>,
    pub functions: Vec<Registered>,
}

/// A function of a library.
#[derive(Clone)]
pub struct Registered {
    pub name: Vec<u8>,
    pub description: Option<Vec<u8>>,
    pub flags: Flags,
    pub callback: Function,
}

impl Functions {
    pub fn interpreter(&mut self) -> Result<Rc<Interpreter>, String> {
        if let Some(interpreter) = &self.interpreter {
            return Ok(interpreter.clone());
        }
        let made = Interpreter::new(Engine::Function).map_err(|error| error.to_string())?;
        Ok(self.interpreter.insert(Rc::new(made)).clone())
    }

    /// A function by its name, in any case.
    pub fn get(&self, name: &[u8]) -> Option<&Registered> {
        let name = name.to_ascii_lowercase();
        let library = self.libraries.get(self.owners.get(&name)?)?;
        let mut functions = library.functions.iter();
        functions.find(|function| function.name.eq_ignore_ascii_case(&name))
    }

    pub fn flags(&self, name: &[u8]) -> Option<Flags> {
        self.get(name).map(|function| function.flags)
    }

    /// All libraries by name.
    pub fn libraries(&self) -> impl Iterator<Item = (&Vec<u8>, &Library)> {
        self.libraries.iter()
    }

    /// How many libraries and functions there are, the bytes of their texts and those of the
    /// interpreter.
    pub fn weight(&self) -> [usize; 4] {
        let code = self.libraries.values().map(|library| library.code.len());
        let used = self.interpreter.as_ref();
        let used = used.map_or(0, |interpreter| interpreter.lua.used_memory());
        [self.libraries.len(), self.owners.len(), code.sum(), used]
    }

    /// Compiles a library and takes it in; answers its name.
    pub fn load(&mut self, code: &[u8], replaces: bool) -> Result<Vec<u8>, String> {
        let (name, library) = self.read(code, replaces)?;
        let is_taken = |function: &&Registered| {
            let owner = self.owners.get(&function.name.to_ascii_lowercase());
            owner.is_some_and(|owner| *owner != name)
        };
        if let Some(twice) = library.functions.iter().find(is_taken) {
            let twice = String::from_utf8_lossy(&twice.name);
            return Err(format!("Function {twice} already exists"));
        }
        self.remove(&name);
        self.insert(name.clone(), library);
        Ok(name)
    }

    /// Compiles a library.
    fn read(&mut self, code: &[u8], replaces: bool) -> Result<(Vec<u8>, Library), String> {
        let line = flags::library(code)?;
        if !is_name(&line.name) {
            return Err(BAD_NAME.to_owned());
        }
        if !line.engine.eq_ignore_ascii_case(b"lua") {
            let engine = String::from_utf8_lossy(&line.engine);
            return Err(format!("Engine '{engine}' not found"));
        }
        if !replaces && self.libraries.contains_key(&line.name) {
            let name = String::from_utf8_lossy(&line.name);
            return Err(format!("Library '{name}' already exists"));
        }
        let functions = self.register(&code[line.end..])?;
        if functions.is_empty() {
            return Err("No functions registered".to_owned());
        }
        let library = Library {
            code: code.to_vec(),
            functions,
        };
        Ok((line.name, library))
    }

    /// The functions that the text of a library registers.
    fn register(&mut self, code: &[u8]) -> Result<Vec<Registered>, String> {
        let interpreter = self.interpreter()?;
        let compiled = interpreter
            .compile(code, "@user_function")
            .map_err(|problem| format!("Error compiling function: {problem}"))?;
        let registered = RefCell::new(Vec::new());
        let server = |lua: &Lua, mut args: MultiValue| {
            let Some(Value::String(name)) = args.pop_front() else {
                return refused(lua, "ERR unknown");
            };
            if &*name.as_bytes() != b"register_function" {
                return common(lua, &name.as_bytes(), &args);
            }
            let outcome = match registration(&args) {
                Err(problem) => Err(problem),
                Ok(function) => add(&mut registered.borrow_mut(), function),
            };
            match outcome {
                Ok(()) => granted(Value::Nil),
                Err(problem) => refused(lua, &format!("ERR {problem}")),
            }
        };
        let ended = interpreter.load(&compiled, LOAD_LIMIT, &server);
        let problem = match ended.map_err(|error| error.to_string())? {
            Ended::Answer(_) => return Ok(registered.into_inner()),
            Ended::Failed(problem) => problem,
        };
        let text = match &problem {
            Value::Table(table) => match table.raw_get::<Value>("err") {
                Ok(Value::String(text)) => String::from_utf8_lossy(&text.as_bytes()).into_owned(),
                _ => "(null)".to_owned(),
            },
            other => format!("ERR {}", other.to_string().unwrap_or_default()),
        };
        Err(format!("Error registering functions: {text}"))
    }

    fn insert(&mut self, name: Vec<u8>, library: Library) {
        for function in &library.functions {
            let function = function.name.to_ascii_lowercase();
            self.owners.insert(function, name.clone());
        }
        self.libraries.insert(name, library);
    }

    /// `false` if there is none of this name.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        let removed = self.libraries.remove(name);
        for function in removed.iter().flat_map(|library| &library.functions) {
            self.owners.remove(&function.name.to_ascii_lowercase());
        }
        removed.is_some()
    }

    pub fn flush(&mut self) {
        *self = Functions::default();
    }

    /// Takes in the libraries of a dump, all or none. Without `replaces`, those that are known
    /// already are refused.
    pub fn restore(&mut self, codes: &[Vec<u8>], how: Restore) -> Result<Vec<Vec<u8>>, String> {
        let mut next = Functions {
            interpreter: Some(self.interpreter()?),
            ..Functions::default()
        };
        if how != Restore::Flush {
            for (name, library) in &self.libraries {
                let library = Library {
                    code: library.code.clone(),
                    functions: library.functions.clone(),
                };
                next.insert(name.clone(), library);
            }
        }
        let mut names = Vec::new();
        for code in codes {
            let name = flags::library(code)?.name;
            if how == Restore::Append && self.libraries.contains_key(&name) {
                let name = String::from_utf8_lossy(&name);
                return Err(format!("Library {name} already exists"));
            }
            names.push(next.load(code, how == Restore::Replace)?);
        }
        *self = next;
        Ok(names)
    }
}

/// What becomes of libraries that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// They stay, and none of the dump may have the name of one.
    Append,
    Replace,
    Flush,
}

fn is_name(name: &[u8]) -> bool {
    let is_fine = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    !name.is_empty() && name.iter().all(is_fine)
}

fn add(registered: &mut Vec<Registered>, function: Registered) -> Result<(), String> {
    if !is_name(&function.name) {
        return Err(BAD_NAME.to_owned());
    }
    if registered.iter().any(|known| known.name == function.name) {
        return Err("Function already exists in the library".to_owned());
    }
    registered.push(function);
    Ok(())
}

fn text_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        Value::Integer(number) => Some(number.to_string().into_bytes()),
        Value::Number(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}

/// What `redis.register_function` was called with: a name and a function, or a table of them.
fn registration(args: &MultiValue) -> Result<Registered, String> {
    match (args.front(), args.get(1), args.len()) {
        (Some(Value::Table(named)), _, 1) => by_name(named),
        (Some(_), _, 1) => Err(
            "calling redis.register_function with a single argument is only applicable to Lua table (representing \
             named arguments)."
                .to_owned(),
        ),
        (Some(name), Some(callback), 2) => {
            let name = text_of(name)
                .ok_or("first argument to redis.register_function must be a string")?;
            let Value::Function(callback) = callback else {
                return Err(
                    "second argument to redis.register_function must be a function".to_owned(),
                );
            };
            Ok(Registered {
                name,
                description: None,
                flags: Flags::default(),
                callback: callback.clone(),
            })
        }
        _ => Err("wrong number of arguments to redis.register_function".to_owned()),
    }
}

fn by_name(named: &Table) -> Result<Registered, String> {
    let (mut name, mut description, mut callback) = (None, None, None);
    let mut flags = Flags::default();
    let mut problem = None;
    let walked = named.for_each(|key: Value, value: Value| {
        let step = (|| {
            let key = text_of(&key)
                .ok_or("named argument key given to redis.register_function is not a string")?;
            match key.to_ascii_lowercase().as_slice() {
                b"function_name" => {
                    name = Some(text_of(&value).ok_or(
                        "function_name argument given to redis.register_function must be a string",
                    )?);
                }
                b"description" => {
                    description = Some(text_of(&value).ok_or(
                        "description argument given to redis.register_function must be a string",
                    )?);
                }
                b"callback" => match &value {
                    Value::Function(function) => callback = Some(function.clone()),
                    _ => {
                        return Err(
                            "callback argument given to redis.register_function must be a function",
                        );
                    }
                },
                b"flags" => match &value {
                    Value::Table(table) => flags = flags_in(table)?,
                    _ => {
                        return Err(
                            "flags argument to redis.register_function must be a table representing function flags",
                        );
                    }
                },
                _ => return Err("unknown argument given to redis.register_function"),
            }
            Ok(())
        })();
        if let Err(text) = step {
            problem.get_or_insert(text);
        }
        Ok(())
    });
    walked.map_err(|error| error.to_string())?;
    if let Some(problem) = problem {
        return Err(problem.to_owned());
    }
    Ok(Registered {
        name: name.ok_or("redis.register_function must get a function name argument")?,
        description,
        flags,
        callback: callback.ok_or("redis.register_function must get a callback argument")?,
    })
}

fn flags_in(table: &Table) -> Result<Flags, &'static str> {
    let mut flags = Flags::default();
    for at in 1i64.. {
        match table.raw_get::<Value>(at) {
            Ok(Value::Nil) | Err(_) => break,
            Ok(value) => {
                let name = text_of(&value).ok_or("unknown flag given")?;
                let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
                if !flags.add(&name) {
                    return Err("unknown flag given");
                }
            }
        }
    }
    Ok(flags)
}
