//! What a request on streams asks for. The command's name and the number of its arguments are right
//! already.

use super::Refused;
use crate::cache::StreamId;
use std::time::Duration;

/// Entries of an answer where no COUNT is given, and at most.
const MOST: usize = 10_000;

pub enum Asked {
    Range(Range),
    Length(Vec<u8>),
    Read(Read),
    Stream(Vec<u8>),
    Groups(Vec<u8>),
    Claim(Claim),
}

pub struct Range {
    pub key: Vec<u8>,
    pub first: StreamId,
    pub last: StreamId,
    pub count: usize,
    pub backwards: bool,
}

/// From where a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// From now on.
    End,
    After(StreamId),
    /// What is new to the group.
    New,
}

pub struct Read {
    pub group: Option<(Vec<u8>, Vec<u8>)>,
    pub count: usize,
    /// `Some(None)`: for ever.
    pub block: Option<Option<Duration>>,
    pub no_ack: bool,
    pub streams: Vec<(Vec<u8>, From)>,
}

pub struct Claim {
    pub key: Vec<u8>,
    pub group: Vec<u8>,
    pub consumer: Vec<u8>,
    pub min_idle_ms: u64,
    pub what: Claimed,
    pub just_id: bool,
}

pub enum Claimed {
    /// XCLAIM
    These(Vec<StreamId>),
    /// XAUTOCLAIM
    From { start: StreamId, count: usize },
}

fn syntax() -> Refused {
    Refused("ERR syntax error".to_owned())
}

fn number(text: &[u8]) -> Result<u64, Refused> {
    let number = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| Refused("ERR value is not an integer or out of range".to_owned()))
}

fn count(text: &[u8]) -> Result<usize, Refused> {
    Ok(usize::try_from(number(text)?).unwrap_or(MOST).min(MOST))
}

fn is(arg: &[u8], word: &str) -> bool {
    arg.eq_ignore_ascii_case(word.as_bytes())
}

/// `ms-seq`, or `ms` alone with this sequence.
pub fn id(text: &[u8], missing: u64) -> Result<StreamId, Refused> {
    let invalid =
        || Refused("ERR Invalid stream ID specified as stream command argument".to_owned());
    let text = std::str::from_utf8(text).map_err(|_| invalid())?;
    let (ms, seq) = match text.split_once('-') {
        Some((ms, seq)) => (ms, seq.parse().map_err(|_| invalid())?),
        None => (text, missing),
    };
    let ms = ms.parse().map_err(|_| invalid())?;
    Ok(StreamId { ms, seq })
}

/// An end of a range: `-`, `+`, an id, or an id that is left out.
fn bound(text: &[u8], is_first: bool) -> Result<StreamId, Refused> {
    let missing = if is_first { 0 } else { u64::MAX };
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        [b'(', rest @ ..] => {
            let id = id(rest, missing)?;
            let other = if is_first { id.next() } else { id.previous() };
            let none = || Refused("ERR invalid start ID for the interval".to_owned());
            other.ok_or_else(none)
        }
        text => id(text, missing),
    }
}

pub fn parse(args: &[Vec<u8>]) -> Result<Asked, Refused> {
    let name = args.first().map(|name| name.to_ascii_lowercase());
    match name.as_deref() {
        Some(b"xrange") => range(args, false),
        Some(b"xrevrange") => range(args, true),
        Some(b"xlen") => Ok(Asked::Length(args[1].clone())),
        Some(b"xread") => read(args, false),
        Some(b"xreadgroup") => read(args, true),
        Some(b"xinfo") if is(&args[1], "stream") => Ok(Asked::Stream(args[2].clone())),
        Some(b"xinfo") if is(&args[1], "groups") => Ok(Asked::Groups(args[2].clone())),
        Some(b"xclaim") => claim(args),
        Some(b"xautoclaim") => auto_claim(args),
        _ => Err(Refused(
            "NOPERM The log of events is only read here".to_owned(),
        )),
    }
}

fn range(args: &[Vec<u8>], backwards: bool) -> Result<Asked, Refused> {
    let (first, last) = if backwards { (3, 2) } else { (2, 3) };
    let count = match &args[4..] {
        [] => MOST,
        [word, most] if is(word, "COUNT") => count(most)?,
        _ => return Err(syntax()),
    };
    Ok(Asked::Range(Range {
        key: args[1].clone(),
        first: bound(&args[first], true)?,
        last: bound(&args[last], false)?,
        count,
        backwards,
    }))
}

