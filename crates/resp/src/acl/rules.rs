//! The words of `ACL SETUSER`.

use super::super::index::{Row, Table};
use super::super::table::CATEGORY_NAMES;
use super::{KeyPattern, Permissions, User, hex, sha256};

/// Why a rule was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    #[error("Syntax error")]
    Syntax,
    #[error("Unknown command or category name in ACL")]
    UnknownCommand,
    #[error("Allowing first-arg of a subcommand is not supported")]
    FirstArgument,
    #[error(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
    )]
    AfterAllKeys,
    #[error(
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
    )]
    AfterAllChannels,
    #[error("The password you are trying to remove from the user does not exist")]
    NoSuchPassword,
    #[error(
        "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
    )]
    BadHash,
    #[error("Unmatched parenthesis in acl selector starting at '{}'.", "(")]
    Unmatched,
}

impl User {
    /// Follows one rule. On an error the user may have changed: work on a copy.
    pub fn follow(&mut self, rule: &[u8]) -> Result<(), BadRule> {
        let word = rule.to_ascii_lowercase();
        match word.as_slice() {
            b"on" => self.on = true,
            b"off" => self.on = false,
            b"nopass" => {
                self.nopass = true;
                self.passwords.clear();
            }
            b"resetpass" => {
                self.nopass = false;
                self.passwords.clear();
            }
            b"clearselectors" => self.selectors.clear(),
            b"sanitize-payload" => self.sanitizes = Some(true),
            b"skip-sanitize-payload" => self.sanitizes = Some(false),
            b"reset" => *self = User::new(&self.name),
            [b'(', ..] => {
                let inside = rule[1..].strip_suffix(b")").ok_or(BadRule::Unmatched)?;
                let mut selector = Permissions::nothing();
                for word in inside
                    .split(|byte| *byte == b' ')
                    .filter(|word| !word.is_empty())
                {
                    selector.follow(word)?;
                }
                self.selectors.push(selector);
            }
            [b'>', ..] => self.add_password(sha256(&rule[1..])),
            [b'#', ..] => self.add_password(parse_hash(&rule[1..])?),
            [b'<', ..] => self.remove_password(sha256(&rule[1..]))?,
            [b'!', ..] => self.remove_password(parse_hash(&rule[1..])?)?,
            _ => self.root.follow(rule)?,
        }
        Ok(())
    }

    fn add_password(&mut self, hash: [u8; 32]) {
        self.nopass = false;
        if !self.passwords.contains(&hash) {
            self.passwords.push(hash);
        }
    }

    fn remove_password(&mut self, hash: [u8; 32]) -> Result<(), BadRule> {
        let before = self.passwords.len();
        self.passwords.retain(|known| *known != hash);
        if self.passwords.len() == before {
            Err(BadRule::NoSuchPassword)
        } else {
            Ok(())
        }
    }
}

fn parse_hash(text: &[u8]) -> Result<[u8; 32], BadRule> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return Err(BadRule::BadHash);
    }
    for (byte, digits) in hash.iter_mut().zip(text.chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| BadRule::BadHash)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| BadRule::BadHash)?;
    }
    if hex(&hash).as_bytes() == text {
        Ok(hash)
    } else {
        Err(BadRule::BadHash)
    }
}

impl Permissions {
    /// Follows one rule on commands, keys or channels.
    pub fn follow(&mut self, rule: &[u8]) -> Result<(), BadRule> {
        let word = rule.to_ascii_lowercase();
        match word.as_slice() {
            b"allkeys" | b"~*" => {
                self.all_keys = true;
                self.keys.clear();
            }
            b"resetkeys" => {
                self.all_keys = false;
                self.keys.clear();
            }
            b"allchannels" | b"&*" => {
                self.all_channels = true;
                self.channels.clear();
            }
            b"resetchannels" => {
                self.all_channels = false;
                self.channels.clear();
            }
            b"allcommands" | b"+@all" => self.all(true),
            b"nocommands" | b"-@all" => self.all(false),
            [b'~', ..] => self.add_keys(&rule[1..], true, true)?,
            [b'%', flags @ ..] => {
                // As Redis reads it, without the mark it is a pattern that no key matches.
                let tilde = flags.iter().position(|byte| *byte == b'~');
                let flags = &flags[..tilde.unwrap_or(flags.len())];
                if flags.is_empty() || flags.iter().any(|flag| !b"rw".contains(flag)) {
                    return Err(BadRule::Syntax);
                }
                let glob = rule.get(flags.len() + 2..).unwrap_or_default();
                self.add_keys(glob, flags.contains(&b'r'), flags.contains(&b'w'))?;
            }
            [b'&', ..] => {
                if self.all_channels {
                    return Err(BadRule::AfterAllChannels);
                }
                let glob = rule[1..].to_vec();
                if !self.channels.contains(&glob) {
                    self.channels.push(glob);
                }
            }
            [sign @ (b'+' | b'-'), b'@', name @ ..] => self.category(*sign == b'+', name)?,
            [sign @ (b'+' | b'-'), name @ ..] => self.command(*sign == b'+', name)?,
            _ => return Err(BadRule::Syntax),
        }
        Ok(())
    }

    fn add_keys(&mut self, glob: &[u8], read: bool, write: bool) -> Result<(), BadRule> {
        if self.all_keys {
            return Err(BadRule::AfterAllKeys);
        }
        if glob == b"*" && read && write {
            self.all_keys = true;
            self.keys.clear();
            return Ok(());
        }
        match self.keys.iter_mut().find(|pattern| pattern.glob == glob) {
            Some(known) => {
                known.read |= read;
                known.write |= write;
            }
            None => self.keys.push(KeyPattern {
                glob: glob.to_vec(),
                read,
                write,
            }),
        }
        Ok(())
    }

    fn all(&mut self, allowed: bool) {
        self.commands.fill(allowed);
        self.all_commands = allowed;
        self.future_commands = allowed;
        self.first_arguments.clear();
    }

    fn category(&mut self, allowed: bool, name: &[u8]) -> Result<(), BadRule> {
        let (bit, _) = CATEGORY_NAMES
            .iter()
            .find(|(_, text)| text.as_bytes() == name)
            .ok_or(BadRule::UnknownCommand)?;
        for row in Table::get().rows() {
            if row.command.all_categories() & bit != 0 {
                self.permit(row, allowed);
            }
        }
        Ok(())
    }

    fn permit(&mut self, row: &Row, allowed: bool) {
        self.commands[row.id] = allowed;
        self.all_commands &= allowed;
        self.first_arguments.retain(|(id, _)| *id != row.id);
    }

    fn command(&mut self, allowed: bool, name: &[u8]) -> Result<(), BadRule> {
        let table = Table::get();
        if let Some(row) = table.named(name) {
            self.permit(row, allowed);
            for sub in table.subcommands(row) {
                self.permit(sub, allowed);
            }
            return Ok(());
        }
        let bar = name.iter().rposition(|byte| *byte == b'|');
        let (parent, argument) = match bar {
            Some(bar) if allowed => (&name[..bar], &name[bar + 1..]),
            _ => return Err(BadRule::UnknownCommand),
        };
        let row = table.named(parent).ok_or(BadRule::UnknownCommand)?;
        if row.is_subcommand {
            return Err(BadRule::FirstArgument);
        }
        if argument.is_empty() {
            return Err(BadRule::Syntax);
        }
        if !table.subcommands(row).is_empty() {
            return Err(BadRule::UnknownCommand);
        }
        let allowed = (row.id, argument.to_vec());
        if !self.first_arguments.contains(&allowed) {
            self.first_arguments.push(allowed);
        }
        Ok(())
    }
}
