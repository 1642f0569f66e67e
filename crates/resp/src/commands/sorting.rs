//! Elements of a list, a set or a sorted set in an order of the client's choice.

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::number;
use super::super::table::category::{DANGEROUS, LIST, SET, SORTED_SET};
use super::super::table::{Command, DENYOOM, Keys, MOVABLEKEYS, Positions, READONLY, WRITE};
use maru_cache::{Happenings, List, Set, Txn, ValueType};
use std::cmp::Ordering;

pub const COMMANDS: &[Command] = &[
    Command::everything("sort", -2, WRITE | DENYOOM | MOVABLEKEYS, |call, txn| {
        sort(call, txn, true)
    })
    .on(Keys::ONE.found(with_target))
    .of(SET | SORTED_SET | LIST | DANGEROUS)
    .says(
        "1.0.0",
        "Sorts the elements of a key, by themselves or by other keys.",
    )
    .written(
        "key [BY pattern] [LIMIT {offset count}] [GET pattern]... \
             [ASC|DESC] [ALPHA] [STORE destination]",
    ),
    Command::everything("sort_ro", -2, READONLY | MOVABLEKEYS, |call, txn| {
        sort(call, txn, false)
    })
    .on(Keys::ONE)
    .of(SET | SORTED_SET | LIST | DANGEROUS)
    .says(
        "7.0.0",
        "Sorts the elements of a key without keeping the outcome.",
    )
    .written(
        "key [BY pattern] [LIMIT {offset count}] [GET pattern]... \
             [ASC|DESC] [ALPHA]",
    ),
];

/// The key, and where the outcome goes.
fn with_target(args: &[&[u8]], found: &mut Positions) {
    if args.len() < 2 {
        return;
    }
    found.push(1);
    let (mut at, mut target) = (2, None);
    while at < args.len() {
        let takes = |word: &str| args[at].eq_ignore_ascii_case(word.as_bytes());
        at += match () {
            () if takes("LIMIT") => 2,
            () if takes("BY") || takes("GET") => 1,
            () if takes("STORE") => {
                target = Some(at + 1).filter(|&target| target < args.len());
                1
            }
            () => 0,
        } + 1;
    }
    // Of several, the last one counts.
    found.extend(target);
}

#[derive(Default)]
struct Asked<'a> {
    by: Option<&'a [u8]>,
    get: Vec<&'a [u8]>,
    limit: Option<(i64, i64)>,
    descending: bool,
    as_text: bool,
    store: Option<&'a [u8]>,
}