fn read(args: &[Vec<u8>], is_grouped: bool) -> Result<Asked, Refused> {
    let mut read = Read {
        group: None,
        count: MOST,
        block: None,
        no_ack: false,
        streams: Vec::new(),
    };
    let mut rest = &args[1..];
    loop {
        rest = match rest {
            [word, most, rest @ ..] if is(word, "COUNT") => {
                read.count = count(most)?.max(1);
                rest
            }
            [word, ms, rest @ ..] if is(word, "BLOCK") => {
                let negative = |_| Refused("ERR timeout is not an integer or out of range".into());
                let ms = number(ms).map_err(negative)?;
                read.block = Some((ms > 0).then(|| Duration::from_millis(ms)));
                rest
            }
            [word, group, consumer, rest @ ..] if is_grouped && is(word, "GROUP") => {
                read.group = Some((group.clone(), consumer.clone()));
                rest
            }
            [word, rest @ ..] if is_grouped && is(word, "NOACK") => {
                read.no_ack = true;
                rest
            }
            [word, rest @ ..] if is(word, "STREAMS") => {
                if rest.is_empty() || !rest.len().is_multiple_of(2) {
                    return Err(Refused("ERR Unbalanced list of streams: for each stream key an ID or '$' must be specified.".to_owned()));
                }
                let (keys, ids) = rest.split_at(rest.len() / 2);
                for (key, at) in keys.iter().zip(ids) {
                    read.streams.push((key.clone(), from(at, is_grouped)?));
                }
                break;
            }
            _ => return Err(syntax()),
        };
    }
    if is_grouped && read.group.is_none() {
        return Err(Refused(
            "ERR Missing GROUP option for XREADGROUP".to_owned(),
        ));
    }
    Ok(Asked::Read(read))
}

fn from(text: &[u8], is_grouped: bool) -> Result<From, Refused> {
    match (text, is_grouped) {
        (b"$", false) => Ok(From::End),
        (b">", true) => Ok(From::New),
        (b"$", true) => Err(Refused(
            "ERR The $ ID is meaningless in the context of XREADGROUP; use > for new entries."
                .to_owned(),
        )),
        (b">", false) => Err(Refused(
            "ERR The > ID can be specified only when calling XREADGROUP.".to_owned(),
        )),
        (text, _) => Ok(From::After(id(text, 0)?)),
    }
}

fn claim(args: &[Vec<u8>]) -> Result<Asked, Refused> {
    let mut ids = Vec::new();
    let mut rest = &args[5..];
    while let [one, left @ ..] = rest
        && let Ok(id) = id(one, 0)
    {
        ids.push(id);
        rest = left;
    }
    let mut just_id = false;
    for word in rest {
        match () {
            () if is(word, "JUSTID") => just_id = true,
            () if is(word, "FORCE") => {}
            () => return Err(syntax()),
        }
    }
    Ok(Asked::Claim(Claim {
        key: args[1].clone(),
        group: args[2].clone(),
        consumer: args[3].clone(),
        min_idle_ms: number(&args[4])?,
        what: Claimed::These(ids),
        just_id,
    }))
}

fn auto_claim(args: &[Vec<u8>]) -> Result<Asked, Refused> {
    let (mut most, mut just_id) = (100, false);
    let mut rest = &args[6..];
    loop {
        rest = match rest {
            [] => break,
            [word, number, rest @ ..] if is(word, "COUNT") => {
                most = count(number)?.max(1);
                rest
            }
            [word, rest @ ..] if is(word, "JUSTID") => {
                just_id = true;
                rest
            }
            _ => return Err(syntax()),
        };
    }
    Ok(Asked::Claim(Claim {
        key: args[1].clone(),
        group: args[2].clone(),
        consumer: args[3].clone(),
        min_idle_ms: number(&args[4])?,
        what: Claimed::From {
            start: bound(&args[5], true)?,
            count: most,
        },
        just_id,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Vec<u8>> {
        line.split(' ')
            .map(|word| word.as_bytes().to_vec())
            .collect()
    }

    #[test]
    fn requests_are_understood_or_named() {
        let Ok(Asked::Read(read)) = parse(&words("XREAD COUNT 2 BLOCK 0 STREAMS a b 5 $")) else {
            panic!("understood")
        };
        let after = From::After(StreamId { ms: 5, seq: 0 });
        assert_eq!(
            read.streams,
            [(b"a".to_vec(), after), (b"b".to_vec(), From::End)]
        );
        assert_eq!((read.count, read.block), (2, Some(None)));
        let Ok(Asked::Range(range)) = parse(&words("xrevrange k + (7-1 COUNT 3")) else {
            panic!("understood")
        };
        assert_eq!((range.first, range.count), (StreamId { ms: 7, seq: 2 }, 3));
        for bad in [
            "xread STREAMS a",
            "xread GROUP g c STREAMS a >",
            "xreadgroup STREAMS a >",
            "xreadgroup GROUP g c STREAMS a $",
            "xread STREAMS a x-y",
            "xrange k - + LIMIT 1",
            "xadd k * a b",
        ] {
            assert!(parse(&words(bad)).is_err(), "{bad}");
        }
    }
}
