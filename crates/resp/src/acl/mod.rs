//! Who may run what on which keys and channels.
mod describe;
mod journal;
mod rules;

use super::access::{ACCESS, DELETE, INSERT, UPDATE};
use super::index::{Row, Table};
use maru_cache::glob;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use subtle::ConstantTimeEq;

pub use journal::{Entry, Journal, Reason};

/// All accounts of this server, by name. They live as long as the process.
pub struct Acl {
    users: BTreeMap<Vec<u8>, Arc<User>>,
    pub journal: Journal,
    /// New accounts may use all channels.
    pub channels_by_default: bool,
}

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    pub name: Vec<u8>,
    pub on: bool,
    pub nopass: bool,
    /// SHA-256 of each password.
    pub passwords: Vec<[u8; 32]>,
    /// Whether what it restores is checked; it always is, and this is only told.
    pub sanitizes: Option<bool>,
    pub root: Permissions,
    /// More permissions, each for itself.
    pub selectors: Vec<Permissions>,
}

/// One set of rules: all of it must allow a command.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// By [`Row::id`].
    commands: Vec<bool>,
    pub all_commands: bool,
    /// Commands that are added later are allowed too.
    future_commands: bool,
    /// Commands by [`Row::id`] that are allowed with this first argument.
    first_arguments: Vec<(usize, Vec<u8>)>,
    pub all_keys: bool,
    pub keys: Vec<KeyPattern>,
    pub all_channels: bool,
    pub channels: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern {
    pub glob: Vec<u8>,
    pub read: bool,
    pub write: bool,
}

/// What a user may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    Command,
    Key,
    Channel,
}

impl Acl {
    /// With the default user, who may do everything, with this password or without one.
    pub fn new(password: Option<&[u8]>) -> Acl {
        let mut user = User::new(b"default");
        user.on = true;
        user.nopass = password.is_none();
        user.passwords = password.map(sha256).into_iter().collect();
        user.root = Permissions::everything();
        Acl {
            users: BTreeMap::from([(user.name.clone(), Arc::new(user))]),
            journal: Journal::default(),
            channels_by_default: false,
        }
    }

    pub fn get(&self, name: &[u8]) -> Option<&Arc<User>> {
        self.users.get(name)
    }

    pub fn default_user(&self) -> Arc<User> {
        self.users
            .get(b"default".as_slice())
            .cloned()
            .unwrap_or_else(|| Arc::new(User::new(b"default")))
    }

    pub fn users(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }

    pub fn put(&mut self, user: Arc<User>) {
        self.users.insert(user.name.clone(), user);
    }

    pub fn remove(&mut self, name: &[u8]) -> bool {
        self.users.remove(name).is_some()
    }

    /// The user who may come in with this password.
    pub fn sign_in(&self, name: &[u8], password: &[u8]) -> Option<Arc<User>> {
        let user = self.users.get(name).filter(|user| user.on)?;
        (user.nopass || user.has_password(&sha256(password))).then(|| user.clone())
    }
}

impl User {
    /// Off, and without any permission.
    pub fn new(name: &[u8]) -> User {
        User {
            name: name.to_vec(),
            on: false,
            nopass: false,
            passwords: Vec::new(),
            sanitizes: None,
            root: Permissions::nothing(),
            selectors: Vec::new(),
        }
    }

    /// Looks at all of them, whichever fits.
    fn has_password(&self, hash: &[u8; 32]) -> bool {
        let mut found = subtle::Choice::from(0);
        for known in &self.passwords {
            found |= known.ct_eq(hash);
        }
        found.into()
    }

    /// Whether one of the permissions allows it all; otherwise what it failed on, as far as it got,
    /// and the position of that key or channel.
    pub fn may(&self, row: &Row, args: &[&[u8]]) -> Result<(), (Refused, usize)> {
        if self.root.all_commands && self.root.all_keys && self.root.all_channels {
            return Ok(());
        }
        let mut worst = (Refused::Command, 0);
        for permissions in std::iter::once(&self.root).chain(&self.selectors) {
            match permissions.allow(row, args) {
                Ok(()) => return Ok(()),
                Err(refused) => worst = worst.max(refused),
            }
        }
        Err(worst)
    }

    /// Whether it may read any key with this command, also those that it does not name.
    pub fn may_read_everything(&self, row: &Row, args: &[&[u8]]) -> bool {
        let mut permissions = std::iter::once(&self.root).chain(&self.selectors);
        permissions.any(|it| {
            let mut keys = it.keys.iter();
            let all = it.all_keys || keys.any(|pattern| pattern.read && pattern.glob == b"*");
            all && it.allow(row, args).is_ok()
        })
    }

