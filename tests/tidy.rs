//! The code stays tidy: which module uses which, how long a file may become, what is on the map.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which module may use which others; `lib.rs` may use all. A module is a folder of `src/` or a
/// crate of `crates/`. Change the table on purpose, and the map in `lib.rs` with it: the
/// product's promises are promises between layers.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("log", &["domain"]),
    ("state", &["domain"]),
    ("cache", &[]),
    ("dictionary", &[]),
    ("search", &["domain", "dictionary"]),
    ("socketio", &[]),
    // A protocol for the cache alone.
    ("resp", &["cache"]),
    ("files", &[]),
    ("cluster", &["domain", "log"]),
    ("outbound", &[]),
    // Keys and bytes; who is told what is decided in `notify`, which also sends.
    ("push", &[]),
    ("notify", &["domain", "engine", "outbound", "push", "state"]),
    // Titles of pages; what is shown of them is decided in the state.
    ("previews", &["domain", "engine", "files", "outbound"]),
    // Pure readers.
    ("imports", &[]),
    // What may be connected to besides the public internet is a setting.
    ("config", &["outbound", "acme"]),
    ("archive", &[]),
    ("metrics", &[]),
    ("tls", &[]),
    ("acme", &["outbound", "tls"]),
    ("replica", &["outbound"]),
    ("oidc", &["outbound"]),
    ("passkeys", &[]),
    ("mail", &[]),
    // Who may hear an event stands in the state; what a client missed, in the event journal.
    ("live", &["domain", "log", "state", "metrics"]),
    ("auth", &["domain", "cache"]),
    ("engine", &["domain", "log", "state", "live", "metrics"]),
    // Doors hold the engine. They also use the vocabularies of events, search and rows.
    (
        "http",
        &[
            "engine", "auth", "domain", "socketio", "config", "live", "search", "state", "files",
            "outbound", "metrics", "cluster", "log", "tls", "imports", "push", "oidc", "passkeys",
            "mail", // Only to load history.
            "ops",
        ],
    ),
    (
        "webhooks",
        &["engine", "domain", "live", "state", "outbound"],
    ),
    // The journal for Redis clients; where their groups stand is kept in the cache.
    (
        "streams",
        &["engine", "auth", "domain", "live", "state", "cache", "resp"],
    ),
    // `check` reads log, state, index and cache; `export` reads rows as they are.
    (
        "ops",
        &[
            "engine", "auth", "domain", "log", "state", "search", "cache", "files", "archive",
            "metrics", "cluster", "outbound", "replica", "acme", "imports",
        ],
    ),
    // Opens and connects the modules: wiring, no logic.
    (
        "node",
        &[
            "engine", "auth", "domain", "config", "log", "state", "search", "live", "cache",
            "http", "files", "outbound", "metrics", "cluster", "webhooks", "push", "notify",
            "previews",
        ],
    ),
    // `serve` opens the doors of a node.
    (
        "cli",
        &[
            "engine", "domain", "config", "ops", "http", "node", "resp", "archive", "metrics",
            "cluster", "tls", "cache", "imports", "oidc", "outbound", "streams", "acme", "mail",
        ],
    ),
];

/// A file is split by noun before it has more lines.
const FILE_LINES: usize = 400;

/// Files that a tool writes are not read by people: their first lines say so.
const GENERATED: &str = "generated";