impl<'a> Asked<'a> {
    fn parse(call: &Call<'a>, may_store: bool) -> Result<Asked<'a>, Failure> {
        let mut asked = Asked::default();
        let mut at = 2;
        while at < call.args.len() {
            let left = call.args.len() - at - 1;
            match () {
                () if call.is(at, "ASC") => asked.descending = false,
                () if call.is(at, "DESC") => asked.descending = true,
                () if call.is(at, "ALPHA") => asked.as_text = true,
                () if call.is(at, "LIMIT") && left >= 2 => {
                    asked.limit = Some((call.integer(at + 1)?, call.integer(at + 2)?));
                    at += 2;
                }
                () if may_store && call.is(at, "STORE") && left >= 1 => {
                    asked.store = Some(call.args[at + 1]);
                    at += 1;
                }
                () if call.is(at, "BY") && left >= 1 => {
                    asked.by = Some(call.args[at + 1]);
                    if asked.by.is_some_and(|by| by.contains(&b'*')) {
                        call.must_read_everything("BY")?;
                    }
                    at += 1;
                }
                () if call.is(at, "GET") && left >= 1 => {
                    asked.get.push(call.args[at + 1]);
                    call.must_read_everything("GET")?;
                    at += 1;
                }
                () => return Err(Failure::SYNTAX),
            }
            at += 1;
        }
        Ok(asked)
    }

    /// A pattern without a star names no key: nothing is sorted.
    fn keeps_order(&self) -> bool {
        self.by.is_some_and(|by| !by.contains(&b'*'))
    }
}

/// What an element is sorted by.
enum Weight {
    Number(f64),
    Text(Option<Vec<u8>>),
}

fn sort(call: &mut Call<'_>, txn: &mut Txn<'_>, may_store: bool) -> Answer {
    let asked = Asked::parse(call, may_store)?;
    let key = call.args[1];
    let kind = txn.kind(key);
    // What has no order gets one where others rely on it.
    let is_relied_on = asked.store.is_some() || call.world.scripting.running.is_some();
    let by_text = kind == Some(ValueType::Set) && asked.keeps_order() && is_relied_on;
    let mut elements = elements(txn, key, kind)?;
    if !asked.keeps_order() || by_text {
        let mut weighted = Vec::with_capacity(elements.len());
        for element in elements {
            let weight = if by_text {
                Weight::Text(Some(element.clone()))
            } else {
                weight(txn, &asked, &element)?
            };
            weighted.push((weight, element));
        }
        weighted.sort_by(|a, b| {
            let order = compare(a, b);
            if asked.descending {
                order.reverse()
            } else {
                order
            }
        });
        elements = weighted.into_iter().map(|(_, element)| element).collect();
    } else if asked.descending && kind == Some(ValueType::Ranked) {
        elements.reverse();
    }
    let total = elements.len() as i64;
    let (skip, take) = match asked.limit {
        None => (0, total),
        Some((skip, take)) => (skip.clamp(0, total), if take < 0 { total } else { take }),
    };
    let chosen = elements.into_iter().skip(skip as usize).take(take as usize);
    let mut found: Vec<Option<Vec<u8>>> = Vec::new();
    for element in chosen {
        if asked.get.is_empty() {
            found.push(Some(element));
            continue;
        }
        for pattern in &asked.get {
            found.push(look_up(txn, pattern, &element));
        }
    }
    match asked.store {
        Some(target) => store(call, txn, target, &found)?,
        None => {
            call.out.array(found.len());
            for value in &found {
                call.out.bulk_or_null(value.as_deref());
            }
        }
    }
    Ok(())
}

fn elements(
    txn: &mut Txn<'_>,
    key: &[u8],
    kind: Option<ValueType>,
) -> Result<Vec<Vec<u8>>, Failure> {
    Ok(match kind {
        None => Vec::new(),
        Some(ValueType::List) => {
            let list = txn.list(key)?;
            list.into_iter()
                .flat_map(List::iter)
                .map(<[u8]>::to_vec)
                .collect()
        }
        Some(ValueType::Set) => {
            let members = txn.members(key)?.map(Set::shown).unwrap_or_default();
            members.into_iter().map(<[u8]>::to_vec).collect()
        }
        Some(ValueType::Ranked) => {
            // Redis sorts it in the form of large ones, and leaves it so.
            txn.widen(key);
            let ranked = txn.ranked(key)?;
            let members = ranked
                .into_iter()
                .flat_map(|ranked| ranked.range(0..ranked.len()));
            members.map(|(member, _)| member.to_vec()).collect()
        }
        Some(ValueType::String | ValueType::Hash | ValueType::Stream) => {
            return Err(Failure::WRONG_TYPE);
        }
    })
}

fn weight(txn: &mut Txn<'_>, asked: &Asked<'_>, element: &[u8]) -> Result<Weight, Failure> {
    let value = match asked.by {
        None => Some(element.to_vec()),
        Some(pattern) => look_up(txn, pattern, element),
    };
    if asked.as_text {
        return Ok(Weight::Text(value));
    }
    let Some(value) = value else {
        return Ok(Weight::Number(0.0));
    };
    number::loose_float(&value)
        .map(Weight::Number)
        .ok_or(Failure::new(
            "ERR One or more scores can't be converted into double",
        ))
}

fn compare(a: &(Weight, Vec<u8>), b: &(Weight, Vec<u8>)) -> Ordering {
    match (&a.0, &b.0) {
        (Weight::Number(x), Weight::Number(y)) => {
            // Equal weights are told apart, or answers would differ from run to run.
            x.partial_cmp(y)
                .unwrap_or(Ordering::Equal)
                .then_with(|| a.1.cmp(&b.1))
        }
        (Weight::Text(x), Weight::Text(y)) => x.cmp(y),
        _ => Ordering::Equal,
    }
}

/// The string under the name that a pattern makes of an element, or the field of a hash.
fn look_up(txn: &mut Txn<'_>, pattern: &[u8], element: &[u8]) -> Option<Vec<u8>> {
    if pattern == b"#" {
        return Some(element.to_vec());
    }
    let star = pattern.iter().position(|&byte| byte == b'*')?;
    let arrow = pattern[star..]
        .windows(2)
        .position(|pair| pair == b"->")
        .map(|at| star + at);
    let arrow = arrow.filter(|at| at + 2 < pattern.len());
    let name_end = arrow.unwrap_or(pattern.len());
    let name = [&pattern[..star], element, &pattern[star + 1..name_end]].concat();
    match arrow {
        None => txn.text(&name).ok().flatten().map(<[u8]>::to_vec),
        Some(arrow) => {
            let field = &pattern[arrow + 2..];
            txn.hash(&name)
                .ok()
                .flatten()
                .and_then(|hash| hash.get(field))
                .map(<[u8]>::to_vec)
        }
    }
}

fn store(call: &mut Call<'_>, txn: &mut Txn<'_>, key: &[u8], found: &[Option<Vec<u8>>]) -> Answer {
    if found.is_empty() {
        txn.del(&[key]);
    } else {
        let elements: Vec<&[u8]> = found
            .iter()
            .map(|value| value.as_deref().unwrap_or_default())
            .collect();
        txn.store_list(key, &elements)?;
        txn.tell(Happenings::LIST, "sortstore", key);
    }
    call.out.count(found.len());
    Ok(())
}
