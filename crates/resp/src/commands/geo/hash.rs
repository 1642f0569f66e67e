//! Places on earth as numbers of 52 bits: longitude and latitude halved again and again, their bits
//! in turn, so that what is near is near in number too.

use std::ops::Range;

/// A longitude and a latitude, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    pub longitude: f64,
    pub latitude: f64,
}

/// Halvings of each coordinate.
const STEPS: u32 = 26;
const LONGITUDES: Range<f64> = -180.0..180.0;
/// The poles are left out, as on a map of Mercator's.
const LATITUDES: Range<f64> = -85.051_128_78..85.051_128_78;
const EARTH_RADIUS_M: f64 = 6_372_797.560_856;
/// Half of the equator on that map.
const MERCATOR_MAX_M: f64 = 20_037_726.37;
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// As C turns numbers into 64 bits on most machines, those that do not fit, too.
fn whole_bits(number: f64) -> u64 {
    const TOP: u64 = 1 << 63;
    const TOP_AS_NUMBER: f64 = TOP as f64;
    match number {
        number if number >= 2.0 * TOP_AS_NUMBER => 0,
        number if number >= TOP_AS_NUMBER => number as u64,
        number if number < -TOP_AS_NUMBER => TOP,
        number => number as i64 as u64,
    }
}

impl Coordinates {
    /// Whether it can be told.
    pub fn is_known(self) -> bool {
        (LONGITUDES.start..=LONGITUDES.end).contains(&self.longitude)
            && (LATITUDES.start..=LATITUDES.end).contains(&self.latitude)
    }

    /// The score of a member that is here.
    pub fn score(self) -> f64 {
        Cell::of(self, STEPS, LATITUDES).bits as f64
    }

    /// The place that a score stands for.
    pub fn of_score(score: f64) -> Coordinates {
        let cell = Cell {
            bits: whole_bits(score),
            steps: STEPS,
        };
        let area = cell.area();
        let middle = |range: &Range<f64>| (range.start + range.end) / 2.0;
        Coordinates {
            longitude: middle(&area.longitudes).clamp(LONGITUDES.start, LONGITUDES.end),
            latitude: middle(&area.latitudes).clamp(LATITUDES.start, LATITUDES.end),
        }
    }

    /// As others write it, in eleven letters; the last one stands for bits that are not kept.
    pub fn letters(self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
        // Others halve all latitudes.
        let bits = Cell::of(self, STEPS, -90.0..90.0).bits;
        let letters = (1..=10).map(|at| bits >> (52 - at * 5) & 0x1f);
        letters
            .chain([0])
            .map(|letter| char::from(ALPHABET[letter as usize]))
            .collect()
    }

    /// Metres along a great circle.
    pub fn distance_m(self, other: Coordinates) -> f64 {
        let v = ((other.longitude * DEGREE - self.longitude * DEGREE) / 2.0).sin();
        if v == 0.0 {
            return latitude_distance_m(self.latitude, other.latitude);
        }
        let (from, to) = (self.latitude * DEGREE, other.latitude * DEGREE);
        let u = ((to - from) / 2.0).sin();
        let a = u * u + from.cos() * to.cos() * v * v;
        2.0 * EARTH_RADIUS_M * a.sqrt().asin()
    }
}

fn latitude_distance_m(from: f64, to: f64) -> f64 {
    EARTH_RADIUS_M * (to * DEGREE - from * DEGREE).abs()
}

/// What is searched, around a place.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Circle { radius_m: f64 },
    Box { width_m: f64, height_m: f64 },
}

impl Shape {
    /// How far away a place within is.
    pub fn distance_within_m(self, center: Coordinates, place: Coordinates) -> Option<f64> {
        match self {
            Shape::Circle { radius_m } => {
                let distance_m = center.distance_m(place);
                (distance_m <= radius_m).then_some(distance_m)
            }
            Shape::Box { width_m, height_m } => {
                let beside = Coordinates {
                    longitude: center.longitude,
                    ..place
                };
                let within = latitude_distance_m(place.latitude, center.latitude) <= height_m / 2.0
                    && place.distance_m(beside) <= width_m / 2.0;
                within.then(|| center.distance_m(place))
            }
        }
    }

    /// The longitudes and latitudes that hold all of it.
    fn bounds(self, center: Coordinates) -> Area {
        let (half_width_m, half_height_m) = match self {
            Shape::Circle { radius_m } => (radius_m, radius_m),
            Shape::Box { width_m, height_m } => (width_m / 2.0, height_m / 2.0),
        };
        let up = half_height_m / EARTH_RADIUS_M / DEGREE;
        // The nearer to a pole, the more degrees for as many metres.
        let edge = if center.latitude < 0.0 {
            center.latitude - up
        } else {
            center.latitude + up
        };
        let aside = half_width_m / EARTH_RADIUS_M / (edge * DEGREE).cos() / DEGREE;
        Area {
            longitudes: center.longitude - aside..center.longitude + aside,
            latitudes: center.latitude - up..center.latitude + up,
        }
    }

    fn reach_m(self) -> f64 {
        match self {
            Shape::Circle { radius_m } => radius_m,
            Shape::Box { width_m, height_m } => {
                ((width_m / 2.0).powi(2) + (height_m / 2.0).powi(2)).sqrt()
            }
        }
    }

