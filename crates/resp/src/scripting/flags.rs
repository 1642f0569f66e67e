//! The first line of a script (`#!lua name=… flags=…`): what it is, and what it may do.

use crate::inline;
use crate::table::{DENYOOM, MAY_REPLICATE, STALE, WRITE};

/// What a script says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    bits: u8,
    /// It has no first line of this kind, as before Redis 7: it may do what its commands may.
    pub is_plain: bool,
}

pub const NO_WRITES: u8 = 1;
pub const ALLOW_OOM: u8 = 2;
const ALLOW_STALE: u8 = 4;

const NAMES: [(&str, u8); 5] = [
    ("no-writes", NO_WRITES),
    ("allow-oom", ALLOW_OOM),
    ("allow-stale", ALLOW_STALE),
    ("no-cluster", 8),
    ("allow-cross-slot-keys", 16),
];

impl Flags {
    pub fn has(self, flag: u8) -> bool {
        self.bits & flag != 0
    }

    /// Adds a flag by its name; `false` if there is none of this name.
    pub fn add(&mut self, name: &str) -> bool {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        self.bits |= found.map_or(0, |(_, bit)| *bit);
        found.is_some()
    }

    /// The names of its flags.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let mine = NAMES.iter().filter(move |(_, bit)| self.has(*bit));
        mine.map(|(name, _)| *name)
    }

    /// The flags of the command that runs it.
    pub fn of_command(self, command: u32) -> u32 {
        if self.is_plain {
            return command;
        }
        let mut flags = command & !(STALE | DENYOOM | WRITE | MAY_REPLICATE);
        if !self.has(ALLOW_OOM) && !self.has(NO_WRITES) {
            flags |= DENYOOM;
        }
        if !self.has(NO_WRITES) {
            flags |= WRITE;
        }
        if self.has(ALLOW_STALE) {
            flags |= STALE;
        }
        flags
    }
}

/// The first line of a script taken apart: its flags, and where the rest begins. The end of the line
/// belongs to the rest, so that lines keep their numbers.
pub fn script(code: &[u8]) -> Result<(Flags, usize), String> {
    if !code.starts_with(b"#!") {
        let plain = Flags {
            is_plain: true,
            ..Flags::default()
        };
        return Ok((plain, 0));
    }
    let end = memchr::memchr(b'\n', code).ok_or("Invalid script shebang")?;
    let words = inline::words(&code[..end]).unwrap_or_default();
    let Some((engine, options)) = words.split_first() else {
        return Err("Invalid engine in script shebang".to_owned());
    };
    if engine != b"#!lua" {
        let engine = String::from_utf8_lossy(engine);
        return Err(format!("Unexpected engine in script shebang: {engine}"));
    }
    let mut flags = Flags::default();
    for option in options {
        let option = String::from_utf8_lossy(option);
        let Some(names) = option.strip_prefix("flags=") else {
            return Err(format!("Unknown lua shebang option: {option}"));
        };
        for name in names.split(',').filter(|_| !names.is_empty()) {
            if !flags.add(name) {
                return Err(format!("Unexpected flag in script shebang: {name}"));
            }
        }
    }
    Ok((flags, end))
}

/// The first line of a library.
pub struct LibraryLine {
    pub engine: Vec<u8>,
    pub name: Vec<u8>,
    /// Where the rest begins.
    pub end: usize,
}

/// The first line of a library taken apart.
pub fn library(code: &[u8]) -> Result<LibraryLine, String> {
    if !code.starts_with(b"#!") {
        return Err("Missing library metadata".to_owned());
    }
    let invalid = || "Invalid library metadata".to_owned();
    let end = memchr::memchr(b'\n', code).ok_or_else(invalid)?;
    let words = inline::words(&code[..end]).ok_or_else(invalid)?;
    let (engine, options) = words.split_first().ok_or_else(invalid)?;
    let mut name: Option<&[u8]> = None;
    for option in options {
        match option.split_at_checked(5) {
            Some((key, value)) if key.eq_ignore_ascii_case(b"name=") => {
                if name.replace(value).is_some() {
                    return Err(
                        "Invalid metadata value, name argument was given multiple times".to_owned(),
                    );
                }
            }
            _ => {
                let option = String::from_utf8_lossy(option);
                return Err(format!("Invalid metadata value given: {option}"));
            }
        }
    }
    let name = name.ok_or("Library name was not given")?;
    Ok(LibraryLine {
        engine: engine[2..].to_vec(),
        name: name.to_vec(),
        end,
    })
}
