//! Counting different elements in little memory, in Redis's own format: a key that one of the two
//! wrote can be read by the other.

mod debug;
mod registers;

use super::super::call::Call;
use super::super::failure::Answer;
use super::super::table::category::HYPERLOGLOG;
use super::super::table::{
    ADMIN, Command, DENYOOM, FAST, Keys, MAY_REPLICATE, READONLY, WRITE, Writes,
};
use maru_cache::{Happenings, Txn};
use registers::{DENSE, HEADER_BYTES, Registers, STALE, STALE_AT, keep_header, raise};

const GROW: u32 = WRITE | DENYOOM;

pub const COMMANDS: &[Command] = &[
    Command::keyed("pfadd", -2, GROW | FAST, Keys::ONE, pfadd)
        .of(HYPERLOGLOG)
        .says("2.8.9", "Adds elements to be counted.")
        .written("key [element...]"),
    Command::keyed("pfcount", -2, READONLY | MAY_REPLICATE, Keys::ALL, pfcount)
        .of(HYPERLOGLOG)
        .says("2.8.9", "How many different elements were added, roughly.")
        .written("key..."),
    Command::keyed(
        "pfdebug",
        3,
        GROW | ADMIN,
        Keys::range(2, 2, 1),
        debug::pfdebug,
    )
    .of(HYPERLOGLOG)
    .says("2.8.9", "What the registers hold, for tests.")
    .written("subcommand key"),
    Command::keyed(
        "pfmerge",
        -2,
        GROW,
        Keys::ALL.writing(Writes::First),
        pfmerge,
    )
    .of(HYPERLOGLOG)
    .says(
        "2.8.9",
        "Keeps what several have counted together in a key.",
    )
    .written("destkey sourcekey..."),
    Command::plain("pfselftest", 1, ADMIN, debug::pfselftest)
        .of(HYPERLOGLOG)
        .says("2.8.9", "Counts something that is known."),
];

fn pfadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let elements = &call.args[2..];
    let sparse_max_bytes = call.world.settings.hll_sparse_max_bytes;
    let changed = match txn.text(key)? {
        None => {
            let mut registers = Registers::new();
            elements.iter().for_each(|element| {
                registers.add(element);
            });
            txn.rewrite(key, &registers.bytes(sparse_max_bytes))?;
            true
        }
        Some(bytes) if bytes.get(4) == Some(&DENSE) => {
            // Looks at what it is, first.
            Registers::check(bytes)?;
            let mut packed = bytes[HEADER_BYTES..].to_vec();
            let raised: Vec<_> = elements
                .iter()
                .filter_map(|element| raise(&mut packed, element))
                .collect();
            // Only what has changed is written, and recorded.
            for range in &raised {
                txn.write(key, HEADER_BYTES + range.start, &packed[range.clone()])?;
            }
            if !raised.is_empty() {
                txn.write(key, STALE_AT, &[STALE])?;
            }
            !raised.is_empty()
        }
        Some(bytes) => {
            // Redis adds to what it would refuse to count.
            let (mut registers, rest) = Registers::read_up_to(bytes)?;
            let raised = elements
                .iter()
                .filter(|element| registers.add(element).is_some());
            let changed = raised.count() > 0;
            if changed {
                let bytes = registers.bytes_after(bytes, rest, sparse_max_bytes)?;
                txn.rewrite(key, &bytes)?;
            }
            changed
        }
    };
    if changed {
        txn.tell(Happenings::STRING, "pfadd", key);
    }
    call.out.integer(changed.into());
    Ok(())
}

fn pfcount(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    if let [_, key] = call.args {
        return count_one(call, txn, key);
    }
    let mut all = Registers::new();
    for key in &call.args[1..] {
        if let Some(bytes) = txn.text(key)? {
            all.merge(&Registers::read(bytes)?);
        }
    }
    call.out.integer(all.count() as i64);
    Ok(())
}

/// The count is kept beside the registers, until one of them is raised.
fn count_one(call: &mut Call<'_>, txn: &mut Txn<'_>, key: &[u8]) -> Answer {
    const COUNT: std::ops::Range<usize> = 8..HEADER_BYTES;
    let Some(bytes) = txn.text(key)? else {
        call.out.integer(0);
        return Ok(());
    };
    Registers::check(bytes)?;
    let kept = bytes[COUNT]
        .first_chunk()
        .map(|kept| u64::from_le_bytes(*kept));
    let count = match kept.filter(|_| bytes[STALE_AT] & STALE == 0) {
        Some(kept) => kept,
        None => {
            let count = Registers::read(bytes)?.count();
            txn.write(key, COUNT.start, &count.to_le_bytes())?;
            count
        }
    };
    call.out.integer(count as i64);
    Ok(())
}

fn pfmerge(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let mut all = Registers::new();
    let mut dense = false;
    for key in &call.args[1..] {
        if let Some(bytes) = txn.text(key)? {
            all.merge(&Registers::read(bytes)?);
            dense |= bytes[4] == DENSE;
        }
    }
    let sparse_max_bytes = if dense {
        0
    } else {
        call.world.settings.hll_sparse_max_bytes
    };
    let key = call.args[1];
    let mut bytes = all.bytes(sparse_max_bytes);
    if let Some(before) = txn.text(key)? {
        keep_header(&mut bytes, before);
    }
    txn.rewrite(key, &bytes)?;
    txn.tell(Happenings::STRING, "pfadd", key);
    call.out.ok();
    Ok(())
}
