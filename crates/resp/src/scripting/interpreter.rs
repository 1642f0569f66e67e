//! One interpreter: Lua 5.1 with what Redis gives to scripts, and nothing else.
//!
//! What scripts see is made by `prelude.lua`. Rust has the parts that need the server or bytes.

use super::random::Random;
use super::{bits, json, library, message_pack, structs};
use crate::world::REDIS_VERSION;
use mlua::chunk::ChunkMode;
use mlua::ffi;
use mlua::{
    Error, Function, HookTriggers, Lua, LuaOptions, MultiValue, StdLib, Table, Value, VmState,
};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// All tables and texts of one interpreter; an allocation beyond fails within the script.
const MEMORY_BYTES: usize = 256 << 20;
/// Time is looked at each time so many instructions have been run.
const LOOK_EVERY: u32 = 100_000;
/// Runs until the collector takes a step.
const COLLECT_EVERY: u32 = 20;
const PRELUDE: &str = include_str!("prelude.lua");

/// What an interpreter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Scripts of EVAL.
    Eval,
    /// Libraries of functions.
    Function,
}

/// Lua, and the functions that scripts are run with.
pub struct Interpreter {
    pub lua: Lua,
    run: Function,
    load: Function,
    host: Table,
    runs: Cell<u32>,
    pub watch: Rc<Watch>,
}

/// Watches over the script that runs.
pub struct Watch {
    began: Cell<Instant>,
    /// After this, others are served in between; `None` is never.
    patience: Cell<Option<Duration>>,
    /// Serves others for a moment.
    serve: RefCell<Option<Function>>,
    /// Why the script is to end now.
    ended: Cell<Option<&'static str>>,
    random: RefCell<Random>,
}

/// What a script came to.
pub enum Ended {
    Answer(Value),
    /// An error: a text, or a table with it in `err`.
    Failed(Value),
}

impl Watch {
    /// The script ends at the next look.
    pub fn end(&self, why: &'static str) {
        self.ended.set(Some(why));
    }

    fn look(&self, lua: &Lua) -> mlua::Result<()> {
        if self.ended.get().is_none()
            && let Some(patience) = self.patience.get()
            && self.began.get().elapsed() >= patience
        {
            let serve = self.serve.borrow().clone();
            if let Some(serve) = serve {
                serve.call::<()>(())?;
            }
        }
        match self.ended.get() {
            None => Ok(()),
            Some(why) => {
                // Whatever the script does about it, it is told again.
                lua.set_global_hook(HookTriggers::EVERY_LINE, move |_, _| {
                    Err(Error::RuntimeError(why.to_owned()))
                })?;
                Err(Error::RuntimeError(why.to_owned()))
            }
        }
    }
}

impl Interpreter {
    pub fn new(engine: Engine) -> mlua::Result<Interpreter> {
        let libraries = StdLib::TABLE | StdLib::STRING | StdLib::MATH;
        let options = LuaOptions::new().catch_rust_panics(false);
        let lua = Lua::new_with(libraries, options)?;
        let watch = Rc::new(Watch {
            began: Cell::new(Instant::now()),
            patience: Cell::new(None),
            serve: RefCell::new(None),
            ended: Cell::new(None),
            random: RefCell::default(),
        });
        let host = host(&lua, &watch)?;
        let name = match engine {
            Engine::Eval => "eval",
            Engine::Function => "function",
        };
        let prelude = lua.load(PRELUDE).set_name("=prelude");
        let made: Table = prelude.call((&host, name))?;
        lua.set_globals(made.get("environment")?)?;
        let (run, load) = (made.get("run")?, made.get("load")?);
        lua.set_memory_limit(MEMORY_BYTES)?;
        Ok(Interpreter {
            lua,
            run,
            load,
            host,
            runs: Cell::new(0),
            watch,
        })
    }

