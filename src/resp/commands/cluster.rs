//! Redis Cluster: this server is alone, and says so as Redis does.

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::CONNECTION;
use super::super::table::{Command, FAST, LOADING, STALE};

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

const CLUSTER: &[Command] = &[
    Command::plain("info", 2, STALE, alone).says("3.0.0", "Refused: there is no cluster."),
    Command::plain("keyslot", 3, STALE, alone).says("3.0.0", "Refused: there is no cluster."),
    Command::plain("links", 2, STALE, alone).says("7.0.0", "Refused: there is no cluster."),
    Command::plain("myid", 2, STALE, alone).says("3.0.0", "Refused: there is no cluster."),
    Command::plain("nodes", 2, STALE, alone).says("3.0.0", "Refused: there is no cluster."),
    Command::plain("shards", 2, STALE, alone).says("7.0.0", "Refused: there is no cluster."),
    Command::plain("slots", 2, STALE, alone).says("3.0.0", "Refused: there is no cluster."),
];

fn alone(_: &mut Call<'_>) -> Answer {
    Err(Failure::new(
        "ERR This instance has cluster support disabled",
    ))
}
