//! Which arguments a command takes: from a line as people write it to the tree that `COMMAND DOCS`
//! tells, which clients show while somebody types.
//!
//! In a line, `word` is a value and `WORD` stands for itself, before the value that it announces;
//! `[a]` may be left out, `(a|b)` is one of them (in brackets without the parentheses), `{a b}`
//! belong together, and `a...` can be said again. A value's kind follows from its name, or stands
//! behind it: `start:integer`.

use super::out::Out;

/// One argument, or several that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    pub name: String,
    pub kind: &'static str,
    pub token: Option<String>,
    pub optional: bool,
    pub multiple: bool,
    /// Each time with its token.
    pub multiple_token: bool,
    pub parts: Vec<Argument>,
}

const KEYS: &[&str] = &[
    "destination",
    "destkey",
    "dst",
    "key",
    "key1",
    "key2",
    "newkey",
    "source",
    "sourcekey",
    "src",
];
const INTEGERS: &[&str] = &[
    "bit",
    "bits",
    "client-id",
    "count",
    "cursor",
    "db",
    "decrement",
    "destination-db",
    "frequency",
    "increment",
    "index",
    "index1",
    "index2",
    "len",
    "limit",
    "milliseconds",
    "ms",
    "num-matches",
    "numkeys",
    "numreplicas",
    "offset",
    "port",
    "protover",
    "rank",
    "seconds",
    "slot",
    "timeout",
    "ttl",
    "version",
    "weight",
];
const DOUBLES: &[&str] = &[
    "height",
    "latitude",
    "longitude",
    "radius",
    "score",
    "width",
];
const KINDS: &[&str] = &["double", "integer", "key", "string"];

fn kind_of(name: &str) -> &'static str {
    match name {
        name if KEYS.contains(&name) => "key",
        name if INTEGERS.contains(&name) => "integer",
        name if DOUBLES.contains(&name) => "double",
        "pattern" => "pattern",
        name if name.starts_with("unix-time") => "unix-time",
        _ => "string",
    }
}

/// The arguments of a line.
pub fn arguments(line: &str) -> Vec<Argument> {
    let mut rest = Rest(line);
    let arguments = rest.sequence();
    debug_assert_eq!(rest.0, "", "{line}");
    arguments
}

struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn take(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn sequence(&mut self) -> Vec<Argument> {
        let mut found = Vec::new();
        loop {
            self.0 = self.0.trim_start();
            if self.0.is_empty() || self.0.starts_with([')', ']', '}', '|']) {
                return found;
            }
            found.push(self.item());
        }
    }

    fn item(&mut self) -> Argument {
        let mut item = if self.take("[") {
            let item = self.choice("]");
            Argument {
                optional: true,
                ..item
            }
        } else if self.take("(") {
            self.choice(")")
        } else if self.take("{") {
            let parts = self.sequence();
            self.take("}");
            together(parts)
        } else {
            self.word()
        };
        if self.take("...") {
            item.multiple = true;
            item.multiple_token = item.token.is_some() && item.optional;
        }
        item
    }

    fn choice(&mut self, end: &str) -> Argument {
        let mut parts = vec![together(self.sequence())];
        while self.take("|") {
            parts.push(together(self.sequence()));
        }
        self.take(end);
        match parts.len() {
            1 => parts.remove(0),
            _ => group("oneof", "-or-", parts),
        }
    }

    fn word(&mut self) -> Argument {
        let is_end = |c: char| " []{}()|".contains(c);
        let end = self.0.find(is_end).unwrap_or(self.0.len());
        let end = self.0[..end].find("...").unwrap_or(end);
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        let is_token = word.starts_with(|c: char| c.is_ascii_uppercase() || "=~*$".contains(c));
        if !is_token {
            let typed = word.split_once(':');
            let typed = typed.and_then(|(name, kind)| {
                let kind = KINDS.iter().find(|known| **known == kind)?;
                Some((name, *kind))
            });
            let (name, kind) = typed.unwrap_or_else(|| (word, kind_of(word)));
            return Argument {
                name: name.into(),
                kind,
                ..Argument::default()
            };
        }
        let announces = rest.strip_prefix(' ').is_some_and(|next| {
            next.starts_with(|c: char| c.is_ascii_lowercase() || "({".contains(c))
        });
        if announces {
            self.0 = self.0.trim_start();
            let item = self.item();
            return Argument {
                token: Some(word.into()),
                ..item
            };
        }
        Argument {
            name: word.to_ascii_lowercase(),
            kind: "pure-token",
            token: Some(word.into()),
            ..Argument::default()
        }
    }
}