    /// Scores of all that may lie within, in the order in which they are to be looked at.
    pub fn scores(self, center: Coordinates) -> Vec<Range<f64>> {
        let bounds = self.bounds(center);
        let mut steps = steps_for(self.reach_m(), center.latitude);
        let mut cell = Cell::of(center, steps, LATITUDES);
        if steps > 1 && !cell.neighbours_hold(&bounds) {
            steps -= 1;
            cell = Cell::of(center, steps, LATITUDES);
        }
        let area = cell.area();
        // Neighbours beyond an edge that the cell itself reaches are not needed.
        let narrow = steps >= 2;
        let skip = |x: i8, y: i8| {
            narrow
                && (y < 0 && area.latitudes.start < bounds.latitudes.start
                    || y > 0 && area.latitudes.end > bounds.latitudes.end
                    || x < 0 && area.longitudes.start < bounds.longitudes.start
                    || x > 0 && area.longitudes.end > bounds.longitudes.end)
        };
        let mut cells: Vec<Cell> = Vec::new();
        let mut last = None;
        for (at, (x, y)) in AROUND.into_iter().enumerate() {
            let next = cell.beside(x, y);
            // Where cells are large, two neighbours may be the same one.
            if skip(x, y) || last == Some(next) {
                continue;
            }
            cells.push(next);
            last = (at > 0).then_some(next);
        }
        cells.into_iter().map(Cell::scores).collect()
    }
}

/// The cell itself; north, south, east, west; and between them.
const AROUND: [(i8, i8); 9] = [
    (0, 0),
    (0, 1),
    (0, -1),
    (1, 0),
    (-1, 0),
    (1, 1),
    (-1, 1),
    (1, -1),
    (-1, -1),
];

/// How often to halve, so that nine cells hold a circle.
fn steps_for(radius_m: f64, latitude: f64) -> u32 {
    if radius_m == 0.0 {
        return STEPS;
    }
    let (mut steps, mut reach_m) = (1i32, radius_m);
    while reach_m < MERCATOR_MAX_M {
        reach_m *= 2.0;
        steps += 1;
    }
    steps -= 2;
    // Near the poles cells are narrow.
    steps -= i32::from(latitude.abs() > 66.0) + i32::from(latitude.abs() > 80.0);
    steps.clamp(1, STEPS as i32) as u32
}

struct Area {
    longitudes: Range<f64>,
    latitudes: Range<f64>,
}

/// One of the cells that halving makes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    /// Latitude in the even places, longitude in the odd ones.
    bits: u64,
    steps: u32,
}

const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
const EVEN: u64 = 0x5555_5555_5555_5555;

impl Cell {
    fn of(place: Coordinates, steps: u32, latitudes: Range<f64>) -> Cell {
        let part = |value: f64, range: &Range<f64>| {
            let part = (value - range.start) / (range.end - range.start);
            (part * (1u64 << steps) as f64) as u32
        };
        Cell {
            bits: spread(part(place.latitude, &latitudes))
                | spread(part(place.longitude, &LONGITUDES)) << 1,
            steps,
        }
    }

    fn area(self) -> Area {
        let range = |bits: u64, all: &Range<f64>| {
            let scale = all.end - all.start;
            let at = |part: f64| all.start + part / (1u64 << self.steps) as f64 * scale;
            let part = f64::from(gather(bits));
            at(part)..at(part + 1.0)
        };
        Area {
            longitudes: range(self.bits >> 1, &LONGITUDES),
            latitudes: range(self.bits, &LATITUDES),
        }
    }

    /// The next one to the east or west, and to the north or south, around the world.
    fn beside(self, x: i8, y: i8) -> Cell {
        let unused = 64 - self.steps * 2;
        let (odd, even) = (ODD >> unused, EVEN >> unused);
        let step = |bits: u64, mine: u64, others: u64, by: i8| match by {
            0 => bits & mine,
            1.. => (bits & mine).wrapping_add(others + 1) & mine,
            _ => (bits & mine | others).wrapping_sub(others + 1) & mine,
        };
        Cell {
            bits: step(self.bits, odd, even, x) | step(self.bits, even, odd, y),
            ..self
        }
    }

    fn neighbours_hold(self, bounds: &Area) -> bool {
        self.beside(0, 1).area().latitudes.end >= bounds.latitudes.end
            && self.beside(0, -1).area().latitudes.start <= bounds.latitudes.start
            && self.beside(1, 0).area().longitudes.end >= bounds.longitudes.end
            && self.beside(-1, 0).area().longitudes.start <= bounds.longitudes.start
    }

    fn scores(self) -> Range<f64> {
        let unused = 2 * (STEPS - self.steps);
        (self.bits << unused) as f64..((self.bits + 1) << unused) as f64
    }
}

/// The bits of a number in the even places.
fn spread(number: u32) -> u64 {
    (0..32).fold(0, |bits, at| bits | u64::from(number >> at & 1) << (2 * at))
}

/// The bits in the even places of a number.
fn gather(bits: u64) -> u32 {
    (0..32).fold(0, |number, at| {
        number | ((bits >> (2 * at) & 1) as u32) << at
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `redis-server` 7.0.15 answers.
    #[test]
    fn places_are_those_of_redis() {
        let palermo = Coordinates {
            longitude: 13.361389,
            latitude: 38.115556,
        };
        let catania = Coordinates {
            longitude: 15.087269,
            latitude: 37.502669,
        };
        assert_eq!(palermo.score(), 3_479_099_956_230_698.0);
        let kept = [palermo, catania].map(|place| Coordinates::of_score(place.score()));
        assert_eq!(kept[0].letters(), "sqc8b49rny0");
        assert_eq!(kept[1].letters(), "sqdtr74hyu0");
        assert_eq!(format!("{:.4}", kept[0].distance_m(kept[1])), "166274.1516");
    }

    #[test]
    fn what_is_near_is_found() {
        let center = Coordinates {
            longitude: 179.99,
            latitude: 10.0,
        };
        let near = Coordinates {
            longitude: -179.99,
            ..center
        };
        let shape = Shape::Circle { radius_m: 5000.0 };
        let score = near.score();
        assert!(
            shape
                .scores(center)
                .iter()
                .any(|range| range.contains(&score))
        );
    }
}
