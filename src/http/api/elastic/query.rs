//! Elasticsearch's small questions: `q=`, `match`, `bool`, `range`. What is not understood is named.

use crate::domain::Timestamp;
use serde_json::Value;

/// What is asked, in the words of the search here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub text: String,
    pub without: Vec<String>,
    /// At this time or later.
    pub after_ms: Option<i64>,
    /// Before this time.
    pub before_ms: Option<i64>,
    pub newest: bool,
    pub from: usize,
    pub size: usize,
}

/// Pages reach so far.
const WINDOW: usize = 100;

pub fn read(query: &str, body: &[u8]) -> Result<Asked, String> {
    let mut asked = Asked {
        size: 10,
        ..Asked::default()
    };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "q" => add(&mut asked.text, &plain(&value)),
            "size" => asked.size = number("size", &value)?,
            "from" => asked.from = number("from", &value)?,
            "sort" => asked.newest = newest(&Value::String(value.into_owned()))?,
            // They change the form of an answer that has one form here.
            "pretty"
            | "typed_keys"
            | "human"
            | "filter_path"
            | "error_trace"
            | "track_total_hits"
            | "ignore_unavailable"
            | "allow_no_indices"
            | "expand_wildcards"
            | "rest_total_hits_as_int" => {}
            other => {
                return Err(format!(
                    "request [/_search] contains unrecognized parameter: [{}]",
                    short(other)
                ));
            }
        }
    }
    if !body.trim_ascii().is_empty() {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| "the body is no JSON".to_owned())?;
        let fields = body.as_object().ok_or("the body is no object")?;
        for (name, value) in fields {
            match name.as_str() {
                "query" => clause(value, &mut asked, false, 8)?,
                "size" => asked.size = count("size", value)?,
                "from" => asked.from = count("from", value)?,
                "sort" => asked.newest = newest(value)?,
                "track_total_hits" | "_source" | "timeout" => {}
                other => return Err(format!("unknown key [{}] in the body", short(other))),
            }
        }
    }
    if asked.from + asked.size > WINDOW {
        return Err(format!(
            "result window is too large: from + size must be at most {WINDOW}"
        ));
    }
    Ok(asked)
}

fn clause(value: &Value, asked: &mut Asked, not: bool, depth: usize) -> Result<(), String> {
    if depth == 0 {
        return Err("the query is nested too deep".to_owned());
    }
    let fields = value.as_object().ok_or("a query is an object")?;
    let [(kind, inner)] = fields.iter().collect::<Vec<_>>()[..] else {
        return Err("a query has one kind, such as [match]".to_owned());
    };
    match kind.as_str() {
        "match_all" if !not => Ok(()),
        "match" | "match_phrase" | "term" => {
            let (_, words) = text_field(kind, inner)?;
            let words = if kind == "match_phrase" {
                format!("\"{}\"", words.replace('"', " "))
            } else {
                plain(&words)
            };
            if not {
                asked.without.push(words);
            } else {
                add(&mut asked.text, &words);
            }
            Ok(())
        }
        "query_string" | "simple_query_string" => {
            let words = inner
                .get("query")
                .and_then(Value::as_str)
                .ok_or(format!("[{kind}] needs a [query]"))?;
            if not {
                return Err(format!("[{kind}] is not understood in [must_not]"));
            }
            add(&mut asked.text, words);
            Ok(())
        }
        "range" if !not => range(inner, asked),
        "bool" if !not => {
            for (name, clauses) in inner.as_object().ok_or("[bool] is an object")? {
                let not = match name.as_str() {
                    "must" | "filter" => false,
                    "must_not" => true,
                    other => {
                        return Err(format!(
                            "[bool] with [{}] is not understood; use must, filter and must_not",
                            short(other)
                        ));
                    }
                };
                match clauses {
                    Value::Array(many) => {
                        for one in many {
                            clause(one, asked, not, depth - 1)?;
                        }
                    }
                    one => clause(one, asked, not, depth - 1)?,
                }
            }
            Ok(())
        }
        other => Err(format!(
            "unknown query [{}]{}; match, match_phrase, match_all, bool and range are understood",
            short(other),
            if not { " in [must_not]" } else { "" }
        )),
    }
}

/// `{"message": "words"}` or `{"message": {"query": "words"}}`.
fn text_field(kind: &str, value: &Value) -> Result<(String, String), String> {
    let fields = value.as_object().ok_or(format!("[{kind}] is an object"))?;
    let [(name, value)] = fields.iter().collect::<Vec<_>>()[..] else {
        return Err(format!("[{kind}] has one field"));
    };
    if !matches!(name.as_str(), "message" | "text" | "_all" | "*") {
        return Err(format!(
            "[{kind}] of the field [{}] is not understood; search [message]",
            short(name)
        ));
    }
    let words = match value {
        Value::Object(inner) => inner
            .get("query")
            .or_else(|| inner.get("value"))
            .and_then(Value::as_str),
        other => other.as_str(),
    };
    let words = words.ok_or(format!("[{kind}] needs a text"))?;
    Ok((name.clone(), words.to_owned()))
}