    /// As `ACL LIST` tells it, after the name.
    pub fn description(&self) -> String {
        let mut words = vec![if self.on { "on" } else { "off" }.to_owned()];
        if self.nopass {
            words.push("nopass".to_owned());
        }
        words.extend(self.sanitizes_text().map(str::to_owned));
        words.extend(self.passwords.iter().map(|hash| format!("#{}", hex(hash))));
        words.push(self.root.description());
        let selectors = self.selectors.iter();
        words.extend(selectors.map(|selector| format!("({})", selector.description())));
        words.join(" ")
    }
}

impl User {
    /// The rule that said so.
    pub fn sanitizes_text(&self) -> Option<&'static str> {
        self.sanitizes.map(|sanitizes| {
            if sanitizes {
                "sanitize-payload"
            } else {
                "skip-sanitize-payload"
            }
        })
    }
}

impl Permissions {
    pub fn nothing() -> Permissions {
        Permissions {
            commands: vec![false; Table::get().rows().len()],
            ..Permissions::default()
        }
    }

    pub fn everything() -> Permissions {
        Permissions {
            commands: vec![true; Table::get().rows().len()],
            all_commands: true,
            future_commands: true,
            all_keys: true,
            all_channels: true,
            ..Permissions::default()
        }
    }

    fn allow(&self, row: &Row, args: &[&[u8]]) -> Result<(), (Refused, usize)> {
        if !self.allows_command(row, args) {
            return Err((Refused::Command, 0));
        }
        if !self.all_keys {
            for (at, flags) in row.accesses(args) {
                let reads = flags & ACCESS != 0;
                let writes = flags & (INSERT | DELETE | UPDATE) != 0;
                let mut patterns = self.keys.iter();
                let allowed = patterns.any(|pattern| {
                    (pattern.read || !reads)
                        && (pattern.write || !writes)
                        && glob::matches(&pattern.glob, args[at])
                });
                if !allowed {
                    return Err((Refused::Key, at));
                }
            }
        }
        if self.all_channels {
            Ok(())
        } else {
            self.allow_channels(row, args)
        }
    }

    fn allows_command(&self, row: &Row, args: &[&[u8]]) -> bool {
        // Who may authenticate is not yet who he is.
        if row.command.has(super::table::NO_AUTH) || self.commands.get(row.id) == Some(&true) {
            return true;
        }
        let Some(first) = args.get(1 + usize::from(row.is_subcommand)) else {
            return false;
        };
        let mut arguments = self.first_arguments.iter();
        arguments.any(|(id, argument)| *id == row.id && argument.eq_ignore_ascii_case(first))
    }

    fn allow_channels(&self, row: &Row, args: &[&[u8]]) -> Result<(), (Refused, usize)> {
        let (last, literally) = match row.command.name {
            "publish" | "spublish" => (1, false),
            "subscribe" | "ssubscribe" => (args.len() - 1, false),
            // A pattern must be the very pattern that is allowed.
            "psubscribe" => (args.len() - 1, true),
            _ => return Ok(()),
        };
        for (at, channel) in args.iter().enumerate().take(last + 1).skip(1) {
            let allowed = self.channels.iter().any(|pattern| {
                if literally {
                    pattern == channel
                } else {
                    glob::matches(pattern, channel)
                }
            });
            if !allowed {
                return Err((Refused::Channel, at));
            }
        }
        Ok(())
    }

    /// Whether a name or pattern that is being heard may be heard still.
    pub fn may_hear(&self, channel: &[u8], is_pattern: bool) -> bool {
        self.all_channels
            || self.channels.iter().any(|pattern| {
                if is_pattern {
                    pattern == channel
                } else {
                    glob::matches(pattern, channel)
                }
            })
    }

    /// The key patterns, as `ACL GETUSER` tells them.
    pub fn keys_text(&self) -> String {
        if self.all_keys {
            return "~*".to_owned();
        }
        let patterns = self.keys.iter().map(|pattern| {
            let glob = String::from_utf8_lossy(&pattern.glob);
            match (pattern.read, pattern.write) {
                (true, true) => format!("~{glob}"),
                (true, false) => format!("%R~{glob}"),
                (false, _) => format!("%W~{glob}"),
            }
        });
        patterns.collect::<Vec<_>>().join(" ")
    }

    /// The channel patterns, as `ACL GETUSER` tells them.
    pub fn channels_text(&self) -> String {
        if self.all_channels {
            return "&*".to_owned();
        }
        let patterns = self.channels.iter();
        let patterns = patterns.map(|glob| format!("&{}", String::from_utf8_lossy(glob)));
        patterns.collect::<Vec<_>>().join(" ")
    }

    fn description(&self) -> String {
        let mut words = Vec::new();
        let keys = self.keys_text();
        if !keys.is_empty() {
            words.push(keys);
        }
        match self.channels_text() {
            channels if self.all_channels => words.push(channels),
            channels if channels.is_empty() => words.push("resetchannels".to_owned()),
            channels => words.push(format!("resetchannels {channels}")),
        }
        words.push(self.commands_text());
        words.join(" ")
    }
}

pub fn sha256(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
