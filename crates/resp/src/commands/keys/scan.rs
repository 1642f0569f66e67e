//! All keys, at once or page by page.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use bytes::Bytes;
use maru_cache::{ScanPage, Txn, ValueType};

pub fn keys(call: &mut Call<'_>) -> Answer {
    let keys = call.cache.db(call.client().db).keys(call.args[1]);
    tell(call, &keys)
}

pub fn keys_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let keys = txn.keys(call.args[1]);
    tell(call, &keys)
}

fn tell(call: &mut Call<'_>, keys: &[Bytes]) -> Answer {
    call.out.array(keys.len());
    for key in keys {
        call.out.bulk(key);
    }
    Ok(())
}

pub fn randomkey(call: &mut Call<'_>) -> Answer {
    let key = call.cache.db(call.client().db).random_key();
    call.out.bulk_or_null(key.as_deref());
    Ok(())
}

pub fn randomkey_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = txn.random_key();
    call.out.bulk_or_null(key.as_deref());
    Ok(())
}

/// What SCAN was asked for.
struct Wanted<'c> {
    cursor: u64,
    pattern: &'c [u8],
    count: usize,
    kind: Option<ValueType>,
    /// A kind that no key holds.
    nothing: bool,
}

fn wanted<'c>(call: &Call<'c>) -> Result<Wanted<'c>, Failure> {
    let cursor = number::cursor(call.args[1]).ok_or(Failure::new("ERR invalid cursor"))?;
    let (mut pattern, mut count, mut kind) = (&b"*"[..], 10, None);
    let mut at = 2;
    while at < call.args.len() {
        let has_value = at + 1 < call.args.len();
        if call.is(at, "COUNT") && has_value {
            count = call.integer(at + 1)?;
            if count < 1 {
                return Err(Failure::SYNTAX);
            }
        } else if call.is(at, "MATCH") && has_value {
            pattern = call.args[at + 1];
        } else if call.is(at, "TYPE") && has_value {
            kind = Some(ValueType::named(&call.args[at + 1].to_ascii_lowercase()));
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 2;
    }
    Ok(Wanted {
        cursor,
        pattern,
        count: count as usize,
        kind: kind.flatten(),
        nothing: kind == Some(None),
    })
}

pub fn scan(call: &mut Call<'_>) -> Answer {
    let it = wanted(call)?;
    let db = call.cache.db(call.client().db);
    let page = db.scan_for(it.cursor, it.pattern, it.kind, it.count);
    tell_page(call, &it, page)
}

pub fn scan_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let it = wanted(call)?;
    let page = txn.scan(it.cursor, it.pattern, it.kind, it.count);
    tell_page(call, &it, page)
}

fn tell_page(call: &mut Call<'_>, it: &Wanted<'_>, page: ScanPage) -> Answer {
    call.out.array(2);
    call.out.bulk(page.cursor.to_string().as_bytes());
    if it.nothing {
        tell(call, &[])
    } else {
        tell(call, &page.keys)
    }
}
