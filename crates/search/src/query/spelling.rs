//! What was perhaps meant by a word that stands nowhere: the nearest words of public messages.

use super::statistics::PublicStatistics;
use crate::hangul;
use crate::index::Opened;
use tantivy::Searcher;

/// Terms that are compared with one word.
const SCAN_TERMS: usize = 50_000;
/// Each word costs a look at many terms, so a longer question is left as it is.
const WORDS_MAX: usize = 4;
/// Letters of a word below which a slip makes another word.
const LETTERS_MIN: usize = 4;
/// Letters from which two slips are forgiven.
const LETTERS_FOR_TWO: usize = 7;

/// The text with its unknown words put right; `None` if nothing can be done for it.
pub fn corrected(
    opened: &Opened,
    searcher: &Searcher,
    text: &str,
) -> tantivy::Result<Option<String>> {
    let unfit = text.contains('"') || text.split_whitespace().nth(WORDS_MAX).is_some();
    if unfit {
        return Ok(None);
    }
    let statistics = PublicStatistics::of(opened, searcher)?;
    let mut changed = false;
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let known = statistics.word_frequency(word)? > 0;
        let nearest = if known {
            None
        } else {
            nearest(opened, searcher, &statistics, word)?
        };
        changed |= nearest.is_some();
        words.push(nearest.unwrap_or_else(|| word.to_owned()));
    }
    Ok(changed.then(|| words.join(" ")))
}

/// The nearest word that begins with the same consonant, among equally near ones the most
/// frequent.
fn nearest(
    opened: &Opened,
    searcher: &Searcher,
    statistics: &PublicStatistics,
    word: &str,
) -> tantivy::Result<Option<String>> {
    let typed = hangul::letters_of(word);
    let Some(first) = word.chars().next().and_then(hangul::initial) else {
        return Ok(None);
    };
    let most = match typed.len() {
        ..LETTERS_MIN => return Ok(None),
        LETTERS_MIN..LETTERS_FOR_TWO => 1,
        _ => 2,
    };
    let (low, high) = hangul::bounds(&first.to_string());
    let mut near: Vec<(usize, String)> = Vec::new();
    let mut letters = Vec::new();
    let mut left = SCAN_TERMS;
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(opened.fields.public_senses)?;
        let mut terms = index.terms().range().ge(&low).lt(&high).into_stream()?;
        while left > 0 && terms.advance() {
            left -= 1;
            let Ok(term) = std::str::from_utf8(terms.key()) else {
                continue;
            };
            hangul::letters_into(term, &mut letters);
            if let Some(slips) = slips(&typed, &letters, most) {
                near.push((slips, term.to_owned()));
            }
        }
    }
    near.sort_unstable();
    near.dedup();
    let mut best: Option<(usize, u64, String)> = None;
    for (slips, term) in near {
        let frequency = statistics.word_frequency(&term)?;
        let better = best
            .as_ref()
            .is_none_or(|(least, most, _)| slips < *least || slips == *least && frequency > *most);
        if frequency > 0 && better {
            best = Some((slips, frequency, term));
        }
    }
    Ok(best.map(|(_, _, term)| term))
}

/// How many letters were left out, put in or taken for another one; `None` if more than `most`.
fn slips(typed: &[char], meant: &[char], most: usize) -> Option<usize> {
    if typed.len().abs_diff(meant.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=meant.len()).collect();
    for (i, a) in typed.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in meant.iter().enumerate() {
            let swapped = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = swapped.min(row[j] + 1).min(diagonal + 1);
        }
        if row.iter().all(|slips| *slips > most) {
            return None;
        }
    }
    row.last().copied().filter(|slips| *slips <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted_in_letters() {
        let check = |a: &str, b: &str, most: usize, expected: Option<usize>| {
            let (a, b) = (hangul::letters_of(a), hangul::letters_of(b));
            assert_eq!(slips(&a, &b, most), expected);
        };
        check("배표", "배포", 1, Some(1));
        check("배포", "배포", 1, Some(0));
        check("서벗", "서버", 1, Some(1));
        check("설겆이", "설거지", 1, Some(1));
        check("설겆", "설거지", 1, Some(1));
        check("설것", "설거지", 1, None);
        check("배포", "회의", 2, None);
    }
}
