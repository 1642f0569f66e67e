//! What two strings have in common.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use maru_cache::Txn;

/// More cells than this in the table of lengths are refused: 4 bytes each.
const MAX_CELLS: usize = 64 << 20;

/// A part that both strings have: where in each (both ends included).
struct Match {
    first: (usize, usize),
    second: (usize, usize),
}

pub fn lcs(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (mut wants_length, mut wants_parts, mut with_lengths) = (false, false, false);
    let mut shortest = 0;
    let kinds = Failure::new("ERR The specified keys must contain string values");
    let first = txn.get(call.args[1]).map_err(|_| kinds.clone())?;
    let second = txn.get(call.args[2]).map_err(|_| kinds)?;
    let mut at = 3;
    while at < call.args.len() {
        if call.is(at, "IDX") {
            wants_parts = true;
        } else if call.is(at, "LEN") {
            wants_length = true;
        } else if call.is(at, "WITHMATCHLEN") {
            with_lengths = true;
        } else if call.is(at, "MINMATCHLEN") && at + 1 < call.args.len() {
            at += 1;
            shortest = usize::try_from(call.integer(at)?).unwrap_or(0);
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 1;
    }
    if wants_length && wants_parts {
        return Err(Failure::new(
            "ERR If you want both the length and indexes, please just use IDX.",
        ));
    }
    let (first, second) = (first.unwrap_or_default(), second.unwrap_or_default());
    let cells = (first.len() + 1).checked_mul(second.len() + 1);
    if cells.is_none_or(|cells| cells > MAX_CELLS) {
        return Err(Failure::new(
            "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
        ));
    }
    let (common, matches) = compare(&first, &second);
    if wants_length {
        call.out.count(common.len());
    } else if wants_parts {
        let long = |part: &&Match| part.first.1 - part.first.0 + 1 >= shortest;
        let matches: Vec<&Match> = matches.iter().filter(long).collect();
        call.out.map(2);
        call.out.bulk(b"matches");
        call.out.array(matches.len());
        for part in matches {
            call.out.array(2 + usize::from(with_lengths));
            for (from, to) in [part.first, part.second] {
                call.out.array(2);
                call.out.count(from);
                call.out.count(to);
            }
            if with_lengths {
                call.out.count(part.first.1 - part.first.0 + 1);
            }
        }
        call.out.bulk(b"len");
        call.out.count(common.len());
    } else {
        call.out.bulk(&common);
    }
    Ok(())
}

/// The common sequence, and its parts from the last to the first.
fn compare(first: &[u8], second: &[u8]) -> (Vec<u8>, Vec<Match>) {
    let width = second.len() + 1;
    let mut lengths = vec![0u32; (first.len() + 1) * width];
    for i in 1..=first.len() {
        for j in 1..=second.len() {
            lengths[i * width + j] = if first[i - 1] == second[j - 1] {
                lengths[(i - 1) * width + j - 1] + 1
            } else {
                lengths[(i - 1) * width + j].max(lengths[i * width + j - 1])
            };
        }
    }
    let (mut common, mut matches) = (Vec::new(), Vec::<Match>::new());
    let (mut i, mut j) = (first.len(), second.len());
    while i > 0 && j > 0 {
        if first[i - 1] == second[j - 1] {
            common.push(first[i - 1]);
            match matches.last_mut() {
                Some(part) if part.first.0 == i && part.second.0 == j => {
                    part.first.0 = i - 1;
                    part.second.0 = j - 1;
                }
                _ => matches.push(Match {
                    first: (i - 1, i - 1),
                    second: (j - 1, j - 1),
                }),
            }
            i -= 1;
            j -= 1;
        } else if lengths[(i - 1) * width + j] > lengths[i * width + j - 1] {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    common.reverse();
    (common, matches)
}
