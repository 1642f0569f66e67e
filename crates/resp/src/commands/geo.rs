//! Members with places on earth: sorted sets whose scores are places.
mod asked;
mod hash;
mod search;

use super::super::call::Call;
use super::super::failure::{Answer, Failure};
use super::super::table::category::GEO;
use super::super::table::{
    Command, DENYOOM, Keys, MOVABLEKEYS, Positions, READONLY, WRITE, Writes,
};
use super::sorted_sets::adding::{Adding, add};
use hash::Coordinates;
use maru_cache::Txn;

const GROW: u32 = WRITE | DENYOOM;
const STORE: Keys = Keys::ONE.found(with_target);

pub const COMMANDS: &[Command] = &[
    Command::keyed("geoadd", -5, GROW, Keys::ONE, geoadd)
        .of(GEO)
        .says("3.2.0", "Gives members places.")
        .written("key [NX|XX] [CH] {longitude latitude member}..."),
    Command::keyed("geodist", -4, READONLY, Keys::ONE, geodist)
        .of(GEO)
        .says("3.2.0", "How far two members are from each other.")
        .written("key member1 member2 [M|KM|FT|MI]"),
    Command::keyed("geohash", -2, READONLY, Keys::ONE, geohash)
        .of(GEO)
        .says("3.2.0", "The places of members in letters.")
        .written("key member..."),
    Command::keyed("geopos", -2, READONLY, Keys::ONE, geopos)
        .of(GEO)
        .says("3.2.0", "The places of members in degrees.")
        .written("key member..."),
    Command::keyed("georadius", -6, GROW | MOVABLEKEYS, STORE, |call, txn| {
        search::georadius(call, txn, true)
    })
    .of(GEO)
    .says("3.2.0", "Members around a place; GEOSEARCH is newer.")
    .written(
        "key longitude latitude radius (M|KM|FT|MI) [WITHCOORD] [WITHDIST] \
             [WITHHASH] [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST \
             key]",
    ),
    Command::keyed("georadius_ro", -6, READONLY, Keys::ONE, |call, txn| {
        search::georadius(call, txn, false)
    })
    .of(GEO)
    .says("3.2.10", "As GEORADIUS, without keeping the outcome.")
    .written(
        "key longitude latitude radius (M|KM|FT|MI) [WITHCOORD] [WITHDIST] \
             [WITHHASH] [COUNT count [ANY]] [ASC|DESC]",
    ),
    Command::keyed(
        "georadiusbymember",
        -5,
        GROW | MOVABLEKEYS,
        STORE,
        |call, txn| search::georadiusbymember(call, txn, true),
    )
    .of(GEO)
    .says("3.2.0", "Members around a member; GEOSEARCH is newer.")
    .written(
        "key member radius (M|KM|FT|MI) [WITHCOORD] [WITHDIST] [WITHHASH] \
             [COUNT count [ANY]] [ASC|DESC] [STORE key] [STOREDIST key]",
    ),
    Command::keyed(
        "georadiusbymember_ro",
        -5,
        READONLY,
        Keys::ONE,
        |call, txn| search::georadiusbymember(call, txn, false),
    )
    .of(GEO)
    .says(
        "3.2.10",
        "As GEORADIUSBYMEMBER, without keeping the outcome.",
    )
    .written(
        "key member radius (M|KM|FT|MI) [WITHCOORD] [WITHDIST] [WITHHASH] \
             [COUNT count [ANY]] [ASC|DESC]",
    ),
    Command::keyed("geosearch", -7, READONLY, Keys::ONE, search::geosearch)
        .of(GEO)
        .says("6.2.0", "Members within a circle or a box.")
        .written(
            "key (FROMMEMBER member|FROMLONLAT {longitude latitude}) ({BYRADIUS \
             radius (M|KM|FT|MI)}|{BYBOX width height (M|KM|FT|MI)}) [ASC|DESC] \
             [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]",
        ),
    Command::keyed(
        "geosearchstore",
        -8,
        GROW,
        Keys::TWO.writing(Writes::First),
        search::geosearchstore,
    )
    .of(GEO)
    .says("6.2.0", "Keeps what GEOSEARCH answers in a key.")
    .written(
        "destination source (FROMMEMBER member|FROMLONLAT {longitude \
             latitude}) ({BYRADIUS radius (M|KM|FT|MI)}|{BYBOX width height \
             (M|KM|FT|MI)}) [ASC|DESC] [COUNT count [ANY]] [STOREDIST]",
    ),
];

