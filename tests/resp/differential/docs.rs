//! What is told of commands' arguments, which clients show while somebody types.

use super::{Port, Redis, Reply, ask};
use std::collections::BTreeMap;

fn field<'r>(map: &'r Reply, name: &str) -> Option<&'r Reply> {
    let pairs = map.items().chunks_exact(2);
    let mut found = pairs.filter(|pair| pair[0].text() == name);
    found.next().map(|pair| &pair[1])
}

/// Arguments as `redis-cli` shows them.
fn shown(arguments: &Reply, between: &str) -> String {
    let shown = arguments.items().iter().map(|argument| {
        let text = |name| field(argument, name).map_or_else(String::new, Reply::text);
        let inner = |between| shown(field(argument, "arguments").expect("parts"), between);
        let values = match text("type").as_str() {
            "pure-token" => String::new(),
            "oneof" => inner("|"),
            "block" => inner(" "),
            "key" => format!("{}:key", text("name")),
            _ => text("name"),
        };
        let words = format!("{} {values}", text("token")).trim().to_owned();
        let flags = field(argument, "flags").map_or(&[][..], Reply::items);
        let has = |name: &str| flags.iter().any(|flag| flag.text() == name);
        let again = match (has("multiple"), has("multiple_token")) {
            (true, true) => "+",
            (true, false) => "*",
            _ => "",
        };
        if has("optional") {
            format!("[{words}{again}]")
        } else {
            format!("{words}{again}")
        }
    });
    shown.collect::<Vec<_>>().join(between)
}

fn all(docs: &Reply, into: &mut BTreeMap<String, String>) {
    for pair in docs.items().chunks_exact(2) {
        let arguments = field(&pair[1], "arguments");
        let line = arguments.map_or_else(String::new, |arguments| shown(arguments, " "));
        into.insert(pair[0].text(), line);
        if let Some(subcommands) = field(&pair[1], "subcommands") {
            all(subcommands, into);
        }
    }
}

#[test]
fn arguments_are_told_as_redis_tells_them() {
    let (redis, port) = (Redis::start(), Port::open());
    let requests = [
        vec![b"hello".to_vec(), b"3".to_vec()],
        vec![b"command".to_vec(), b"docs".to_vec()],
    ];
    let (mut theirs, mut ours) = (BTreeMap::new(), BTreeMap::new());
    all(&ask(&mut redis.client(), &requests)[1], &mut theirs);
    all(&ask(&mut port.client(), &requests)[1], &mut ours);
    assert!(ours.len() > 300);
    let mut different = Vec::new();
    for (name, line) in &ours {
        // What is refused whatever is said takes no arguments.
        if let Some(theirs) = theirs.get(name)
            && !name.starts_with("cluster|")
            && line != theirs
        {
            different.push(format!("{name}: {line}\n  not {theirs}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
