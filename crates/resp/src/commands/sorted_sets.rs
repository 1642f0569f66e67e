//! Members in the order of their scores.
pub(super) mod adding;
mod blocking;
mod combining;
mod ranges;
mod reading;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::number;
use super::super::table::category::SORTED_SET;
use super::super::table::{
    BLOCKING, Command, DENYOOM, FAST, Keys, MOVABLEKEYS, NOSCRIPT, Positions, READONLY, TELLS,
    WRITE, Writes, counted,
};
use bytes::Bytes;
use maru_cache::{Between, Txn};
use std::ops::Bound;

const GROW: u32 = WRITE | DENYOOM;
/// A number of keys, then the keys.
const COUNTED: Keys = Keys::NONE.found(|args, found| counted(args, 1, found));
/// The target, a number of keys, the keys.
const STORE: Keys = Keys::ONE.found(stored).writing(Writes::First);

fn stored(args: &[&[u8]], found: &mut Positions) {
    if args.len() > 2 {
        found.push(1);
        counted(args, 2, found);
    }
}

pub const COMMANDS: &[Command] = &[
    Command::keyed(
        "bzmpop",
        -5,
        WRITE | BLOCKING | MOVABLEKEYS | TELLS,
        Keys::NONE.found(|args, found| counted(args, 2, found)),
        blocking::bzmpop,
    )
    .of(SORTED_SET)
    .says(
        "7.0.0",
        "Takes members from the first sorted set that has some, waiting for them.",
    )
    .written("timeout:double numkeys key... (MIN|MAX) [COUNT count]"),
    Command::keyed(
        "bzpopmax",
        -3,
        WRITE | NOSCRIPT | FAST | BLOCKING | TELLS,
        Keys::range(1, -2, 1),
        |call, txn| blocking::bzpop(call, txn, true),
    )
    .of(SORTED_SET)
    .says(
        "5.0.0",
        "Takes the member with the highest score, waiting for one.",
    )
    .written("key... timeout:double"),
    Command::keyed(
        "bzpopmin",
        -3,
        WRITE | NOSCRIPT | FAST | BLOCKING | TELLS,
        Keys::range(1, -2, 1),
        |call, txn| blocking::bzpop(call, txn, false),
    )
    .of(SORTED_SET)
    .says(
        "5.0.0",
        "Takes the member with the lowest score, waiting for one.",
    )
    .written("key... timeout:double"),
    Command::keyed("zadd", -4, GROW | FAST, Keys::ONE, adding::zadd)
        .of(SORTED_SET)
        .says("1.2.0", "Gives members scores.")
        .written("key [NX|XX] [GT|LT] [CH] [INCR] {score member}..."),
    Command::keyed("zcard", 2, READONLY | FAST, Keys::ONE, reading::zcard)
        .of(SORTED_SET)
        .says("1.2.0", "How many members a sorted set has.")
        .written("key"),
    Command::keyed("zcount", 4, READONLY | FAST, Keys::ONE, reading::zcount)
        .of(SORTED_SET)
        .says("2.0.0", "How many members have scores within a range.")
        .written("key min:double max:double"),
    Command::keyed("zdiff", -3, READONLY | MOVABLEKEYS, COUNTED, |call, txn| {
        combining::show(call, txn, combining::SetOperation::Diff)
    })
    .of(SORTED_SET)
    .says(
        "6.2.0",
        "Members of the first sorted set that are in none of the others.",
    )
    .written("numkeys key... [WITHSCORES]"),
    Command::keyed("zdiffstore", -4, GROW | MOVABLEKEYS, STORE, |call, txn| {
        combining::store(call, txn, combining::SetOperation::Diff, "zdiffstore")
    })
    .of(SORTED_SET)
    .says("6.2.0", "Keeps what ZDIFF answers in a key.")
    .written("destination numkeys key..."),
    Command::keyed(
        "zincrby",
        4,
        GROW | FAST | TELLS,
        Keys::ONE,
        adding::zincrby,
    )
    .of(SORTED_SET)
    .says("1.2.0", "Adds to the score of a member.")
    .written("key increment member"),
    Command::keyed(
        "zinter",
        -3,
        READONLY | MOVABLEKEYS,
        COUNTED,
        |call, txn| combining::show(call, txn, combining::SetOperation::Inter),
    )
    .of(SORTED_SET)
    .says("6.2.0", "Members of all sorted sets.")
    .written(
        "numkeys key... [WEIGHTS weight...] [AGGREGATE (SUM|MIN|MAX)] \
             [WITHSCORES]",
    ),
    Command::keyed(
        "zintercard",
        -3,
        READONLY | MOVABLEKEYS,
        COUNTED,
        combining::zintercard,
    )
    .of(SORTED_SET)
    .says("7.0.0", "How many members all sorted sets have in common.")
    .written("numkeys key... [LIMIT limit]"),
    Command::keyed("zinterstore", -4, GROW | MOVABLEKEYS, STORE, |call, txn| {
        combining::store(call, txn, combining::SetOperation::Inter, "zinterstore")
    })
    .of(SORTED_SET)
    .says("2.0.0", "Keeps what ZINTER answers in a key.")
    .written(
        "destination numkeys key... [WEIGHTS weight...] [AGGREGATE \
             (SUM|MIN|MAX)]",
    ),
    Command::keyed(
        "zlexcount",
        4,
        READONLY | FAST,
        Keys::ONE,
        reading::zlexcount,
    )
    .of(SORTED_SET)
    .says("2.8.9", "How many members have names within a range.")
    .written("key min max"),
    Command::keyed(
        "zmpop",
        -4,
        WRITE | MOVABLEKEYS | TELLS,
        COUNTED,
        blocking::zmpop,
    )
    .of(SORTED_SET)
    .says(
        "7.0.0",
        "Takes members from the first sorted set that has some.",
    )
    .written("numkeys key... (MIN|MAX) [COUNT count]"),
    Command::keyed("zmscore", -3, READONLY | FAST, Keys::ONE, reading::zmscore)
        .of(SORTED_SET)
        .says("6.2.0", "The scores of several members.")
        .written("key member..."),
    Command::keyed(
        "zpopmax",
        -2,
        WRITE | FAST | TELLS,
        Keys::ONE,
        |call, txn| blocking::zpop(call, txn, true),
    )
    .of(SORTED_SET)
    .says("5.0.0", "Takes members with the highest scores.")
    .written("key [count]"),
    Command::keyed(
        "zpopmin",
        -2,
        WRITE | FAST | TELLS,
        Keys::ONE,
        |call, txn| blocking::zpop(call, txn, false),
    )
    .of(SORTED_SET)
    .says("5.0.0", "Takes members with the lowest scores.")
    .written("key [count]"),
    Command::keyed("zrandmember", -2, READONLY, Keys::ONE, reading::zrandmember)
        .of(SORTED_SET)
        .says("6.2.0", "Some members, any.")
        .written("key [count [WITHSCORES]]"),
    Command::keyed("zrange", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::ZRANGE)
    })
    .of(SORTED_SET)
    .says("1.2.0", "Members within a range of ranks, scores or names.")
    .written(
        "key start stop [BYSCORE|BYLEX] [REV] [LIMIT {offset count}] \
             [WITHSCORES]",
    ),
    Command::keyed("zrangebylex", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::BY_LEX)
    })
    .of(SORTED_SET)
    .says("2.8.9", "Members with names within a range.")
    .written("key min max [LIMIT {offset count}]"),
    Command::keyed("zrangebyscore", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::BY_SCORE)
    })
    .of(SORTED_SET)
    .says("1.0.5", "Members with scores within a range.")
    .written("key min:double max:double [WITHSCORES] [LIMIT {offset count}]"),
    Command::keyed(
        "zrangestore",
        -5,
        GROW,
        Keys::TWO.writing(Writes::First),
        ranges::zrangestore,
    )
    .of(SORTED_SET)
    .says("6.2.0", "Keeps what ZRANGE answers in a key.")
    .written("dst src min max [BYSCORE|BYLEX] [REV] [LIMIT {offset count}]"),
    Command::keyed("zrank", 3, READONLY | FAST, Keys::ONE, |call, txn| {
        reading::zrank(call, txn, false)
    })
    .of(SORTED_SET)
    .says("2.0.0", "How many members have lower scores.")
    .written("key member"),
    Command::keyed("zrem", -3, WRITE | FAST, Keys::ONE, zrem)
        .of(SORTED_SET)
        .says("1.2.0", "Removes members.")
        .written("key member..."),
    Command::keyed("zremrangebylex", 4, WRITE, Keys::ONE, |call, txn| {
        let between = names(call, 2, 3)?;
        removed(call, txn, between)
    })
    .of(SORTED_SET)
    .says("2.8.9", "Removes members with names within a range.")
    .written("key min max"),
    Command::keyed("zremrangebyrank", 4, WRITE, Keys::ONE, |call, txn| {
        let between = Between::Ranks(call.integer(2)?, call.integer(3)?);
        removed(call, txn, between)
    })
    .of(SORTED_SET)
    .says("2.0.0", "Removes members within a range of ranks.")
    .written("key start:integer stop:integer"),
    Command::keyed("zremrangebyscore", 4, WRITE, Keys::ONE, |call, txn| {
        let between = scores(call, 2, 3)?;
        removed(call, txn, between)
    })
    .of(SORTED_SET)
    .says("1.2.0", "Removes members with scores within a range.")
    .written("key min:double max:double"),
    Command::keyed("zrevrange", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::REVERSED)
    })
    .of(SORTED_SET)
    .says(
        "1.2.0",
        "Members within a range of ranks, from the highest score down.",
    )
    .written("key start:integer stop:integer [WITHSCORES]"),
    Command::keyed("zrevrangebylex", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::REVERSED_BY_LEX)
    })
    .of(SORTED_SET)
    .says(
        "2.8.9",
        "Members with names within a range, from the last one down.",
    )
    .written("key max min [LIMIT {offset count}]"),
    Command::keyed("zrevrangebyscore", -4, READONLY, Keys::ONE, |call, txn| {
        ranges::range(call, txn, ranges::REVERSED_BY_SCORE)
    })
    .of(SORTED_SET)
    .says(
        "2.2.0",
        "Members with scores within a range, from the highest down.",
    )
    .written("key max:double min:double [WITHSCORES] [LIMIT {offset count}]"),
    Command::keyed("zrevrank", 3, READONLY | FAST, Keys::ONE, |call, txn| {
        reading::zrank(call, txn, true)
    })
    .of(SORTED_SET)
    .says("2.0.0", "How many members have higher scores.")
    .written("key member"),
    Command::keyed("zscan", -3, READONLY, Keys::ONE, reading::zscan)
        .of(SORTED_SET)
        .says("2.8.0", "Goes through all members, page by page.")
        .written("key cursor [MATCH pattern] [COUNT count]"),
    Command::keyed("zscore", 3, READONLY | FAST, Keys::ONE, reading::zscore)
        .of(SORTED_SET)
        .says("1.2.0", "The score of a member.")
        .written("key member"),
    Command::keyed(
        "zunion",
        -3,
        READONLY | MOVABLEKEYS,
        COUNTED,
        |call, txn| combining::show(call, txn, combining::SetOperation::Union),
    )
    .of(SORTED_SET)
    .says("6.2.0", "Members of any of the sorted sets.")
    .written(
        "numkeys key... [WEIGHTS weight...] [AGGREGATE (SUM|MIN|MAX)] \
             [WITHSCORES]",
    ),
    Command::keyed("zunionstore", -4, GROW | MOVABLEKEYS, STORE, |call, txn| {
        combining::store(call, txn, combining::SetOperation::Union, "zunionstore")
    })
    .of(SORTED_SET)
    .says("2.0.0", "Keeps what ZUNION answers in a key.")
    .written(
        "destination numkeys key... [WEIGHTS weight...] [AGGREGATE \
             (SUM|MIN|MAX)]",
    ),
];

