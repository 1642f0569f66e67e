//! Keys as portable bytes, in the format of Redis's own dumps. What is written here, Redis 7.0
//! restores. Of what Redis writes, strings and the plain forms of collections are read; its packed
//! forms of small collections are refused as bad data.
mod format;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::{DANGEROUS, KEYSPACE};
use super::super::table::{Command, DENYOOM, Keys, READONLY, WRITE};
use crate::cache::{Happenings, Hash, Kind, List, RankedOptions, Set, SetOptions, Txn};
use format::{Reader, Writer};

pub const COMMANDS: &[Command] = &[
    Command::keyed("dump", 2, READONLY, Keys::ONE, dump)
        .of(KEYSPACE)
        .says("2.6.0", "A key's value as portable bytes."),
    Command::keyed("restore", -4, WRITE | DENYOOM, Keys::ONE, restore)
        .of(KEYSPACE | DANGEROUS)
        .says("2.6.0", "Makes a key of what DUMP answered."),
];

const STRING: u8 = 0;
const LIST: u8 = 1;
const SET: u8 = 2;
const HASH: u8 = 4;
const RANKED: u8 = 5;

fn dump(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let mut out = Writer::default();
    match txn.kind(key) {
        None => {
            call.out.null();
            return Ok(());
        }
        Some(Kind::String) => {
            out.byte(STRING);
            out.text(txn.text(key)?.unwrap_or_default());
        }
        Some(Kind::List) => {
            let list = txn.list(key)?;
            out.byte(LIST);
            out.length(list.map_or(0, List::len));
            list.into_iter()
                .flat_map(List::iter)
                .for_each(|element| out.text(element));
        }
        Some(Kind::Set) => {
            let members = txn.members(key)?.map(Set::shown).unwrap_or_default();
            out.byte(SET);
            out.length(members.len());
            members.iter().for_each(|member| out.text(member));
        }
        Some(Kind::Hash) => {
            let hash = txn.hash(key)?;
            out.byte(HASH);
            out.length(hash.map_or(0, Hash::len));
            for (field, value) in hash.into_iter().flat_map(Hash::iter) {
                out.text(field);
                out.text(value);
            }
        }
        Some(Kind::Ranked) => {
            let ranked = txn.ranked(key)?;
            let pairs = ranked
                .into_iter()
                .flat_map(|ranked| ranked.range(0..ranked.len()));
            let pairs: Vec<_> = pairs.collect();
            out.byte(RANKED);
            out.length(pairs.len());
            for (member, score) in pairs {
                out.text(member);
                out.score(score);
            }
        }
        Some(Kind::Stream) => {
            return Err(Failure::new(
                "ERR streams cannot be dumped here; read them with XRANGE",
            ));
        }
    }
    call.out.bulk(&out.finish());
    Ok(())
}

/// `key ttl payload [REPLACE] [ABSTTL] [IDLETIME s] [FREQ n]`.
fn restore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    const BAD: Failure = Failure::new("ERR Bad data format");
    let (mut replace, mut absolute) = (false, false);
    let mut at = 4;
    while at < call.args.len() {
        match () {
            () if call.is(at, "REPLACE") => replace = true,
            () if call.is(at, "ABSTTL") => absolute = true,
            () if call.is(at, "IDLETIME") && at + 1 < call.args.len() => {
                if call.integer(at + 1)? < 0 {
                    return Err(Failure::new("ERR Invalid IDLETIME value, must be >= 0"));
                }
                at += 1;
            }
            () if call.is(at, "FREQ") && at + 1 < call.args.len() => {
                if !(0..=255).contains(&call.integer(at + 1)?) {
                    return Err(Failure::new(
                        "ERR Invalid FREQ value, must be >= 0 and <= 255",
                    ));
                }
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
    let value = read(&mut payload).ok_or(BAD)?;
    txn.del(&[key]);
    let at_ms = match (ttl, absolute) {
        (0, _) => None,
        (ttl, true) => Some(ttl),
        (ttl, false) => Some(txn.now_unix_ms().saturating_add(ttl)),
    };
    if at_ms.is_some_and(|at_ms| at_ms <= txn.now_unix_ms()) {
        // What has ended already is not made.
        call.out.ok();
        return Ok(());
    }
    value.put(txn, key)?;
    if let Some(at_ms) = at_ms {
        txn.expire_at(key, at_ms);
    }
    txn.tell(Happenings::GENERIC, "restore", key);
    call.out.ok();
    Ok(())
}

/// What a payload holds.
enum Held {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
    Set(Vec<Vec<u8>>),
    Hash(Vec<(Vec<u8>, Vec<u8>)>),
    Ranked(Vec<(Vec<u8>, f64)>),
}

/// `None`: bad data, which an empty collection is too.
fn read(from: &mut Reader<'_>) -> Option<Held> {
    let kind = from.byte()?;
    if kind == STRING {
        let text = from.text()?;
        return from.is_empty().then_some(Held::Text(text));
    }
    let count = from.length().filter(|&count| count > 0)?;
    let held = match kind {
        LIST => Held::List((0..count).map(|_| from.text()).collect::<Option<_>>()?),
        SET => Held::Set((0..count).map(|_| from.text()).collect::<Option<_>>()?),
        HASH => Held::Hash(
            (0..count)
                .map(|_| Some((from.text()?, from.text()?)))
                .collect::<Option<_>>()?,
        ),
        RANKED => Held::Ranked(
            (0..count)
                .map(|_| Some((from.text()?, from.score()?)))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    };
    from.is_empty().then_some(held)
}

impl Held {
    fn put(self, txn: &mut Txn<'_>, key: &[u8]) -> Answer {
        match self {
            Held::Text(text) => {
                txn.set(key, text, SetOptions::default())?;
            }
            Held::List(elements) => {
                let elements: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
                txn.store_list(key, &elements)?;
            }
            Held::Set(members) => {
                let members: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
                txn.sadd(key, &members)?;
            }
            Held::Hash(pairs) => {
                let pairs: Vec<(&[u8], &[u8])> =
                    pairs.iter().map(|(f, v)| (&f[..], &v[..])).collect();
                txn.hset(key, &pairs)?;
            }
            Held::Ranked(pairs) => {
                for (member, score) in pairs {
                    txn.zadd(key, &member, score, RankedOptions::default())?;
                }
            }
        }
        Ok(())
    }
}