    /// Compiles a script, whose lines are told under this name; or says what is wrong with it.
    pub fn compile(&self, code: &[u8], name: &str) -> Result<Function, String> {
        if code.first() == Some(&27) {
            return Err("bytecode is not loaded here".to_owned());
        }
        // What the compiler has in its hands must not be collected.
        self.lua.gc_stop();
        let chunk = self.lua.load(code).set_name(name);
        let compiled = chunk.set_mode(ChunkMode::Text).into_function();
        self.lua.gc_restart();
        compiled.map_err(|error| match error {
            Error::SyntaxError { message, .. } => message,
            other => other.to_string(),
        })
    }

    /// Runs a script; `server` answers what it asks of the server, `serve` serves others when it
    /// has run for longer than `patience`.
    pub fn run(
        &self,
        script: &Function,
        [keys, args]: [&[&[u8]]; 2],
        patience: Option<Duration>,
        server: &dyn Fn(&Lua, MultiValue) -> mlua::Result<MultiValue>,
        serve: &dyn Fn(),
    ) -> mlua::Result<Ended> {
        let table = |texts: &[&[u8]]| {
            let table = self.lua.create_table_with_capacity(texts.len(), 0)?;
            for (text, at) in texts.iter().zip(1i64..) {
                table.raw_set(at, self.lua.create_string(text)?)?;
            }
            Ok::<_, Error>(table)
        };
        let args = (script, table(keys)?, table(args)?);
        let outcome = self.watched(patience, server, serve, || self.run.call(args))?;
        self.ended(outcome)
    }

    /// Runs the text of a library, which registers its functions; for no longer than `limit`.
    pub fn load(
        &self,
        library: &Function,
        limit: Duration,
        server: &dyn Fn(&Lua, MultiValue) -> mlua::Result<MultiValue>,
    ) -> mlua::Result<Ended> {
        let end = || self.watch.end("FUNCTION LOAD timeout");
        let outcome = self.watched(Some(limit), server, &end, || self.load.call(library))?;
        self.ended(outcome)
    }

    fn ended(&self, (done, value): (bool, Value)) -> mlua::Result<Ended> {
        if let (Some(why), false) = (self.watch.ended.take(), done) {
            // However the script may have dressed it up.
            let text = self.lua.create_string(format!("ERR {why}"))?;
            let told = match &value {
                Value::Table(table) => table.clone(),
                _ => self.lua.create_table()?,
            };
            told.raw_set("err", text)?;
            return Ok(Ended::Failed(Value::Table(told)));
        }
        Ok(if done {
            Ended::Answer(value)
        } else {
            Ended::Failed(value)
        })
    }

    fn watched(
        &self,
        patience: Option<Duration>,
        server: &dyn Fn(&Lua, MultiValue) -> mlua::Result<MultiValue>,
        serve: &dyn Fn(),
        run: impl FnOnce() -> mlua::Result<(bool, Value)>,
    ) -> mlua::Result<(bool, Value)> {
        let watch = &self.watch;
        watch.began.set(Instant::now());
        watch.patience.set(patience);
        watch.ended.set(None);
        let outcome = self.lua.scope(|scope| {
            let server = scope.create_function(|lua, args| server(lua, args))?;
            self.host.raw_set("server", server)?;
            let serve = scope.create_function(|_, ()| {
                serve();
                Ok(())
            })?;
            *watch.serve.borrow_mut() = Some(serve);
            let looks = watch.clone();
            let triggers = HookTriggers::new().every_nth_instruction(LOOK_EVERY);
            self.lua.set_global_hook(triggers, move |lua, _| {
                looks.look(lua)?;
                Ok(VmState::Continue)
            })?;
            run()
        });
        self.lua.remove_global_hook();
        *watch.serve.borrow_mut() = None;
        self.host.raw_set("server", outside(&self.lua)?)?;
        self.lua.gc_restart();
        // A little at a time, so that nobody waits for all of it at once.
        self.runs.set(self.runs.get().wrapping_add(1));
        if self.runs.get().is_multiple_of(COLLECT_EVERY) {
            self.lua.gc_step()?;
        }
        outcome
    }
}