fn zrem(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let removed = txn.zrem(call.args[1], &call.args[2..])?;
    call.out.integer(removed as i64);
    Ok(())
}

fn removed(call: &mut Call<'_>, txn: &mut Txn<'_>, between: Between<'_>) -> Answer {
    let removed = txn.zremrange(call.args[1], between)?;
    call.out.count(removed);
    Ok(())
}

/// A range of scores from two arguments: `(` excludes.
fn scores<'a>(call: &Call<'a>, low: usize, high: usize) -> Result<Between<'a>, Failure> {
    let bound = |at: usize| {
        let text = call.args[at];
        let (text, excluded) = match text.strip_prefix(b"(") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let score = number::loose_float(text);
        let score = score.ok_or(Failure::new("ERR min or max is not a float"))?;
        Ok::<_, Failure>(if excluded {
            Bound::Excluded(score)
        } else {
            Bound::Included(score)
        })
    };
    Ok(Between::Scores(bound(low)?, bound(high)?))
}

/// A range of names from two arguments: `[` includes, `(` excludes, `-` and `+` are the ends.
fn names<'a>(call: &Call<'a>, low: usize, high: usize) -> Result<Between<'a>, Failure> {
    const WRONG: Failure = Failure::new("ERR min or max not valid string range item");
    let (low, high) = (call.args[low], call.args[high]);
    let bound = |text: &'a [u8]| match text {
        [b'[', name @ ..] => Ok(Bound::Included(name)),
        [b'(', name @ ..] => Ok(Bound::Excluded(name)),
        b"-" | b"+" => Ok(Bound::Unbounded),
        _ => Err(WRONG),
    };
    let (from, to) = (bound(low)?, bound(high)?);
    // Nothing lies after the end or before the beginning.
    if low == b"+" || high == b"-" {
        return Ok(Between::Ranks(1, 0));
    }
    Ok(Between::Names(from, to))
}

/// Members, with scores in pairs where the protocol has pairs.
fn pairs(call: &mut Call<'_>, pairs: &[(Bytes, f64)], with_scores: bool) {
    let nested = with_scores && call.out.is_resp3();
    call.out.array(if with_scores && !nested {
        pairs.len() * 2
    } else {
        pairs.len()
    });
    for (member, score) in pairs {
        if nested {
            call.out.array(2);
        }
        call.out.bulk(member);
        if with_scores {
            call.out.double(*score);
        }
    }
}
