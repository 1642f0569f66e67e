//! Looking at members and scores.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number::float_text;
use super::super::{drawing, paging};
use super::{names, scores};
use maru_cache::Txn;

pub fn zcard(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let size = txn.zcard(call.args[1])?;
    call.out.count(size);
    Ok(())
}

pub fn zcount(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let between = scores(call, 2, 3)?;
    let count = txn.zcount(call.args[1], between)?;
    call.out.count(count);
    Ok(())
}

pub fn zlexcount(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let between = names(call, 2, 3)?;
    let count = txn.zcount(call.args[1], between)?;
    call.out.count(count);
    Ok(())
}

pub fn zscore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let score = txn.zscore(call.args[1], call.args[2])?;
    double_or_null(call, score);
    Ok(())
}

pub fn zmscore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let ranked = txn.ranked(call.args[1])?;
    let members = &call.args[2..];
    call.out.array(members.len());
    for member in members {
        let score = ranked.and_then(|ranked| ranked.score(member));
        double_or_null(call, score);
    }
    Ok(())
}

fn double_or_null(call: &mut Call<'_>, score: Option<f64>) {
    match score {
        Some(score) => call.out.double(score),
        None => call.out.null(),
    }
}

pub fn zrank(call: &mut Call<'_>, txn: &mut Txn<'_>, backwards: bool) -> Answer {
    match txn.zrank(call.args[1], call.args[2], backwards)? {
        Some(rank) => call.out.count(rank),
        None => call.out.null(),
    }
    Ok(())
}

pub fn zrandmember(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    if call.args.len() < 3 {
        let size = txn.zcard(key)?;
        let at = txn.any_below(size);
        let member = txn.ranked(key)?.and_then(|ranked| ranked.nth(at));
        call.out.bulk_or_null(member.map(|(member, _)| member));
        return Ok(());
    }
    let count = drawing::count(call, 2)?;
    let with_scores = match call.args.len() {
        3 => false,
        4 if call.is(3, "WITHSCORES") => true,
        _ => return Err(Failure::SYNTAX),
    };
    if with_scores && count.unsigned_abs() > (i64::MAX / 2) as u64 {
        return Err(Failure::new("ERR value is out of range"));
    }
    let size = txn.zcard(key)?;
    let drawn = drawing::draw(txn, size, count);
    let ranked = txn.ranked(key)?;
    drawing::answer(
        call,
        drawn,
        with_scores,
        |at| ranked?.nth(at),
        |out, (member, score)| {
            out.bulk(member);
            if with_scores {
                out.double(score);
            }
        },
    );
    Ok(())
}

/// A score as a page shows it: small sorted sets have whole ones as integers, also where others are
/// written with an exponent.
fn shown(score: f64, is_small: bool) -> String {
    const MOST: f64 = (i64::MAX / 2) as f64;
    if is_small && score == score.trunc() && score.abs() <= MOST {
        (score as i64).to_string()
    } else {
        float_text(score)
    }
}

pub fn zscan(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let cursor = paging::cursor(call)?;
    let Some(ranked) = txn.ranked(call.args[1])? else {
        paging::answer::<[&[u8]; 0]>(call, 0, []);
        return Ok(());
    };
    let asked = paging::asked(call, cursor)?;
    let whole = !ranked.is_wide();
    let page = asked.page(ranked.len(), whole);
    let nth = |index: usize| {
        if whole {
            ranked.range(index..index + 1).next()
        } else {
            ranked.nth(index)
        }
    };
    let texts: Vec<(&[u8], String)> = page
        .range
        .filter_map(nth)
        .filter(|(member, _)| asked.wants(member))
        .map(|(member, score)| (member, shown(score, whole)))
        .collect();
    let found: Vec<&[u8]> = texts
        .iter()
        .flat_map(|(member, score)| [member, score.as_bytes()])
        .collect();
    paging::answer(call, page.next, found);
    Ok(())
}
