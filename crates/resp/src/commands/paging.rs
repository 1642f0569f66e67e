//! Going through a collection page by page. A cursor is an index: pages go from the end to the
//! beginning, because elements that go are replaced by the last one, which has been seen then.

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::number;
use maru_cache::glob;
use std::ops::Range;

/// What a client asks for.
pub struct Asked<'a> {
    cursor: u64,
    pattern: Option<&'a [u8]>,
    count: usize,
}

/// Indices to look at, and the cursor of the next page.
pub struct PageRange {
    pub range: Range<usize>,
    pub next: u64,
}

/// `name key cursor …`: the cursor, as C's `strtoul` reads it.
pub fn cursor(call: &Call<'_>) -> Result<u64, Failure> {
    const INVALID: Failure = Failure::new("ERR invalid cursor");
    let text = std::str::from_utf8(call.args[2]).map_err(|_| INVALID)?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let cursor = match digits {
        "" if text.is_empty() => 0,
        digits => digits.parse::<u64>().map_err(|_| INVALID)?,
    };
    Ok(if negative {
        cursor.wrapping_neg()
    } else {
        cursor
    })
}

/// `… [MATCH pattern] [COUNT count]`, to be read when there is something to go through.
pub fn asked<'a>(call: &Call<'a>, cursor: u64) -> Result<Asked<'a>, Failure> {
    let mut asked = Asked {
        cursor,
        pattern: None,
        count: 10,
    };
    let mut at = 3;
    while at < call.args.len() {
        match call.args.get(at + 1) {
            Some(text) if call.is(at, "COUNT") => {
                let count = number::integer(text).ok_or(Failure::NOT_AN_INTEGER)?;
                if count < 1 {
                    return Err(Failure::SYNTAX);
                }
                asked.count = count as usize;
            }
            Some(pattern) if call.is(at, "MATCH") => asked.pattern = Some(pattern),
            _ => return Err(Failure::SYNTAX),
        }
        at += 2;
    }
    Ok(asked)
}

impl Asked<'_> {
    /// Which elements of so many come now; small collections come whole.
    pub fn page(&self, length: usize, whole: bool) -> PageRange {
        if whole {
            return PageRange {
                range: 0..length,
                next: 0,
            };
        }
        let end = match self.cursor {
            0 => length,
            cursor => length.min(usize::try_from(cursor).unwrap_or(length)),
        };
        let start = end.saturating_sub(self.count);
        PageRange {
            range: start..end,
            next: start as u64,
        }
    }

    pub fn wants(&self, element: &[u8]) -> bool {
        self.pattern
            .is_none_or(|pattern| pattern == b"*" || glob::matches(pattern, element))
    }
}

/// Writes a page.
pub fn answer<'i, I>(call: &mut Call<'_>, next: u64, items: I)
where
    I: IntoIterator<Item = &'i [u8]>,
    I::IntoIter: ExactSizeIterator,
{
    let items = items.into_iter();
    call.out.array(2);
    call.out.bulk(next.to_string().as_bytes());
    call.out.array(items.len());
    for item in items {
        call.out.bulk(item);
    }
}
