//! Scripts that EVAL has run or SCRIPT LOAD has loaded, by their checksums.

use super::flags::{self, Flags};
use super::interpreter::{Engine, Interpreter};
use mlua::Function;
use sha1::{Digest, Sha1};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// Of scripts that were only run, so many are kept.
const MAX_RUN: usize = 1000;

/// The scripts, and the interpreter that runs them.
#[derive(Default)]
pub struct Scripts {
    /// Made when it is first needed.
    interpreter: Option<Rc<Interpreter>>,
    by_sha: HashMap<String, Script, ahash::RandomState>,
    /// Those that were not loaded, the oldest first.
    run: VecDeque<String>,
    code_bytes: usize,
}

#[derive(Clone)]
pub struct Script {
    pub function: Function,
    pub flags: Flags,
    code_bytes: usize,
    is_loaded: bool,
}

/// The checksum of a script.
pub fn sha_of(code: &[u8]) -> String {
    crate::acl::hex(&Sha1::digest(code))
}

/// What a script says about itself; `None` if that cannot be read.
pub fn flags_of(code: &[u8]) -> Option<Flags> {
    flags::script(code).ok().map(|(flags, _)| flags)
}

impl Scripts {
    pub fn interpreter(&mut self) -> Result<Rc<Interpreter>, String> {
        if let Some(interpreter) = &self.interpreter {
            return Ok(interpreter.clone());
        }
        let made = Interpreter::new(Engine::Eval).map_err(|error| error.to_string())?;
        Ok(self.interpreter.insert(Rc::new(made)).clone())
    }

    /// A script by its checksum, in any case.
    pub fn get(&self, sha: &[u8]) -> Option<(String, &Script)> {
        let sha = std::str::from_utf8(sha).ok()?.to_ascii_lowercase();
        let script = self.by_sha.get(&sha)?;
        Some((sha, script))
    }

    pub fn flags(&self, sha: &[u8]) -> Option<Flags> {
        self.get(sha).map(|(_, script)| script.flags)
    }

    /// Compiles a script, if it is not known yet; answers its checksum.
    pub fn add(&mut self, code: &[u8], is_loaded: bool) -> Result<String, String> {
        let sha = sha_of(code);
        if let Some(script) = self.by_sha.get_mut(&sha) {
            script.is_loaded |= is_loaded;
            return Ok(sha);
        }
        let (flags, begin) = flags::script(code)?;
        let interpreter = self.interpreter()?;
        let function = interpreter
            .compile(&code[begin..], "@user_script")
            .map_err(|problem| format!("Error compiling script (new function): {problem}"))?;
        let script = Script {
            function,
            flags,
            code_bytes: code.len(),
            is_loaded,
        };
        self.code_bytes += script.code_bytes;
        self.by_sha.insert(sha.clone(), script);
        if !is_loaded {
            self.run.push_back(sha.clone());
            self.forget_old();
        }
        Ok(sha)
    }

    fn forget_old(&mut self) {
        while self.run.len() > MAX_RUN
            && let Some(sha) = self.run.pop_front()
        {
            if self
                .by_sha
                .get(&sha)
                .is_some_and(|script| !script.is_loaded)
                && let Some(script) = self.by_sha.remove(&sha)
            {
                self.code_bytes -= script.code_bytes;
            }
        }
    }

    /// Forgets all, and what they have left in the interpreter.
    pub fn flush(&mut self) {
        *self = Scripts::default();
    }

    /// How many scripts there are, the bytes of their texts, and those of the interpreter.
    pub fn weight(&self) -> [usize; 3] {
        let used = self.interpreter.as_ref();
        let used = used.map_or(0, |interpreter| interpreter.lua.used_memory());
        [self.by_sha.len(), self.code_bytes, used]
    }
}