/// In place of the server, while no script runs.
fn outside(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, args: MultiValue| match args.front() {
        Some(Value::String(name)) => super::asked::outside(lua, &name.as_bytes()),
        _ => super::asked::outside(lua, b"call"),
    })
}

fn host(lua: &Lua, watch: &Rc<Watch>) -> mlua::Result<Table> {
    let host = lua.create_table()?;
    host.raw_set("cjson", json::table(lua)?)?;
    for (name, functions) in [
        ("cmsgpack", message_pack::MESSAGE_PACK),
        ("struct", structs::STRUCT),
        ("bit", bits::BIT),
    ] {
        host.raw_set(name, library::table_of(lua, functions)?)?;
    }
    let make = lua.create_function(|lua, function: Function| raising(lua, function))?;
    host.raw_set("raising", make)?;
    host.raw_set("version", REDIS_VERSION)?;
    host.raw_set("version_number", version_number())?;
    host.raw_set("server", outside(lua)?)?;
    let reply = lua.create_function(|lua, text: mlua::LuaString| {
        super::asked::error_reply(lua, &text.as_bytes())
    })?;
    host.raw_set("error_reply", reply)?;
    host.raw_set(
        "position",
        lua.create_function(|lua, ()| Ok(position(lua)))?,
    )?;
    let random = watch.clone();
    let next = lua.create_function(move |_, ()| Ok(random.random.borrow_mut().next()))?;
    host.raw_set("random", next)?;
    let random = watch.clone();
    let seed = lua.create_function(move |_, seed: f64| {
        random.random.borrow_mut().seed(seed as i64 as i32);
        Ok(())
    })?;
    host.raw_set("seed", seed)?;
    Ok(host)
}

/// `7.0.15` as `0x0007000f`.
fn version_number() -> u32 {
    let parts = REDIS_VERSION.split('.');
    parts.fold(0, |number, part| {
        number << 8 | part.parse::<u32>().unwrap_or(0)
    })
}

/// The innermost line of a script, and the name of its text.
fn position(lua: &Lua) -> (Option<String>, usize) {
    for level in 0.. {
        let found = lua.inspect_stack(level, |frame| {
            let source = frame.source().source.map(|source| source.into_owned());
            let source = source.filter(|source| source.starts_with("@user_"));
            (source, frame.current_line().unwrap_or(0))
        });
        match found {
            Some((Some(source), line)) => return (Some(source), line),
            Some(_) => {}
            None => break,
        }
    }
    (None, 0)
}

/// A function of C around one of Lua: calls that, and where its first result is `false`, raises the
/// second. The caller's frame stays, also if it calls this last, so errors have its line.
fn raising(lua: &Lua, function: Function) -> mlua::Result<Function> {
    // SAFETY: the function is on top of the stack, and becomes the closure's only upvalue.
    unsafe {
        lua.exec_raw(function, |state| {
            ffi::lua_pushcclosure(state, call_or_raise, 1);
        })
    }
}

/// Has nothing to drop: Lua leaves it without returning when something is raised.
unsafe extern "C-unwind" fn call_or_raise(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: only what Lua's manual allows on the state that Lua itself has handed over: the frame
    // of a call has room for 20 more values.
    unsafe {
        let args = ffi::lua_gettop(state);
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(1));
        ffi::lua_insert(state, 1);
        ffi::lua_call(state, args, ffi::LUA_MULTRET);
        if ffi::lua_toboolean(state, 1) != 0 {
            return ffi::lua_gettop(state) - 1;
        }
        ffi::lua_settop(state, 2);
        if ffi::lua_type(state, 2) == ffi::LUA_TSTRING {
            ffi::luaL_where(state, 1);
            ffi::lua_insert(state, 2);
            ffi::lua_concat(state, 2);
        }
        ffi::lua_error(state)
    }
}
