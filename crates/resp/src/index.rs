//! The table as it is looked up: rows by name, with their place in the ACL bitmaps.

use super::access::{SPECS, Spec, TIPS};
use super::commands::NOUNS;
use super::table::Command;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A command with what follows from the table as a whole.
#[derive(Debug)]
pub struct Row {
    pub command: &'static Command,
    /// Numbered from 0, subcommands too.
    pub id: usize,
    /// `get`, `client|list`.
    pub full_name: String,
    /// As `COMMAND DOCS` groups them.
    pub group: &'static str,
    /// Ids of subcommands.
    subcommands: std::ops::Range<usize>,
    pub is_subcommand: bool,
    /// Where its keys stand.
    pub specs: Vec<&'static Spec>,
    /// Hints for clients of clusters.
    pub tips: &'static [&'static str],
}

fn specs(name: &str) -> Vec<&'static Spec> {
    let has = |names: &str| names.split(' ').any(|other| other == name);
    let specs = SPECS.iter().filter(|(_, names)| has(names));
    specs.map(|(spec, _)| spec).collect()
}

fn tips(name: &str) -> &'static [&'static str] {
    let has = |names: &str| names.split(' ').any(|other| other == name);
    let mut tips = TIPS.iter().filter(|(_, names)| has(names));
    tips.next().map_or(&[], |(tips, _)| tips)
}

/// All rows.
pub struct Table {
    rows: Vec<Row>,
    by_name: HashMap<&'static [u8], usize, ahash::RandomState>,
}

/// No name is longer.
const MAX_NAME_BYTES: usize = 32;

impl Table {
    pub fn get() -> &'static Table {
        static TABLE: LazyLock<Table> = LazyLock::new(Table::new);
        &TABLE
    }

    fn new() -> Table {
        let mut table = Table {
            rows: Vec::new(),
            by_name: HashMap::default(),
        };
        for (group, commands) in NOUNS {
            for command in *commands {
                let id = table.rows.len();
                table.by_name.insert(command.name.as_bytes(), id);
                table.rows.push(Row {
                    command,
                    id,
                    full_name: command.name.to_owned(),
                    group,
                    subcommands: id + 1..id + 1 + command.subcommands.len(),
                    is_subcommand: false,
                    specs: specs(command.name),
                    tips: tips(command.name),
                });
                for sub in command.subcommands {
                    let full_name = format!("{}|{}", command.name, sub.name);
                    table.rows.push(Row {
                        command: sub,
                        id: table.rows.len(),
                        specs: specs(&full_name),
                        tips: tips(&full_name),
                        full_name,
                        group,
                        subcommands: 0..0,
                        is_subcommand: true,
                    });
                }
            }
        }
        table
    }

    /// All, each command followed by its subcommands.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Commands without the subcommands.
    pub fn commands(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.is_subcommand)
    }

    /// A command by its name in any case.
    pub fn find(&self, name: &[u8]) -> Option<&Row> {
        let mut lower = [0; MAX_NAME_BYTES];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        self.by_name.get(&*lower).map(|&id| &self.rows[id])
    }

    /// A command by `name` or `family|name`.
    pub fn named(&self, name: &[u8]) -> Option<&Row> {
        match name.iter().position(|byte| *byte == b'|') {
            None => self.find(name),
            Some(bar) => self.find_sub(self.find(&name[..bar])?, &name[bar + 1..]),
        }
    }

    /// A subcommand of a command.
    pub fn find_sub(&self, parent: &Row, name: &[u8]) -> Option<&Row> {
        self.subcommands(parent)
            .iter()
            .find(|row| name.eq_ignore_ascii_case(row.command.name.as_bytes()))
    }

    /// The subcommands of a command.
    pub fn subcommands(&self, parent: &Row) -> &[Row] {
        &self.rows[parent.subcommands.clone()]
    }
}
