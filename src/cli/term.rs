//! What is said at the terminal. Answers go to the standard output, everything else to the
//! standard error; a reader that went away is an error of the caller, never a panic.

use std::fmt::Display;
use std::io::{self, Write};

/// A line of the answer.
pub fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Something beside the answer.
pub fn note(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

pub fn warn(line: impl Display) {
    note(format_args!("maru: warning: {line}"));
}

pub fn complain(line: impl Display) {
    note(format_args!("maru: {line}"));
}