#[test]
fn modules_use_only_what_the_table_allows() {
    let modules: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    let mut found = Vec::new();
    for (module, allowed) in MAY_USE {
        let (folder, is_crate) = folder_of(module);
        let mut unused: BTreeSet<&str> = allowed.iter().copied().collect();
        for (file, text) in sources(&folder, &["rs"]) {
            for used in modules_used(&text, is_crate) {
                if !modules.contains(used.as_str()) || used == *module {
                    continue;
                }
                unused.remove(used.as_str());
                if !allowed.contains(&used.as_str()) {
                    found.push(format!(
                        "{}: `{module}` may not use `{used}`",
                        file.display()
                    ));
                }
            }
        }
        for right in unused {
            found.push(format!(
                "`{module}` never uses `{right}`: take the right away"
            ));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Where a module's sources are, and whether it is a crate.
fn folder_of(module: &str) -> (String, bool) {
    let krate = format!("crates/{module}/src");
    if Path::new(env!("CARGO_MANIFEST_DIR")).join(&krate).is_dir() {
        (krate, true)
    } else {
        (format!("src/{module}"), false)
    }
}

#[test]
fn the_table_and_the_map_know_every_module() {
    let lib = read("src/lib.rs");
    let modules: BTreeSet<&str> = lib
        .lines()
        .filter_map(|line| {
            let folder = || line.strip_prefix("pub mod ")?.strip_suffix(';');
            let krate = || line.strip_prefix("pub use maru_")?.split(' ').next();
            folder().or_else(krate)
        })
        .collect();
    let table: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    assert_eq!(
        modules, table,
        "every module of lib.rs stands in the table of this test"
    );
    for module in modules {
        assert!(
            lib.contains(&format!("//! - [`{module}`]: ")),
            "`{module}` has no line on the map"
        );
    }
}

#[test]
fn no_file_became_a_scroll() {
    let mut all = rust_sources();
    all.extend(sources("web/src", &["ts", "tsx", "css"]));
    let long = all.iter().filter(|(_, text)| {
        let head: Vec<&str> = text.lines().take(3).collect();
        !head.join("\n").to_lowercase().contains(GENERATED) && text.lines().count() > FILE_LINES
    });
    let long: Vec<String> = long
        .map(|(file, text)| format!("{} has {} lines", file.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split by noun: {}", long.join(", "));
}

#[test]
fn what_replays_has_no_clock_and_no_chance() {
    const FORBIDDEN: &[&str] = &[
        "SystemTime",
        "Instant::now",
        "now_utc",
        "getrandom",
        "std::env",
        "tokio::",
        "std::net",
    ];
    let mut found = Vec::new();
    for folder in ["crates/domain/src", "crates/state/src/apply"] {
        for (file, text) in sources(folder, &["rs"]) {
            let code = code_only(&text);
            for word in FORBIDDEN.iter().filter(|word| code.contains(**word)) {
                found.push(format!("{}: {word}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_is_left_to_do() {
    let mut all = rust_sources();
    all.extend(sources("web/src", &["ts", "tsx", "css"]));
    // Put together here, so that this file does not find itself.
    let words = ["TO", "FIX", "X"].map(|start| match start {
        "TO" => "TODO".to_owned(),
        "FIX" => "FIXME".to_owned(),
        other => other.repeat(3),
    });
    let found = all.iter().flat_map(|(file, text)| {
        let lines = text.lines().enumerate().filter(|(_, line)| {
            line.split(|c: char| !c.is_alphanumeric())
                .any(|word| words.iter().any(|w| w == word))
        });
        lines.map(move |(at, line)| format!("{}:{}: {}", file.display(), at + 1, line.trim()))
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let text = "//! [`crate::log`]\nuse crate::{domain::{self, Seq}, state};\n// crate::cache\n\
                fn f() { maru::live::x(); crate::auth::y(\"//\"); maru_search::z() }\n\
                #[cfg(test)]\nmod tests { use crate::http; }\n";
    let used = |is_crate| -> Vec<String> { modules_used(text, is_crate).into_iter().collect() };
    assert_eq!(used(false), ["auth", "domain", "live", "search", "state"]);
    assert_eq!(used(true), ["live", "search"]);
}

/// Sources of the product and of its build scripts.
fn rust_sources() -> Vec<(PathBuf, String)> {
    let mut all = sources("src", &["rs"]);
    all.extend(sources("crates", &["rs"]));
    all
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under a folder with one of these endings, with their text. Paths are relative.
fn sources(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let ending = path
                .extension()
                .and_then(|ending| ending.to_str())
                .unwrap_or("");
            if path.is_dir() {
                folders.push(path);
            } else if endings.contains(&ending) {
                let text = std::fs::read_to_string(&path).expect("sources are text");
                found.push((
                    path.strip_prefix(root).expect("below the root").to_owned(),
                    text,
                ));
            }
        }
    }
    found.sort();
    found
}

/// The code without comments, without what stands in quotes on one line, and without the unit
/// tests at its end.
fn code_only(text: &str) -> String {
    let lines = text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.map(|line| line.split('"').step_by(2).collect::<String>());
    code.collect::<Vec<_>>().join("\n")
}

/// The modules named behind `crate::`, `maru::` (also in groups) and `maru_`. In a crate of its
/// own `crate::` names its own modules.
fn modules_used(text: &str, is_crate: bool) -> BTreeSet<String> {
    let code = code_only(text);
    let mut used = BTreeSet::new();
    let roots: &[&str] = if is_crate {
        &["maru::", "maru_"]
    } else {
        &["crate::", "maru::", "maru_"]
    };
    for root in roots {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(group) => used.extend(heads_of_group(group)),
                None => used.extend(name(rest)),
            }
        }
    }
    used
}

fn name(text: &str) -> Option<String> {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The first name of each part of `a::{b, c}, d}`.
fn heads_of_group(group: &str) -> Vec<String> {
    let (mut heads, mut depth, mut is_head) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_head = true,
            c if is_head && (c.is_alphanumeric() || c == '_') => {
                heads.extend(name(&group[at..]));
                is_head = false;
            }
            _ => {}
        }
    }
    heads
}
