//! What cannot be asked in one go: pages to the end, and dumps that the other one restores.

use super::super::kit::{Client, Reply};
use super::chance::Chance;
use std::collections::BTreeSet;
use std::io::{Read, Write};

/// All that pages show, once each.
fn gathered<S: Read + Write>(
    client: &mut Client<S>,
    command: &str,
    options: &str,
    parts: usize,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut cursor = "0".to_owned();
    loop {
        let page = client.ask(&format!("{command} {cursor}{options}"));
        let Reply::Array(page) = page else {
            found.insert(page.text());
            return found;
        };
        let items = page[1].items().chunks(parts);
        found.extend(items.map(|item| format!("{item:?}")));
        cursor = page[0].text();
        if cursor == "0" {
            return found;
        }
    }
}

/// Every way to go through everything shows the same.
pub fn pages<A: Read + Write, B: Read + Write>(
    theirs: &mut Client<A>,
    ours: &mut Client<B>,
    chance: &mut Chance,
) -> Result<(), String> {
    let count = format!(" COUNT {}", 1 + chance.below(4));
    let options = match chance.below(4) {
        0 => String::new(),
        1 => count,
        2 => format!("{count} MATCH *[0-2]*"),
        _ => " MATCH [a-m]*".to_owned(),
    };
    let mut compare = |command: &str, options: &str, parts: usize| {
        let expected = gathered(theirs, command, options, parts);
        let answered = gathered(ours, command, options, parts);
        same(&format!("{command} …{options}"), &expected, &answered)
    };
    compare("SCAN", &options, 1)?;
    for (kind, scan, parts) in [
        ("set", "SSCAN", 1),
        ("hash", "HSCAN", 2),
        ("zset", "ZSCAN", 2),
    ] {
        compare("SCAN", &format!("{options} TYPE {kind}"), 1)?;
        for key in ["k:0", "k:1", "k:2", "k:3", "k:4", "lex:0"] {
            compare(&format!("{scan} {key}"), &options, parts)?;
        }
    }
    Ok(())
}

/// What each dumps is the same key for both.
pub fn dumps<A: Read + Write, B: Read + Write>(
    theirs: &mut Client<A>,
    ours: &mut Client<B>,
    chance: &mut Chance,
) -> Result<(), String> {
    for key in ["k:0", "k:1", "k:2", "k:3", "k:4"] {
        let dump = format!("DUMP {key}");
        let dumped = (theirs.ask(&dump), ours.ask(&dump));
        let (Reply::Bulk(their_dump), Reply::Bulk(our_dump)) = &dumped else {
            same(&dump, &dumped.0, &dumped.1)?;
            continue;
        };
        for dump in [their_dump, our_dump] {
            let mut request: Vec<&[u8]> = vec![b"RESTORE", b"restored", b"0", dump, b"REPLACE"];
            match chance.below(4) {
                0 => request[2] = b"100000000",
                1 => {
                    request[2] = b"9999999900000";
                    request.push(b"ABSTTL");
                }
                2 => request.extend([&b"IDLETIME"[..], b"100000"]),
                _ => {}
            }
            same(
                &format!("RESTORE of {key}, {dump:?}"),
                &theirs.call(&request),
                &ours.call(&request),
            )?;
            for look in [
                "OBJECT ENCODING restored".to_owned(),
                format!("DEBUG DIGEST-VALUE restored {key}"),
                "XINFO STREAM restored".to_owned(),
                "XINFO GROUPS restored".to_owned(),
            ] {
                same(
                    &format!("{look} after RESTORE of {dump:?}"),
                    &theirs.ask(&look),
                    &ours.ask(&look),
                )?;
            }
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    answered: &T,
) -> Result<(), String> {
    if expected == answered {
        Ok(())
    } else {
        Err(format!(
            "{what}\n  Redis: {expected:?}\n  here:  {answered:?}\n"
        ))
    }
}