fn together(mut parts: Vec<Argument>) -> Argument {
    match parts.len() {
        1 => parts.remove(0),
        _ => group("block", "-", parts),
    }
}

fn group(kind: &'static str, between: &str, parts: Vec<Argument>) -> Argument {
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    Argument {
        name: names.join(between),
        kind,
        parts,
        ..Argument::default()
    }
}

/// Tells all arguments; `key_specs` is in how many places the command's keys can stand.
pub fn write(out: &mut Out, arguments: &[Argument], key_specs: usize) {
    write_some(out, arguments, key_specs, &mut 0);
}

fn write_some(out: &mut Out, arguments: &[Argument], key_specs: usize, keys: &mut usize) {
    out.array(arguments.len());
    for argument in arguments {
        let is_key = argument.kind == "key" && key_specs > 0;
        let flags = [
            (argument.optional, "optional"),
            (argument.multiple, "multiple"),
            (argument.multiple_token, "multiple_token"),
        ];
        let flags: Vec<&str> = flags
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, name)| *name)
            .collect();
        let more = [
            is_key,
            argument.token.is_some(),
            !flags.is_empty(),
            !argument.parts.is_empty(),
        ];
        out.map(2 + more.into_iter().filter(|there| *there).count());
        out.bulk(b"name");
        out.bulk(argument.name.as_bytes());
        out.bulk(b"type");
        out.bulk(argument.kind.as_bytes());
        if is_key {
            out.bulk(b"key_spec_index");
            out.count((*keys).min(key_specs - 1));
            *keys += 1;
        }
        if let Some(token) = &argument.token {
            out.bulk(b"token");
            out.bulk(token.as_bytes());
        }
        if !flags.is_empty() {
            out.bulk(b"flags");
            out.set(flags.len());
            flags.iter().for_each(|flag| out.simple(flag));
        }
        if !argument.parts.is_empty() {
            out.bulk(b"arguments");
            write_some(out, &argument.parts, key_specs, keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a client shows it while somebody types.
    fn shown(arguments: &[Argument], between: &str) -> String {
        let shown = arguments.iter().map(|argument| {
            let values = match argument.kind {
                "pure-token" => String::new(),
                "oneof" => shown(&argument.parts, "|"),
                "block" => shown(&argument.parts, " "),
                kind => format!("{}:{kind}", argument.name),
            };
            let words = [argument.token.clone().unwrap_or_default(), values];
            let words = words.join(" ").trim().to_owned();
            let words = match (argument.multiple, argument.multiple_token) {
                (true, true) => format!("{words}+"),
                (true, false) => format!("{words}*"),
                _ => words,
            };
            if argument.optional {
                format!("[{words}]")
            } else {
                words
            }
        });
        shown.collect::<Vec<_>>().join(between)
    }

    #[test]
    fn a_line_becomes_a_tree() {
        for (line, tree) in [
            ("", ""),
            ("key value", "key:key value:string"),
            ("key...", "key:key*"),
            ("[section...]", "[section:string*]"),
            (
                "key [NX|XX] [EX seconds|KEEPTTL]",
                "key:key [NX|XX] [EX seconds:integer|KEEPTTL]",
            ),
            (
                "key [LIMIT {offset count}] [GET pattern]... [ALPHA]",
                "key:key [LIMIT offset:integer count:integer] [GET pattern:pattern+] [ALPHA]",
            ),
            (
                "key [(MAXLEN|MINID) [=|~] threshold] (*|id) {field value}...",
                "key:key [MAXLEN|MINID [=|~] threshold:string] *|id:string field:string value:string*",
            ),
            ("STREAMS {key... id...}", "STREAMS key:key* id:string*"),
            ("start:integer ip:port", "start:integer ip:port:string"),
            ("({host port}|{NO ONE})", "host:string port:integer|NO ONE"),
        ] {
            assert_eq!(shown(&arguments(line), " "), tree, "{line}");
        }
    }

    #[test]
    fn a_tree_is_told_in_both_protocols() {
        let mut out = Out::default();
        write(&mut out, &arguments("key [EX seconds]"), 1);
        assert_eq!(
            String::from_utf8_lossy(&out.bytes).replace("\r\n", " "),
            "*2 *6 $4 name $3 key $4 type $3 key $14 key_spec_index :0 \
             *8 $4 name $7 seconds $4 type $7 integer $5 token $2 EX $5 flags *1 +optional "
        );
    }
}
