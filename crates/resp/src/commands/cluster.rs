//! Redis Cluster: this server is alone, and says so as Redis does.

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::CONNECTION;
use super::super::table::{ADMIN, Command, FAST, LOADING, NO_ASYNC_LOADING, NOSCRIPT, STALE};

pub const COMMANDS: &[Command] = &[
    Command::plain("asking", 1, FAST, alone)
        .of(CONNECTION)
        .says("3.0.0", "Refused: there is no cluster."),
    Command::family("cluster", CLUSTER).says("3.0.0", "Refused: there is no cluster."),
    Command::plain("readonly", 1, LOADING | STALE | FAST, alone)
        .of(CONNECTION)
        .says("3.0.0", "Refused: there is no cluster."),
    Command::plain("readwrite", 1, LOADING | STALE | FAST, alone)
        .of(CONNECTION)
        .says("3.0.0", "Refused: there is no cluster."),
];

const CHANGES: u32 = ADMIN | STALE | NO_ASYNC_LOADING;

const fn part(name: &'static str, arity: i32, flags: u32, since: &'static str) -> Command {
    Command::plain(name, arity, flags, alone).says(since, "Refused: there is no cluster.")
}

const CLUSTER: &[Command] = &[
    part("addslots", -3, CHANGES, "3.0.0"),
    part("addslotsrange", -4, CHANGES, "7.0.0"),
    part("bumpepoch", 2, CHANGES, "3.0.0"),
    part("count-failure-reports", 3, ADMIN | STALE, "3.0.0"),
    part("countkeysinslot", 3, STALE, "3.0.0"),
    part("delslots", -3, CHANGES, "3.0.0"),
    part("delslotsrange", -4, CHANGES, "7.0.0"),
    part("failover", -2, CHANGES, "3.0.0"),
    part("flushslots", 2, CHANGES, "3.0.0"),
    part("forget", 3, CHANGES, "3.0.0"),
    part("getkeysinslot", 4, STALE, "3.0.0"),
    part("help", 2, LOADING | STALE, "5.0.0"),
    part("info", 2, STALE, "3.0.0"),
    part("keyslot", 3, STALE, "3.0.0"),
    part("links", 2, STALE, "7.0.0"),
    part("meet", -4, CHANGES, "3.0.0"),
    part("myid", 2, STALE, "3.0.0"),
    part("nodes", 2, STALE, "3.0.0"),
    part("replicas", 3, ADMIN | STALE, "5.0.0"),
    part("replicate", 3, CHANGES, "3.0.0"),
    part("reset", -2, ADMIN | STALE | NOSCRIPT, "3.0.0"),
    part("saveconfig", 2, CHANGES, "3.0.0"),
    part("set-config-epoch", 3, CHANGES, "3.0.0"),
    part("setslot", -4, CHANGES, "3.0.0"),
    part("shards", 2, STALE, "7.0.0"),
    part("slaves", 3, ADMIN | STALE, "3.0.0"),
    part("slots", 2, STALE, "3.0.0"),
];

fn alone(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR This instance has cluster support disabled",
    ))
}
