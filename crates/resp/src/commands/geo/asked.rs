//! What a search was asked for, in all its older and newer forms.

use super::super::super::call::Call;
use super::super::super::failure::Failure;
use super::super::super::number;
use super::hash::{Coordinates, Shape};
use super::{place, unit};
use maru_cache::Ranked;

/// In which order the answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    None,
    NearestFirst,
    FarthestFirst,
}

/// Which command asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum GeoCommand {
    /// GEORADIUS and GEORADIUSBYMEMBER; those that keep nothing do not know STORE.
    Radius {
        stores: bool,
    },
    Search,
    SearchStore,
}

pub struct Asked<'a> {
    /// `None`: a member of a key that is not there.
    pub center: Option<Coordinates>,
    pub shape: Shape,
    pub unit_m: f64,
    pub with_distance: bool,
    pub with_hash: bool,
    pub with_place: bool,
    pub order: Order,
    /// 0 is no limit.
    pub count: usize,
    /// The first that are found will do.
    pub any: bool,
    pub target: Option<&'a [u8]>,
    /// Distances are kept instead of places.
    pub store_distance: bool,
    from_member: bool,
    from_place: bool,
    by_circle: bool,
    by_box: bool,
}

impl<'a> Asked<'a> {
    pub fn new() -> Asked<'a> {
        Asked {
            center: None,
            shape: Shape::Circle { radius_m: 0.0 },
            unit_m: 1.0,
            with_distance: false,
            with_hash: false,
            with_place: false,
            order: Order::None,
            count: 0,
            any: false,
            target: None,
            store_distance: false,
            from_member: false,
            from_place: false,
            by_circle: false,
            by_box: false,
        }
    }

    /// The place of a member of a key that may not be there.
    pub fn around(
        &mut self,
        call: &Call<'a>,
        at: usize,
        ranked: Option<&Ranked>,
    ) -> Result<(), Failure> {
        if let Some(ranked) = ranked {
            let score = ranked.score(call.args[at]);
            let score = score.ok_or(Failure::new("ERR could not decode requested zset member"))?;
            self.center = Some(Coordinates::of_score(score));
        }
        Ok(())
    }

    /// `radius unit` from an argument on.
    pub fn circle(&mut self, call: &Call<'a>, at: usize) -> Result<(), Failure> {
        let radius = number::float(call.args[at]).ok_or(Failure::new("ERR need numeric radius"))?;
        if radius < 0.0 {
            return Err(Failure::new("ERR radius cannot be negative"));
        }
        self.unit_m = unit(call, at + 1)?;
        let radius_m = radius * self.unit_m;
        self.shape = Shape::Circle { radius_m };
        Ok(())
    }

    /// `width height unit` from an argument on.
    fn rectangle(&mut self, call: &Call<'a>, at: usize) -> Result<(), Failure> {
        let width = number::float(call.args[at]).ok_or(Failure::new("ERR need numeric width"))?;
        let height =
            number::float(call.args[at + 1]).ok_or(Failure::new("ERR need numeric height"))?;
        if width < 0.0 || height < 0.0 {
            return Err(Failure::new("ERR height or width cannot be negative"));
        }
        self.unit_m = unit(call, at + 2)?;
        self.shape = Shape::Box {
            width_m: width * self.unit_m,
            height_m: height * self.unit_m,
        };
        Ok(())
    }

    /// Options from an argument on.
    pub fn options(
        &mut self,
        call: &Call<'a>,
        mut at: usize,
        kind: GeoCommand,
        ranked: Option<&Ranked>,
    ) -> Result<(), Failure> {
        let searches = matches!(kind, GeoCommand::Search | GeoCommand::SearchStore);
        let keeps = kind == GeoCommand::Radius { stores: true };
        while at < call.args.len() {
            let left = call.args.len() - at - 1;
            match () {
                () if call.is(at, "WITHDIST") => self.with_distance = true,
                () if call.is(at, "WITHHASH") => self.with_hash = true,
                () if call.is(at, "WITHCOORD") => self.with_place = true,
                () if call.is(at, "ANY") => self.any = true,
                () if call.is(at, "ASC") => self.order = Order::NearestFirst,
                () if call.is(at, "DESC") => self.order = Order::FarthestFirst,
                () if call.is(at, "COUNT") && left >= 1 => {
                    let count = usize::try_from(call.integer(at + 1)?).unwrap_or(0);
                    if count == 0 {
                        return Err(Failure::new("ERR COUNT must be > 0"));
                    }
                    self.count = count;
                    at += 1;
                }
                () if keeps && left >= 1 && (call.is(at, "STORE") || call.is(at, "STOREDIST")) => {
                    self.target = Some(call.args[at + 1]);
                    self.store_distance = call.is(at, "STOREDIST");
                    at += 1;
                }
                () if kind == GeoCommand::SearchStore && call.is(at, "STOREDIST") => {
                    self.store_distance = true;
                }
                () if searches && left >= 1 && !self.from_place && call.is(at, "FROMMEMBER") => {
                    self.around(call, at + 1, ranked)?;
                    self.from_member = true;
                    at += 1;
                }
                () if searches && left >= 2 && !self.from_member && call.is(at, "FROMLONLAT") => {
                    self.center = Some(place(call, at + 1)?);
                    self.from_place = true;
                    at += 2;
                }
                () if searches && left >= 2 && !self.by_box && call.is(at, "BYRADIUS") => {
                    self.circle(call, at + 1)?;
                    self.by_circle = true;
                    at += 2;
                }
                () if searches && left >= 3 && !self.by_circle && call.is(at, "BYBOX") => {
                    self.rectangle(call, at + 1)?;
                    self.by_box = true;
                    at += 3;
                }
                () => return Err(Failure::SYNTAX),
            }
            at += 1;
        }
        self.check(call, kind)
    }

    fn check(&self, call: &Call<'a>, kind: GeoCommand) -> Result<(), Failure> {
        if self.target.is_some() && (self.with_distance || self.with_hash || self.with_place) {
            let who = match kind {
                GeoCommand::SearchStore => "GEOSEARCHSTORE",
                GeoCommand::Search | GeoCommand::Radius { .. } => "STORE option in GEORADIUS",
            };
            return Err(Failure::of(format!(
                "ERR {who} is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            )));
        }
        let name = String::from_utf8_lossy(call.args[0]);
        if matches!(kind, GeoCommand::Search | GeoCommand::SearchStore) {
            if !(self.from_member || self.from_place) {
                return Err(Failure::of(format!(
                    "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {name}"
                )));
            }
            if !(self.by_circle || self.by_box) {
                return Err(Failure::of(format!(
                    "ERR exactly one of BYRADIUS and BYBOX can be specified for {name}"
                )));
            }
        }
        if self.any && self.count == 0 {
            return Err(Failure::new("ERR the ANY argument requires COUNT argument"));
        }
        Ok(())
    }
}
