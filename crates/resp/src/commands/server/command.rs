//! COMMAND: the table, told.

use super::super::super::access::{self, Begin, Find, Spec};
use super::super::super::call::Call;
use super::super::super::dispatch;
use super::super::super::failure::{Answer, Failure};
use super::super::super::index::{Row, Table};
use super::super::super::out::Out;
use super::super::super::syntax;
use super::super::super::table::category::CONNECTION;
use super::super::super::table::{
    CATEGORY_NAMES, Command, FLAG_NAMES, LOADING, NO_MANDATORY_KEYS, STALE,
};
use maru_cache::glob;

const FLAGS: u32 = LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("count", 2, FLAGS, count)
        .of(CONNECTION)
        .says("2.8.13", "How many commands there are."),
    Command::plain("docs", -2, FLAGS, docs)
        .of(CONNECTION)
        .says("7.0.0", "What commands do.")
        .written("[command-name...]"),
    Command::plain("getkeys", -4, FLAGS, getkeys)
        .of(CONNECTION)
        .says("2.8.13", "The keys of a request."),
    Command::plain("getkeysandflags", -4, FLAGS, getkeysandflags)
        .of(CONNECTION)
        .says(
            "7.0.0",
            "The keys of a request, and what is done with them.",
        ),
    Command::plain("help", 2, FLAGS, help)
        .of(CONNECTION)
        .says("5.0.0", "What the subcommands do."),
    Command::plain("info", -2, FLAGS, info)
        .of(CONNECTION)
        .says("2.8.13", "What is known of some commands.")
        .written("[command-name...]"),
    Command::plain("list", -2, FLAGS, list)
        .of(CONNECTION)
        .says("7.0.0", "The names of commands.")
        .written("[FILTERBY (MODULE module-name|ACLCAT category|PATTERN pattern)]"),
];

pub fn all(call: &mut Call<'_>) -> Answer {
    let rows: Vec<&Row> = Table::get().commands().collect();
    call.out.array(rows.len());
    for row in rows {
        describe(call.out, row);
    }
    Ok(())
}

fn count(call: &mut Call<'_>) -> Answer {
    call.out.count(Table::get().commands().count());
    Ok(())
}

fn named(name: &[u8]) -> Option<&'static Row> {
    Table::get().named(name)
}

fn info(call: &mut Call<'_>) -> Answer {
    if call.args.len() == 2 {
        return all(call);
    }
    call.out.array(call.args.len() - 2);
    for name in &call.args[2..] {
        match named(name) {
            Some(row) => describe(call.out, row),
            None => call.out.null_array(),
        }
    }
    Ok(())
}

fn describe(out: &mut Out, row: &Row) {
    let command = row.command;
    let table = Table::get();
    let subcommands = table.subcommands(row);
    out.array(10);
    out.bulk(row.full_name.as_bytes());
    out.integer(command.arity.into());
    let flags = FLAG_NAMES.iter().filter(|(flag, _)| command.has(*flag));
    let flags: Vec<&str> = flags.map(|(_, name)| *name).collect();
    out.set(flags.len());
    for flag in flags {
        out.simple(flag);
    }
    for number in [command.keys.first, command.keys.last, command.keys.step] {
        out.integer(number.into());
    }
    let all = command.all_categories();
    let categories = CATEGORY_NAMES.iter().filter(|(bit, _)| all & bit != 0);
    let categories: Vec<&str> = categories.map(|(_, name)| *name).collect();
    out.set(categories.len());
    for category in categories {
        out.simple(&format!("@{category}"));
    }
    out.array(row.tips.len());
    for tip in row.tips {
        out.simple(tip);
    }
    out.set(row.specs.len());
    for spec in &row.specs {
        key_specification(out, spec);
    }
    out.array(subcommands.len());
    for sub in subcommands {
        describe(out, sub);
    }
}

/// Where the keys stand, as cluster clients read it.
fn key_specification(out: &mut Out, spec: &Spec) {
    out.map(3);
    out.bulk(b"flags");
    flags(out, spec.flags);
    out.bulk(b"begin_search");
    match spec.begin {
        Begin::At(at) => numbers(out, "index", &[("index", at)]),
        Begin::Elsewhere => numbers(out, "unknown", &[]),
        Begin::After(word, from) => {
            out.map(2);
            out.bulk(b"type");
            out.bulk(b"keyword");
            out.bulk(b"spec");
            out.map(2);
            out.bulk(b"keyword");
            out.bulk(word.as_bytes());
            out.bulk(b"startfrom");
            out.integer(from);
        }
    }
    out.bulk(b"find_keys");
    match spec.find {
        Find::Range(last, step, limit) => {
            let range = [("lastkey", last), ("keystep", step), ("limit", limit)];
            numbers(out, "range", &range);
        }
        Find::Counted(number, first, step) => {
            let counted = [
                ("keynumidx", number),
                ("firstkey", first),
                ("keystep", step),
            ];
            numbers(out, "keynum", &counted);
        }
        Find::Unknown => numbers(out, "unknown", &[]),
    }
}

