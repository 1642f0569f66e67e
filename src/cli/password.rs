//! Passwords never stand in the arguments: anybody on the machine can read those.

use super::UsageError;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;

/// Longest input that is read for a password; the rules for passwords themselves are elsewhere.
const LONGEST_BYTES: u64 = 4096;

/// Where the password comes from. Without any of these it is asked for, twice.
#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// Read the password from the standard input
    #[arg(long)]
    password_stdin: bool,

    /// Read the password from a file
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// The password, without the line end that editors and `echo` put behind it.
    pub fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            let read = first_line(std::io::stdin().lock());
            return read.map_err(|error| {
                usage(format!(
                    "cannot read a password from the standard input: {error}"
                ))
            });
        }
        if let Some(path) = &self.password_file {
            let read = std::fs::File::open(path).and_then(first_line);
            return read.map_err(|error| {
                usage(format!(
                    "cannot read a password from {}: {error}",
                    path.display()
                ))
            });
        }
        ask_twice()
    }
}

fn first_line(reader: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    reader.take(LONGEST_BYTES).read_to_string(&mut text)?;
    // Editors of some systems begin every file with one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line {
        "" => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "it is empty",
        )),
        line if line.contains('\n') => Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "it has more than one line",
        )),
        line => Ok(line.to_owned()),
    }
}

fn ask_twice() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let text =
            "there is no terminal to ask for a password; give --password-stdin or --password-file";
        return Err(usage(text.to_owned()));
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("The same again: ")?;
    if first != second {
        anyhow::bail!("the two passwords differ; nothing was changed, try again");
    }
    Ok(first)
}

fn usage(text: String) -> anyhow::Error {
    UsageError(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_not_part_of_it() {
        for (text, password) in [
            ("a b\n", "a b"),
            ("x\r\n", "x"),
            (" y ", " y "),
            ("마루", "마루"),
            ("\u{feff}마루\r\n", "마루"),
            ("\u{feff}\u{feff}a", "\u{feff}a"),
        ] {
            assert_eq!(first_line(text.as_bytes()).expect(text), password);
        }
        for bad in ["", "\n", "a\nb\n", "\u{feff}\n"] {
            assert!(first_line(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
