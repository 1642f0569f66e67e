//! What a dump holds, in any of the forms that Redis 6 and 7 write.

use super::super::super::failure::Answer;
use super::format::Reader;
use super::packs::{self, Item};
use super::stream;
use maru_cache::{Txn, parse_float};
use std::collections::HashSet;
use std::hash::Hash;

/// The kinds of values, and how they are written.
pub mod form {
    pub const STRING: u8 = 0;
    pub const LIST: u8 = 1;
    pub const SET: u8 = 2;
    /// With scores in decimal.
    pub const RANKED_DECIMAL: u8 = 3;
    pub const HASH: u8 = 4;
    pub const RANKED: u8 = 5;
    pub const LIST_ZIPLIST: u8 = 10;
    pub const SET_INTSET: u8 = 11;
    pub const RANKED_ZIPLIST: u8 = 12;
    pub const HASH_ZIPLIST: u8 = 13;
    pub const LIST_ZIPLISTS: u8 = 14;
    pub const STREAM: u8 = 15;
    pub const HASH_LISTPACK: u8 = 16;
    pub const RANKED_LISTPACK: u8 = 17;
    pub const LIST_LISTPACKS: u8 = 18;
    pub const STREAM_COUNTED: u8 = 19;
    pub const SET_LISTPACK: u8 = 20;
    pub const STREAM_ACTIVE: u8 = 21;
}

/// A part of a list that is one element, and one that is a listpack.
const PLAIN: usize = 1;
const PACKED: usize = 2;

/// A value as it was read.
pub enum Held {
    Text(Item),
    List(Vec<Item>),
    Set(Vec<Item>),
    Hash(Vec<(Item, Item)>),
    Ranked(Vec<(Item, f64)>),
    Stream(stream::Held),
}

/// `None`: bad data, which an empty collection is too.
pub fn read(from: &mut Reader<'_>) -> Option<Held> {
    let held = match from.byte()? {
        form::STRING => Held::Text(from.text()?),
        form::LIST => Held::List(several(from, Reader::text)?),
        form::LIST_ZIPLIST => Held::List(packs::ziplist(&from.text()?)?),
        form::LIST_ZIPLISTS => {
            let parts = several(from, |from| packs::ziplist(&from.text()?))?;
            Held::List(parts.concat())
        }
        form::LIST_LISTPACKS => Held::List(several(from, part)?.concat()),
        form::SET => Held::Set(several(from, Reader::text)?),
        form::SET_INTSET => Held::Set(packs::intset(&from.text()?)?),
        form::SET_LISTPACK => Held::Set(packs::listpack(&from.text()?)?),
        form::HASH => Held::Hash(several(from, |from| Some((from.text()?, from.text()?)))?),
        form::HASH_ZIPLIST => Held::Hash(pairs(packs::ziplist(&from.text()?)?)?),
        form::HASH_LISTPACK => Held::Hash(pairs(packs::listpack(&from.text()?)?)?),
        form::RANKED => Held::Ranked(several(from, |from| Some((from.text()?, from.score()?)))?),
        form::RANKED_DECIMAL => {
            let pair = |from: &mut Reader<'_>| Some((from.text()?, from.decimal()?));
            Held::Ranked(several(from, pair)?)
        }
        form::RANKED_ZIPLIST => Held::Ranked(scores(packs::ziplist(&from.text()?)?)?),
        form::RANKED_LISTPACK => Held::Ranked(scores(packs::listpack(&from.text()?)?)?),
        form::STREAM => Held::Stream(stream::read(from, stream::Form::Entries)?),
        form::STREAM_COUNTED => Held::Stream(stream::read(from, stream::Form::Counted)?),
        form::STREAM_ACTIVE => Held::Stream(stream::read(from, stream::Form::Active)?),
        _ => return None,
    };
    held.is_sound().then_some(held)
}

/// A count, then so many.
fn several<'a, T>(
    from: &mut Reader<'a>,
    one: impl Fn(&mut Reader<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    (0..from.length()?).map(|_| one(from)).collect()
}

/// A part of a list.
fn part(from: &mut Reader<'_>) -> Option<Vec<Item>> {
    match from.length()? {
        PLAIN => Some(vec![from.text()?]),
        PACKED => packs::listpack(&from.text()?),
        _ => None,
    }
}

fn pairs(items: Vec<Item>) -> Option<Vec<(Item, Item)>> {
    let mut items = items.into_iter();
    let mut pairs = Vec::new();
    while let Some(first) = items.next() {
        pairs.push((first, items.next()?));
    }
    Some(pairs)
}

fn scores(items: Vec<Item>) -> Option<Vec<(Item, f64)>> {
    let pairs = pairs(items)?.into_iter();
    pairs
        .map(|(member, score)| Some((member, parse_float(&score)?)))
        .collect()
}

fn differ<'a, T: Eq + Hash + ?Sized + 'a>(items: impl Iterator<Item = &'a T>) -> bool {
    let mut seen = HashSet::new();
    let mut items = items.peekable();
    items.peek().is_some() && items.all(|item| seen.insert(item))
}

impl Held {
    /// Not empty, and nothing twice.
    fn is_sound(&self) -> bool {
        match self {
            Held::Text(_) | Held::Stream(_) => true,
            Held::List(elements) => !elements.is_empty(),
            Held::Set(members) => differ(members.iter()),
            Held::Hash(pairs) => differ(pairs.iter().map(|(field, _)| field)),
            Held::Ranked(pairs) => differ(pairs.iter().map(|(member, _)| member)),
        }
    }

    /// Makes it the value of a key that is not there.
    pub fn put(self, txn: &mut Txn<'_>, key: &[u8]) -> Answer {
        match self {
            Held::Text(text) => txn.store_text(key, &text)?,
            Held::List(elements) => {
                let elements: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
                txn.store_list(key, &elements)?;
            }
            Held::Set(members) => txn.store_set(key, &members)?,
            Held::Hash(pairs) => txn.store_hash(key, &pairs)?,
            Held::Ranked(pairs) => txn.store_pairs(key, &pairs)?,
            Held::Stream(stream) => stream.put(txn, key)?,
        }
        Ok(())
    }
}