fn range(value: &Value, asked: &mut Asked) -> Result<(), String> {
    let fields = value.as_object().ok_or("[range] is an object")?;
    for (name, bounds) in fields {
        if !matches!(name.as_str(), "@timestamp" | "sent_at") {
            return Err(format!(
                "[range] of the field [{}] is not understood; use [@timestamp]",
                short(name)
            ));
        }
        for (bound, value) in bounds
            .as_object()
            .ok_or("[range] needs gte, gt, lte or lt")?
        {
            if matches!(bound.as_str(), "format" | "time_zone" | "boost") {
                continue;
            }
            let at = moment(value).ok_or(format!("[range] cannot read the time [{value}]"))?;
            match bound.as_str() {
                "gte" | "from" => asked.after_ms = asked.after_ms.max(Some(at)),
                "gt" => asked.after_ms = asked.after_ms.max(Some(at + 1)),
                "lt" => asked.before_ms = Some(asked.before_ms.map_or(at, |before| before.min(at))),
                "lte" | "to" => {
                    asked.before_ms =
                        Some(asked.before_ms.map_or(at + 1, |before| before.min(at + 1)))
                }
                other => return Err(format!("[range] does not know [{}]", short(other))),
            }
        }
    }
    Ok(())
}

fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => Timestamp::parse(text)
            .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
            .or_else(|| Timestamp::parse(&format!("{text}Z")))
            .map(|at| at.0),
        _ => None,
    }
}

/// Only by time, the newest first, or by score.
fn newest(value: &Value) -> Result<bool, String> {
    let bad = || format!("[sort] is [_score] or [@timestamp:desc], not {value}");
    match value {
        Value::Array(many) if many.is_empty() => Ok(false),
        Value::Array(many) => newest(&many[0]),
        Value::String(text) => match text.as_str() {
            "_score" | "_score:desc" => Ok(false),
            "@timestamp:desc" | "sent_at:desc" => Ok(true),
            _ => Err(bad()),
        },
        Value::Object(fields) => match fields.iter().next() {
            Some((name, _)) if name == "_score" => Ok(false),
            Some((name, order)) if matches!(name.as_str(), "@timestamp" | "sent_at") => {
                let order = order
                    .as_str()
                    .or_else(|| order.get("order").and_then(Value::as_str));
                if order == Some("desc") {
                    Ok(true)
                } else {
                    Err(bad())
                }
            }
            _ => Err(bad()),
        },
        _ => Err(bad()),
    }
}

fn add(text: &mut String, words: &str) {
    if !text.is_empty() && !words.is_empty() {
        text.push(' ');
    }
    text.push_str(words);
}

/// `message:word` as Lucene writes it, without the field.
fn plain(words: &str) -> String {
    let words: Vec<&str> = words
        .split_whitespace()
        .map(|word| word.strip_prefix("message:").unwrap_or(word))
        .filter(|word| !matches!(*word, "*" | "*:*" | "AND"))
        .collect();
    words.join(" ")
}

fn number(name: &str, text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("[{name}] is a number"))
}

fn count(name: &str, value: &Value) -> Result<usize, String> {
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    number.ok_or(format!("[{name}] is a number"))
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_questions() {
        let asked = read("q=message:disk+full&size=5", b"").expect("understood");
        assert_eq!((asked.text.as_str(), asked.size), ("disk full", 5));
        let body = br#"{"query":{"bool":{"must":[{"match":{"message":"disk"}},{"match_phrase":{"message":{"query":"no space"}}}],
            "must_not":{"match":{"message":"test"}},"filter":[{"range":{"@timestamp":{"gte":"1970-01-02","lt":172800000}}}]}},
            "sort":[{"@timestamp":{"order":"desc"}}],"from":2}"#;
        let asked = read("", body).expect("understood");
        assert_eq!(asked.text, "disk \"no space\"");
        assert_eq!(asked.without, ["test"]);
        assert_eq!(
            (asked.after_ms, asked.before_ms),
            (Some(86_400_000), Some(172_800_000))
        );
        assert!(asked.newest && asked.from == 2);
        assert_eq!(
            read("", br#"{"query":{"match_all":{}}}"#)
                .expect("all")
                .text,
            ""
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (query, body, named) in [
            ("", r#"{"query":{"fuzzy":{"message":"x"}}}"#, "fuzzy"),
            ("", r#"{"query":{"bool":{"should":[]}}}"#, "should"),
            ("", r#"{"query":{"match":{"host":"x"}}}"#, "host"),
            ("", r#"{"query":{"range":{"bytes":{"gte":1}}}}"#, "bytes"),
            (
                "",
                r#"{"query":{"range":{"@timestamp":{"gte":"yesterday"}}}}"#,
                "yesterday",
            ),
            ("", r#"{"aggs":{}}"#, "aggs"),
            ("", r#"{"sort":["host"]}"#, "host"),
            ("routing=x", "", "routing"),
            ("size=1000", "", "window"),
            ("", "{", "JSON"),
        ] {
            let error = read(query, body.as_bytes()).expect_err(named);
            assert!(error.contains(named), "{error}");
        }
    }
}
