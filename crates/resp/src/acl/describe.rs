//! Permissions on commands, told as few rules as they come to.

use super::super::index::{Row, Table};
use super::super::table::CATEGORY_NAMES;
use super::Permissions;

impl Permissions {
    /// The rules on commands, as `ACL GETUSER` tells them: from nothing or from everything on, by
    /// the categories that fit best, then by single commands.
    pub fn commands_text(&self) -> String {
        let rows = Table::get().rows();
        let additive = !self.future_commands;
        let mut words = vec![if additive { "-@all" } else { "+@all" }.to_owned()];
        // What the words come to so far, and what is still to be said.
        let mut told = vec![!additive; rows.len()];
        let mut left = self.commands.clone();
        let mut applied = 0;
        while let Some((bit, name)) = best_category(&left, applied, additive) {
            applied |= bit;
            for row in rows.iter().filter(|row| has(row, bit)) {
                told[row.id] = additive;
                left[row.id] = !additive;
            }
            words.push(format!("{}@{name}", sign(additive)));
        }
        for row in rows {
            let allowed = self.commands[row.id];
            if allowed != told[row.id] {
                words.push(format!("{}{}", sign(allowed), row.full_name));
                told[row.id] = allowed;
                for sub in Table::get().subcommands(row) {
                    told[sub.id] = allowed;
                }
            }
            let arguments = self.first_arguments.iter();
            for (_, argument) in arguments.filter(|(id, _)| *id == row.id && !allowed) {
                let argument = String::from_utf8_lossy(argument);
                words.push(format!("+{}|{argument}", row.full_name));
            }
        }
        words.join(" ")
    }
}

fn sign(allowed: bool) -> char {
    if allowed { '+' } else { '-' }
}

fn has(row: &Row, bit: u32) -> bool {
    row.command.all_categories() & bit != 0
}

/// The category with the fewest commands too many; among those the one with the most.
fn best_category(left: &[bool], applied: u32, additive: bool) -> Option<(u32, &'static str)> {
    let mut best = None;
    let (mut least_wrong, mut most_right) = (usize::MAX, 0);
    for &(bit, name) in CATEGORY_NAMES {
        if applied & bit != 0 {
            continue;
        }
        let rows = Table::get().rows().iter().filter(|row| has(row, bit));
        let (right, wrong): (Vec<_>, Vec<_>) = rows.partition(|row| left[row.id] == additive);
        let (right, wrong) = (right.len(), wrong.len());
        if right > wrong && (wrong < least_wrong || wrong == least_wrong && right > most_right) {
            best = Some((bit, name));
            (least_wrong, most_right) = (wrong, right);
        }
    }
    best
}