/// The key, and where the outcome goes.
fn with_target(args: &[&[u8]], found: &mut Positions) {
    if args.len() < 2 {
        return;
    }
    found.push(1);
    let (mut at, mut target) = (5, None);
    while at + 1 < args.len() {
        let word = args[at];
        if word.eq_ignore_ascii_case(b"STORE") || word.eq_ignore_ascii_case(b"STOREDIST") {
            at += 1;
            target = Some(at);
        }
        at += 1;
    }
    found.extend(target);
}

/// `longitude latitude` from an argument on.
fn place(call: &Call<'_>, at: usize) -> Result<Coordinates, Failure> {
    let place = Coordinates {
        longitude: call.float(at)?,
        latitude: call.float(at + 1)?,
    };
    if !place.is_known() {
        return Err(Failure::of(format!(
            "ERR invalid longitude,latitude pair {:.6},{:.6}",
            place.longitude, place.latitude
        )));
    }
    Ok(place)
}

/// Metres in a unit.
fn unit(call: &Call<'_>, at: usize) -> Result<f64, Failure> {
    match () {
        () if call.is(at, "M") => Ok(1.0),
        () if call.is(at, "KM") => Ok(1000.0),
        () if call.is(at, "FT") => Ok(0.3048),
        () if call.is(at, "MI") => Ok(1609.34),
        () => Err(Failure::new(
            "ERR unsupported unit provided. please use M, KM, FT, MI",
        )),
    }
}

/// A distance with four digits behind the point.
fn distance(call: &mut Call<'_>, distance: f64) {
    let scaled = (distance * 1e4).round_ties_even() as i64;
    let (whole, rest) = (
        scaled.unsigned_abs() / 10_000,
        scaled.unsigned_abs() % 10_000,
    );
    let sign = if scaled < 0 { "-" } else { "" };
    call.out.bulk(format!("{sign}{whole}.{rest:04}").as_bytes());
}

fn degrees(call: &mut Call<'_>, place: Coordinates) {
    call.out.array(2);
    call.out.decimal(place.longitude);
    call.out.decimal(place.latitude);
}

/// `key [NX | XX] [CH] longitude latitude member …`.
fn geoadd(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let mut adding = Adding::default();
    let mut at = 2;
    loop {
        match () {
            () if call.is(at, "NX") => adding.absent = true,
            () if call.is(at, "XX") => adding.present = true,
            () if call.is(at, "CH") => adding.changed_too = true,
            () => break,
        }
        at += 1;
    }
    let given = call.args.len() - at;
    if given == 0 || !given.is_multiple_of(3) || adding.absent && adding.present {
        return Err(Failure::SYNTAX);
    }
    let mut pairs = Vec::with_capacity(given / 3);
    for at in (at..call.args.len()).step_by(3) {
        pairs.push((place(call, at)?.score(), call.args[at + 2]));
    }
    add(call, txn, adding, &pairs)
}

fn geodist(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let unit_m = match call.args.len() {
        4 => 1.0,
        5 => unit(call, 4)?,
        _ => return Err(Failure::SYNTAX),
    };
    let ranked = txn.ranked(call.args[1])?;
    let place = |at: usize| {
        let score = ranked?.score(call.args[at])?;
        Some(Coordinates::of_score(score))
    };
    match (place(2), place(3)) {
        (Some(from), Some(to)) => distance(call, from.distance_m(to) / unit_m),
        _ => call.out.null(),
    }
    Ok(())
}

fn geohash(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let ranked = txn.ranked(call.args[1])?;
    let members = &call.args[2..];
    call.out.array(members.len());
    for member in members {
        let score = ranked.and_then(|ranked| ranked.score(member));
        let letters = score.map(|score| Coordinates::of_score(score).letters());
        call.out
            .bulk_or_null(letters.as_ref().map(|letters| letters.as_bytes()));
    }
    Ok(())
}

fn geopos(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let ranked = txn.ranked(call.args[1])?;
    let members = &call.args[2..];
    call.out.array(members.len());
    for member in members {
        match ranked.and_then(|ranked| ranked.score(member)) {
            Some(score) => degrees(call, Coordinates::of_score(score)),
            None => call.out.null_array(),
        }
    }
    Ok(())
}
