//! Who is near.

use super::super::super::call::Call;
use super::super::super::failure::Answer;
use super::asked::{Asked, GeoCommand, Order};
use super::hash::Coordinates;
use super::{degrees, distance, place};
use bytes::Bytes;
use maru_cache::{Between, Ranked, Txn};
use std::ops::Bound;

/// Somebody who was found.
struct Found {
    member: Bytes,
    score: f64,
    place: Coordinates,
    distance_m: f64,
}

pub fn georadius(call: &mut Call<'_>, txn: &mut Txn<'_>, stores: bool) -> Answer {
    let key = call.args[1];
    let ranked = txn.ranked(key)?;
    let mut asked = Asked::new();
    asked.center = Some(place(call, 2)?);
    asked.circle(call, 4)?;
    asked.options(call, 6, GeoCommand::Radius { stores }, ranked)?;
    search(call, txn, key, &asked, "georadiusstore")
}

pub fn georadiusbymember(call: &mut Call<'_>, txn: &mut Txn<'_>, stores: bool) -> Answer {
    let key = call.args[1];
    let ranked = txn.ranked(key)?;
    let mut asked = Asked::new();
    if ranked.is_some() {
        asked.around(call, 2, ranked)?;
        asked.circle(call, 3)?;
    }
    asked.options(call, 5, GeoCommand::Radius { stores }, ranked)?;
    search(call, txn, key, &asked, "georadiusstore")
}

pub fn geosearch(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[1];
    let ranked = txn.ranked(key)?;
    let mut asked = Asked::new();
    asked.options(call, 2, GeoCommand::Search, ranked)?;
    search(call, txn, key, &asked, "geosearchstore")
}

pub fn geosearchstore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[2];
    let ranked = txn.ranked(key)?;
    let mut asked = Asked::new();
    asked.target = Some(call.args[1]);
    asked.options(call, 3, GeoCommand::SearchStore, ranked)?;
    search(call, txn, key, &asked, "geosearchstore")
}

fn search(
    call: &mut Call<'_>,
    txn: &mut Txn<'_>,
    key: &[u8],
    asked: &Asked<'_>,
    event: &'static str,
) -> Answer {
    let mut found = match (txn.ranked(key)?, asked.center) {
        (Some(ranked), Some(center)) => near(ranked, center, asked),
        _ => Vec::new(),
    };
    // So many of those who are near are the nearest, unless any will do.
    let order = match asked.order {
        Order::None if asked.count > 0 && !asked.any => Order::NearestFirst,
        order => order,
    };
    match order {
        Order::None => {}
        Order::NearestFirst => found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m)),
        Order::FarthestFirst => found.sort_by(|a, b| b.distance_m.total_cmp(&a.distance_m)),
    }
    if asked.count > 0 {
        found.truncate(asked.count);
    }
    let Some(target) = asked.target else {
        show(call, asked, &found);
        return Ok(());
    };
    let pairs: Vec<(&Bytes, f64)> = found
        .iter()
        .map(|one| {
            if asked.store_distance {
                (&one.member, one.distance_m / asked.unit_m)
            } else {
                (&one.member, one.score)
            }
        })
        .collect();
    let size = txn.store_ranked(target, &pairs, event)?;
    call.out.count(size);
    Ok(())
}

fn near(ranked: &Ranked, center: Coordinates, asked: &Asked<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for scores in asked.shape.scores(center) {
        let between = Between::Scores(Bound::Included(scores.start), Bound::Excluded(scores.end));
        for (member, score) in ranked.between(between) {
            if asked.any && found.len() >= asked.count {
                return found;
            }
            let place = Coordinates::of_score(score);
            if let Some(distance_m) = asked.shape.distance_within_m(center, place) {
                found.push(Found {
                    member: Bytes::copy_from_slice(member),
                    score,
                    place,
                    distance_m,
                });
            }
        }
    }
    found
}

fn show(call: &mut Call<'_>, asked: &Asked<'_>, found: &[Found]) {
    let extras = [asked.with_distance, asked.with_hash, asked.with_place];
    let extras = extras.into_iter().filter(|with| *with).count();
    call.out.array(found.len());
    for one in found {
        if extras > 0 {
            call.out.array(extras + 1);
        }
        call.out.bulk(&one.member);
        if asked.with_distance {
            distance(call, one.distance_m / asked.unit_m);
        }
        if asked.with_hash {
            call.out.integer(one.score as i64);
        }
        if asked.with_place {
            degrees(call, one.place);
        }
    }
}
