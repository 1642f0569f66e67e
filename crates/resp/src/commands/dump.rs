//! Keys as portable bytes, in the format of Redis's own dumps: what is written here, Redis 7.0
//! restores, and what Redis 6 and 7 write is restored here.
mod format;
mod packs;
mod stream;
mod value;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::{DANGEROUS, KEYSPACE};
use super::super::table::{Command, DENYOOM, Keys, READONLY, WRITE};
pub use format::{Reader, Writer};
use maru_cache::{Happenings, Hash, List, Set, Txn, ValueType};
use value::form;

pub const COMMANDS: &[Command] = &[
    Command::keyed("dump", 2, READONLY, Keys::ONE, dump)
        .of(KEYSPACE)
        .says("2.6.0", "A key's value as portable bytes.")
        .written("key"),
    Command::keyed("restore", -4, WRITE | DENYOOM, Keys::ONE, restore)
        .of(KEYSPACE | DANGEROUS)
        .says("2.6.0", "Makes a key of what DUMP answered.")
        .written(
            "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] \
             [FREQ frequency]",
        ),
];

fn dump(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let mut out = Writer::default();
    match txn.kind(key) {
        None => {
            call.out.null();
            return Ok(());
        }
        Some(ValueType::String) => {
            out.byte(form::STRING);
            out.text(txn.text(key)?.unwrap_or_default());
        }
        Some(ValueType::List) => {
            let list = txn.list(key)?;
            out.byte(form::LIST);
            out.length(list.map_or(0, List::len));
            list.into_iter()
                .flat_map(List::iter)
                .for_each(|element| out.text(element));
        }
        Some(ValueType::Set) => {
            let members = txn.members(key)?.map(Set::shown).unwrap_or_default();
            out.byte(form::SET);
            out.length(members.len());
            members.iter().for_each(|member| out.text(member));
        }
        Some(ValueType::Hash) => {
            let hash = txn.hash(key)?;
            out.byte(form::HASH);
            out.length(hash.map_or(0, Hash::len));
            for (field, value) in hash.into_iter().flat_map(Hash::iter) {
                out.text(field);
                out.text(value);
            }
        }
        Some(ValueType::Ranked) => {
            let ranked = txn.ranked(key)?;
            let pairs = ranked
                .into_iter()
                .flat_map(|ranked| ranked.range(0..ranked.len()));
            let pairs: Vec<_> = pairs.collect();
            out.byte(form::RANKED);
            out.length(pairs.len());
            for (member, score) in pairs {
                out.text(member);
                out.score(score);
            }
        }
        Some(ValueType::Stream) => {
            out.byte(form::STREAM_COUNTED);
            if let Some(stream) = txn.stream(key)? {
                stream::write(&mut out, stream);
            }
        }
    }
    call.out.bulk(&out.finish());
    Ok(())
}

/// `key ttl payload [REPLACE] [ABSTTL] [IDLETIME s] [FREQ n]`.
fn restore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    const BAD: Failure = Failure::new("ERR Bad data format");
    let (mut replace, mut absolute) = (false, false);
    let (mut idle_s, mut count) = (None, None);
    let mut at = 4;
    while at < call.args.len() {
        match () {
            () if call.is(at, "REPLACE") => replace = true,
            () if call.is(at, "ABSTTL") => absolute = true,
            () if call.is(at, "IDLETIME") && at + 1 < call.args.len() && count.is_none() => {
                let seconds = u64::try_from(call.integer(at + 1)?);
                let seconds = seconds
                    .map_err(|_| Failure::new("ERR Invalid IDLETIME value, must be >= 0"))?;
                idle_s = Some(seconds);
                at += 1;
            }
            () if call.is(at, "FREQ") && at + 1 < call.args.len() && idle_s.is_none() => {
                let often = u8::try_from(call.integer(at + 1)?);
                let often = often
                    .map_err(|_| Failure::new("ERR Invalid FREQ value, must be >= 0 and <= 255"))?;
                count = Some(often);
                at += 1;
            }
            () => return Err(Failure::SYNTAX),
        }
        at += 1;
    }
    let key = call.args[1];
    if !replace && txn.kind(key).is_some() {
        return Err(Failure::new("BUSYKEY Target key name already exists."));
    }
    let ttl = u64::try_from(call.integer(2)?)
        .map_err(|_| Failure::new("ERR Invalid TTL value, must be >= 0"))?;
    let mut payload = Reader::open(call.args[3]).ok_or(Failure::new(
        "ERR DUMP payload version or checksum are wrong",
    ))?;
    let value = value::read(&mut payload).ok_or(BAD)?;
    let replaced = txn.drop_key(key);
    let at_ms = match (ttl, absolute) {
        (0, _) => None,
        (ttl, true) => Some(ttl),
        (ttl, false) => Some(txn.now_unix_ms().saturating_add(ttl)),
    };
    if at_ms.is_some_and(|at_ms| at_ms <= txn.now_unix_ms()) {
        // What has ended already is not made.
        if replaced {
            txn.tell(Happenings::GENERIC, "del", key);
        }
        call.out.ok();
        return Ok(());
    }
    value.put(txn, key)?;
    if let Some(at_ms) = at_ms {
        txn.set_end(key, at_ms);
    }
    if idle_s.is_some() || count.is_some() {
        txn.used_before(key, idle_s.unwrap_or(0), count.unwrap_or(0));
    }
    txn.tell(Happenings::GENERIC, "restore", key);
    call.out.ok();
    Ok(())
}
