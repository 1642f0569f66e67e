//! Entries one after the other, and groups of readers.
mod adding;
mod claiming;
mod groups;
mod ids;
mod info;
mod pending;
mod reading;

use super::super::call::Call;
use super::super::failure::Answer;
use super::super::table::category::STREAM;
use super::super::table::{
    BLOCKING, Command, DENYOOM, FAST, Keys, LOADING, MOVABLEKEYS, Positions, READONLY, STALE, WRITE,
};
use maru_cache::{Fields, StreamId, Txn};

const GROW: u32 = WRITE | DENYOOM;
/// One key after the subcommand.
const SECOND: Keys = Keys::range(2, 2, 1);

pub const COMMANDS: &[Command] = &[
    Command::keyed("xack", -4, WRITE | FAST, Keys::ONE, pending::xack)
        .of(STREAM)
        .says("5.0.0", "Acknowledges entries that a group handed out.")
        .written("key group id..."),
    Command::keyed("xadd", -5, GROW | FAST, Keys::ONE, adding::xadd)
        .of(STREAM)
        .says("5.0.0", "Adds an entry to a stream.")
        .written(
            "key [NOMKSTREAM] [(MAXLEN|MINID) [=|~] threshold [LIMIT count]] \
             (*|id) {field value}...",
        ),
    Command::keyed(
        "xautoclaim",
        -6,
        WRITE | FAST,
        Keys::ONE,
        claiming::xautoclaim,
    )
    .of(STREAM)
    .says(
        "6.2.0",
        "Takes over entries that others hold for too long, page by page.",
    )
    .written("key group consumer min-idle-time start [COUNT count] [JUSTID]"),
    Command::keyed("xclaim", -6, WRITE | FAST, Keys::ONE, claiming::xclaim)
        .of(STREAM)
        .says("5.0.0", "Takes over entries that others hold.")
        .written(
            "key group consumer min-idle-time id... [IDLE ms] [TIME \
             unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] \
             [LASTID id]",
        ),
    Command::keyed("xdel", -3, WRITE | FAST, Keys::ONE, adding::xdel)
        .of(STREAM)
        .says("5.0.0", "Removes entries.")
        .written("key id..."),
    Command::family("xgroup", GROUP).says("5.0.0", "Groups of readers."),
    Command::family("xinfo", INFO).says("5.0.0", "Questions about streams and groups."),
    Command::keyed("xlen", 2, READONLY | FAST, Keys::ONE, xlen)
        .of(STREAM)
        .says("5.0.0", "How many entries a stream has.")
        .written("key"),
    Command::keyed("xpending", -3, READONLY, Keys::ONE, pending::xpending)
        .of(STREAM)
        .says("5.0.0", "What a group handed out and nobody acknowledged.")
        .written("key group [[IDLE min-idle-time] start end count [consumer]]"),
    Command::keyed("xrange", -4, READONLY, Keys::ONE, |call, txn| {
        reading::range(call, txn, false)
    })
    .of(STREAM)
    .says("5.0.0", "Entries from one id to another.")
    .written("key start end [COUNT count]"),
    Command::keyed(
        "xread",
        -4,
        READONLY | BLOCKING | MOVABLEKEYS,
        Keys::NONE.found(after_streams),
        reading::xread,
    )
    .of(STREAM)
    .says(
        "5.0.0",
        "Entries after given ids, of several streams, waiting for them.",
    )
    .written("[COUNT count] [BLOCK milliseconds] STREAMS {key... id...}"),
    Command::keyed(
        "xreadgroup",
        -7,
        WRITE | BLOCKING | MOVABLEKEYS,
        Keys::NONE.found(after_streams),
        reading::xreadgroup,
    )
    .of(STREAM)
    .says(
        "5.0.0",
        "Entries that are new to a group, handed out to one of its consumers.",
    )
    .written(
        "GROUP {group consumer} [COUNT count] [BLOCK milliseconds] [NOACK] \
             STREAMS {key... id...}",
    ),
    Command::keyed("xrevrange", -4, READONLY, Keys::ONE, |call, txn| {
        reading::range(call, txn, true)
    })
    .of(STREAM)
    .says("5.0.0", "Entries from one id down to another.")
    .written("key end start [COUNT count]"),
    Command::keyed("xsetid", -3, GROW | FAST, Keys::ONE, adding::xsetid)
        .of(STREAM)
        .says("5.0.0", "Sets the last id of a stream.")
        .written(
            "key last-id [ENTRIESADDED entries_added] [MAXDELETEDID \
             max_deleted_entry_id]",
        ),
    Command::keyed("xtrim", -4, WRITE, Keys::ONE, adding::xtrim)
        .of(STREAM)
        .says("5.0.0", "Removes the oldest entries.")
        .written("key (MAXLEN|MINID) [=|~] threshold [LIMIT count]"),
];

