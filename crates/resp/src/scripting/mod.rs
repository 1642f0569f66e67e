//! Scripts: Lua 5.1 as Redis 7.0 runs it.
//!
//! - [`interpreter`] is Lua and what scripts see of it; `prelude.lua` makes that. [`library`],
//!   [`json`], [`message_pack`], [`structs`], [`bits`] and [`random`] are its libraries.
//! - [`flags`] reads the first line of a script, [`scripts`] keeps those of EVAL, [`functions`] the
//!   libraries of FUNCTION.
//! - [`run`] runs one: as one atomic step, in which it calls commands by way of the dispatcher; [`asked`]
//!   is what it can ask besides.
//!   [`to_lua`] and [`to_resp`] turn answers into values and values into answers.
mod asked;
mod bits;
pub mod flags;
pub mod functions;
mod interpreter;
mod json;
mod json_read;
mod library;
mod message_pack;
mod random;
pub mod run;
pub mod scripts;
mod structs;
mod to_lua;
mod to_resp;

use super::failure::Failure;
use super::index::Row;
use functions::Functions;
use interpreter::Watch;
use scripts::Scripts;
use std::rc::Rc;
use std::time::Instant;

/// Everything about scripts.
#[derive(Default)]
pub struct Scripting {
    pub scripts: Scripts,
    pub functions: Functions,
    pub running: Option<Running>,
    /// DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may call DEBUG.
    pub allows_debug: bool,
}

/// The script that runs.
pub struct Running {
    /// Whose it is, in [`World::clients`](super::world::World::clients).
    pub token: usize,
    /// The function, or the checksum of the script.
    pub name: String,
    pub is_eval: bool,
    pub began: Instant,
    /// The command that runs it.
    pub args: Vec<Vec<u8>>,
    /// It has called a command that writes.
    pub wrote: bool,
    /// It has run for so long that others are served in between.
    pub is_slow: bool,
    watch: Rc<Watch>,
}

const SLOW_SCRIPT: Failure = Failure::new(
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
);
const SLOW_FUNCTION: Failure = Failure::new(
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
);

impl Running {
    /// What others are told meanwhile.
    pub fn busy(&self) -> Failure {
        if self.is_eval {
            SLOW_SCRIPT
        } else {
            SLOW_FUNCTION
        }
    }
}

impl Scripting {
    /// Ends the script that runs (`SCRIPT KILL`, `FUNCTION KILL`).
    pub fn kill(&self, is_eval: bool) -> Result<(), Failure> {
        let Some(running) = &self.running else {
            return Err(Failure::new("NOTBUSY No scripts in execution right now."));
        };
        if running.wrote {
            return Err(Failure::new(
                "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either \
                 wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
            ));
        }
        if running.is_eval != is_eval {
            return Err(running.busy());
        }
        running
            .watch
            .end("Script killed by user with SCRIPT KILL...");
        Ok(())
    }

    /// The flags of a command: of one that runs a script, those that this has for itself.
    pub fn flags(&self, row: &Row, args: &[&[u8]]) -> u32 {
        let flags = match (row.command.name, args.get(1)) {
            ("eval" | "eval_ro", Some(code)) => scripts::flags_of(code),
            ("evalsha" | "evalsha_ro", Some(sha)) => self.scripts.flags(sha),
            ("fcall" | "fcall_ro", Some(name)) => self.functions.flags(name),
            _ => None,
        };
        let command = row.command.flags;
        flags.map_or(command, |flags| flags.of_command(command))
    }
}
