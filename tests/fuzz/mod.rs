//! Everything that takes bytes from outside, with bytes that nobody meant: it says no, and nothing
//! else. `make fuzz` does it for a fixed time; the seeds that are kept are tried every time, and what
//! brought something down becomes one.

#![allow(clippy::print_stderr, reason = "somebody watches it")]

mod decoders;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use decoders::{DECODERS, Decoder};

/// Longer inputs find nothing that shorter ones do not.
const LONGEST: usize = 4 << 10;
/// One input may take so long, on busy cores.
const SLOW: Duration = Duration::from_secs(5);

/// A generator of numbers (splitmix64): the same ones for the same start.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn seeds_of(decoder: &Decoder) -> Vec<Vec<u8>> {
    let kept = std::fs::read_dir(folder(decoder)).into_iter().flatten();
    let kept = kept.filter_map(|file| std::fs::read(file.ok()?.path()).ok());
    let mut seeds: Vec<Vec<u8>> = decoder.seeds.iter().map(|seed| seed.to_vec()).collect();
    seeds.extend(kept);
    seeds
}

fn folder(decoder: &Decoder) -> PathBuf {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    all.join(decoder.name)
}

/// What is not as it should be, in words.
fn trouble(decoder: &Decoder, input: &[u8]) -> Option<String> {
    let begun = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| (decoder.run)(input)));
    if done.is_err() {
        return Some("it panics".to_owned());
    }
    let took = begun.elapsed();
    (took > SLOW).then(|| format!("it takes {took:?}"))
}

/// A seed with a few changes: bits, numbers at their ends, pieces left out, doubled, of another seed.
fn changed(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    const ODD: [&[u8]; 12] = [
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x80\0\0\0",
        b"-1",
        b"9223372036854775808",
        b"\r\n",
        b"\"",
        b"[[[[[[[[",
        b"{\"a\":",
        "\u{ac00}\u{1f468}\u{200d}".as_bytes(),
        b"\xed\xa0\x80",
        b"%s%n",
    ];
    let mut input = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(6) {
        let at = chance.below(input.len() + 1);
        let end = (at + chance.below(16)).min(input.len());
        match chance.below(7) {
            0 if at < input.len() => input[at] ^= 1 << chance.below(8),
            1 if at < input.len() => input[at] = chance.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at),
            4 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            5 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                let piece = other[from..(from + 64).min(other.len())].to_vec();
                input.splice(at..end, piece);
            }
            _ => {
                let odd = ODD[chance.below(ODD.len())].to_vec();
                input.splice(at..end, odd);
            }
        }
    }
    input.truncate(LONGEST);
    input
}

/// Tries changed seeds until the time is over; what went wrong is kept as a seed.
fn search(decoder: &Decoder, time: Duration, start: u64) -> Result<u64, String> {
    let (seeds, until) = (seeds_of(decoder), Instant::now() + time);
    let (mut chance, mut tried) = (Chance(start), 0);
    while Instant::now() < until {
        let input = changed(&seeds, &mut chance);
        if let Some(trouble) = trouble(decoder, &input) {
            let mut hasher = DefaultHasher::new();
            input.hash(&mut hasher);
            let path = folder(decoder).join(format!("{:016x}", hasher.finish()));
            std::fs::create_dir_all(folder(decoder)).expect("made");
            std::fs::write(&path, &input).expect("kept");
            return Err(format!("{}: {trouble}: {}", decoder.name, path.display()));
        }
        tried += 1;
    }
    Ok(tried)
}

fn expect_nothing_found(time: Duration, start: u64) {
    let mut found = Vec::new();
    for decoder in DECODERS {
        match search(decoder, time, start) {
            Ok(tried) => eprintln!("{}: {tried} inputs", decoder.name),
            Err(trouble) => found.push(trouble),
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every time: what is kept, and a moment of new ones.
#[test]
fn what_is_kept_brings_nothing_down() {
    for decoder in DECODERS {
        let seeds = seeds_of(decoder);
        assert!(!seeds.is_empty(), "{} has no seed", decoder.name);
        for seed in seeds {
            assert_eq!(trouble(decoder, &seed), None, "{}: {seed:?}", decoder.name);
        }
    }
    expect_nothing_found(Duration::from_millis(50), 1);
}

/// `make fuzz`: `MARU_FUZZ_S` seconds for each, from `MARU_FUZZ_SEED` on.
#[test]
#[ignore = "as long as one likes: make fuzz"]
fn for_a_fixed_time() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number("MARU_FUZZ_S").unwrap_or(30);
    let start = number("MARU_FUZZ_SEED").unwrap_or_else(|| {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(0, |since| since.as_secs())
    });
    eprintln!("MARU_FUZZ_SEED={start}");
    expect_nothing_found(Duration::from_secs(seconds), start);
}

#[test]
fn what_falls_over_is_found_and_kept() {
    let decoder = Decoder {
        name: "tried-here",
        seeds: &[b"good"],
        run: |bytes| assert!(!bytes.contains(&0xff), "it falls over"),
    };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let found = search(&decoder, Duration::from_secs(20), 7);
    std::panic::set_hook(hook);
    let found = found.expect_err("it is found");
    assert!(found.contains("tried-here: it panics"), "{found}");
    assert_eq!(seeds_of(&decoder).len(), 2);
    std::fs::remove_dir_all(folder(&decoder)).expect("removed");
}