const GROUP: &[Command] = &[
    Command::keyed("create", -5, GROW, SECOND, groups::create)
        .of(STREAM)
        .says("5.0.0", "Makes a group.")
        .written("key groupname (id|$) [MKSTREAM] [ENTRIESREAD entries_read]"),
    Command::keyed("createconsumer", 5, GROW, SECOND, groups::create_consumer)
        .of(STREAM)
        .says("6.2.0", "Makes a consumer of a group.")
        .written("key groupname consumername"),
    Command::keyed("delconsumer", 5, WRITE, SECOND, groups::delete_consumer)
        .of(STREAM)
        .says(
            "5.0.0",
            "Removes a consumer of a group with all that it holds.",
        )
        .written("key groupname consumername"),
    Command::keyed("destroy", 4, WRITE, SECOND, groups::destroy)
        .of(STREAM)
        .says("5.0.0", "Removes a group.")
        .written("key groupname"),
    Command::plain("help", 2, LOADING | STALE, |call| {
        super::help_of(call, "XGROUP", GROUP)
    })
    .of(STREAM)
    .says("5.0.0", "Prints this help."),
    Command::keyed("setid", -5, WRITE, SECOND, groups::set_id)
        .of(STREAM)
        .says("5.0.0", "Puts a group elsewhere in its stream.")
        .written("key groupname (id|$) [ENTRIESREAD entries_read]"),
];

const INFO: &[Command] = &[
    Command::keyed("consumers", 4, READONLY, SECOND, info::consumers)
        .of(STREAM)
        .says("5.0.0", "The consumers of a group.")
        .written("key groupname"),
    Command::keyed("groups", 3, READONLY, SECOND, info::groups)
        .of(STREAM)
        .says("5.0.0", "The groups of a stream.")
        .written("key"),
    Command::plain("help", 2, LOADING | STALE, |call| {
        super::help_of(call, "XINFO", INFO)
    })
    .of(STREAM)
    .says("5.0.0", "Prints this help."),
    Command::keyed("stream", -3, READONLY, SECOND, info::stream)
        .of(STREAM)
        .says("5.0.0", "What is known about a stream.")
        .written("key [FULL [COUNT count]]"),
];

/// The first half of what follows `STREAMS`.
fn after_streams(args: &[&[u8]], found: &mut Positions) {
    let Some(at) = args
        .iter()
        .position(|arg| arg.eq_ignore_ascii_case(b"STREAMS"))
    else {
        return;
    };
    let rest = args.len() - at - 1;
    if rest.is_multiple_of(2) {
        found.extend(at + 1..=at + rest / 2);
    }
}

fn xlen(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let length = txn.stream(call.args[1])?.map_or(0, maru_cache::Stream::len);
    call.out.count(length);
    Ok(())
}

fn id(call: &mut Call<'_>, id: StreamId) {
    call.out.bulk(id.to_string().as_bytes());
}

fn entry(call: &mut Call<'_>, at: StreamId, fields: Fields<'_>) {
    call.out.array(2);
    id(call, at);
    call.out.array(fields.count());
    for item in fields.items() {
        call.out.bulk(item);
    }
}
