//! The command table: one file for each noun, each with its rows.
mod acl;
mod bitmaps;
mod client;
mod cluster;
mod connection;
mod drawing;
mod dump;
mod geo;
mod hashes;
mod hyperloglog;
mod keys;
mod lists;
mod paging;
mod pubsub;
mod scripting;
mod server;
mod sets;
mod several;
mod sorted_sets;
mod sorting;
mod streams;
mod strings;
mod transactions;

pub use client::client_line;

use super::call::Call;
use super::failure::Answer;
use super::table::Command;

/// All commands, by group.
pub const NOUNS: &[(&str, &[Command])] = &[
    ("connection", connection::COMMANDS),
    ("generic", keys::COMMANDS),
    ("generic", sorting::COMMANDS),
    ("generic", dump::COMMANDS),
    ("string", strings::COMMANDS),
    ("bitmap", bitmaps::COMMANDS),
    ("geo", geo::COMMANDS),
    ("hyperloglog", hyperloglog::COMMANDS),
    ("hash", hashes::COMMANDS),
    ("list", lists::COMMANDS),
    ("set", sets::COMMANDS),
    ("sorted-set", sorted_sets::COMMANDS),
    ("stream", streams::COMMANDS),
    ("pubsub", pubsub::COMMANDS),
    ("transactions", transactions::COMMANDS),
    ("scripting", scripting::COMMANDS),
    ("server", server::COMMANDS),
    ("cluster", cluster::COMMANDS),
];

/// As [`help`], from the table.
fn help_of(call: &mut Call<'_>, name: &str, subcommands: &[Command]) -> Answer {
    let names: Vec<String> = subcommands
        .iter()
        .map(|row| row.name.to_ascii_uppercase())
        .collect();
    let lines: Vec<(&str, &str)> = names
        .iter()
        .zip(subcommands)
        .filter(|(_, row)| row.name != "help")
        .map(|(name, row)| (name.as_str(), row.summary))
        .collect();
    help(call, name, &lines)
}

/// Answers what the subcommands of a command do.
fn help(call: &mut Call<'_>, name: &str, lines: &[(&str, &str)]) -> Answer {
    call.out.array(lines.len() * 2 + 3);
    call.out.simple(&format!(
        "{name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
    ));
    for (form, sentence) in lines.iter().chain(&[("HELP", "Prints this help.")]) {
        call.out.simple(form);
        call.out.simple(&format!("    {sentence}"));
    }
    Ok(())
}