fn numbers(out: &mut Out, kind: &str, numbers: &[(&str, i64)]) {
    out.map(2);
    out.bulk(b"type");
    out.bulk(kind.as_bytes());
    out.bulk(b"spec");
    out.map(numbers.len());
    for (name, number) in numbers {
        out.bulk(name.as_bytes());
        out.integer(*number);
    }
}

fn flags(out: &mut Out, flags: u16) {
    let names = access::FLAG_NAMES.iter();
    let names: Vec<&str> = names
        .filter(|(flag, _)| flags & flag != 0)
        .map(|(_, name)| *name)
        .collect();
    out.set(names.len());
    for name in names {
        out.simple(name);
    }
}

fn docs(call: &mut Call<'_>) -> Answer {
    let rows: Vec<&Row> = match call.args.len() {
        2 => Table::get().commands().collect(),
        _ => call.args[2..]
            .iter()
            .filter_map(|name| named(name))
            .collect(),
    };
    call.out.map(rows.len());
    for row in rows {
        document(call.out, row);
    }
    Ok(())
}

fn document(out: &mut Out, row: &Row) {
    let command = row.command;
    let subcommands = Table::get().subcommands(row);
    out.bulk(row.full_name.as_bytes());
    let arguments = syntax::arguments(command.syntax);
    let more = [!arguments.is_empty(), !subcommands.is_empty()];
    out.map(3 + more.into_iter().filter(|there| *there).count());
    out.bulk(b"summary");
    out.bulk(command.summary.as_bytes());
    out.bulk(b"since");
    out.bulk(command.since.as_bytes());
    out.bulk(b"group");
    out.bulk(row.group.as_bytes());
    if !arguments.is_empty() {
        out.bulk(b"arguments");
        syntax::write(out, &arguments, row.specs.len());
    }
    if !subcommands.is_empty() {
        out.bulk(b"subcommands");
        out.map(subcommands.len());
        for sub in subcommands {
            document(out, sub);
        }
    }
}

/// A request, and where its keys stand.
type Found<'c> = (&'c [&'c [u8]], access::Keys);

/// The positions of the keys in a request that stands behind COMMAND GETKEYS.
fn keys_of<'c>(call: &Call<'c>) -> Result<Found<'c>, Failure> {
    let request = &call.args[2..];
    let invalid = Failure::new("ERR Invalid command specified");
    let known = named(request[0]).is_some();
    let row = match dispatch::find(request) {
        Ok(row) => row,
        Err(_)
            if known
                && Table::get()
                    .find(request[0])
                    .is_some_and(|row| !row.command.takes(request.len())) =>
        {
            return Err(Failure::new(
                "ERR Invalid number of arguments specified for command",
            ));
        }
        Err(_) => return Err(invalid),
    };
    let keys = row.accesses(request);
    if keys.is_empty() {
        let can_have = row
            .specs
            .iter()
            .any(|spec| spec.flags & access::NOT_KEY == 0);
        return match can_have {
            true if row.command.has(NO_MANDATORY_KEYS) => Ok((request, keys)),
            true => Err(Failure::new("ERR Invalid arguments specified for command")),
            false => Err(Failure::new("ERR The command has no key arguments")),
        };
    }
    Ok((request, keys))
}

fn getkeys(call: &mut Call<'_>) -> Answer {
    let (request, keys) = keys_of(call)?;
    call.out.array(keys.len());
    for (at, _) in keys {
        call.out.bulk(request[at]);
    }
    Ok(())
}

fn getkeysandflags(call: &mut Call<'_>) -> Answer {
    let (request, keys) = keys_of(call)?;
    call.out.array(keys.len());
    for (at, access) in keys {
        call.out.array(2);
        call.out.bulk(request[at]);
        flags(call.out, access);
    }
    Ok(())
}

fn list(call: &mut Call<'_>) -> Answer {
    let rows = Table::get().rows().iter();
    let names: Vec<&str> = match call.args.len() {
        2 => rows.map(|row| row.full_name.as_str()).collect(),
        5 if call.is(2, "FILTERBY") && call.is(3, "ACLCAT") => {
            let wanted = call.args[4].to_ascii_lowercase();
            let bit = CATEGORY_NAMES
                .iter()
                .find(|(_, name)| name.as_bytes() == wanted)
                .map_or(0, |(bit, _)| *bit);
            rows.filter(|row| row.command.all_categories() & bit != 0)
                .map(|row| row.full_name.as_str())
                .collect()
        }
        5 if call.is(2, "FILTERBY") && call.is(3, "PATTERN") => {
            let pattern = call.args[4].to_ascii_lowercase();
            rows.filter(|row| glob::matches(&pattern, row.full_name.as_bytes()))
                .map(|row| row.full_name.as_str())
                .collect()
        }
        // There are no modules.
        5 if call.is(2, "FILTERBY") && call.is(3, "MODULE") => Vec::new(),
        _ => return Err(Failure::SYNTAX),
    };
    call.out.set(names.len());
    for name in names {
        call.out.bulk(name.as_bytes());
    }
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "COMMAND", SUBCOMMANDS)
}
