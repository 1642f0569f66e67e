//! What a client sent to a handler.
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An event: its name, its arguments as they came, its attachments.
#[derive(Debug, Clone)]
pub struct Event {
    pub name: String,
    /// Valid JSON each; `{"_placeholder":true,"num":n}` stands for attachment `n`, which exists.
    pub args: Vec<Box<RawValue>>,
    pub attachments: Vec<Bytes>,
}

impl Event {
    /// Argument `at` as a type. A missing one is read as `null`.
    pub fn arg<'de, T: Deserialize<'de>>(&'de self, at: usize) -> serde_json::Result<T> {
        serde_json::from_str(self.args.get(at).map_or("null", |arg| arg.get()))
    }
}

/// Whether every placeholder in the arguments names an attachment that came.
pub(super) fn placeholders_fit(args: &[&RawValue], attachments: usize) -> bool {
    fn fits(value: &serde_json::Value, attachments: usize) -> bool {
        match value {
            serde_json::Value::Array(items) => items.iter().all(|item| fits(item, attachments)),
            serde_json::Value::Object(map) if map.get("_placeholder") == Some(&true.into()) => map
                .get("num")
                .and_then(serde_json::Value::as_u64)
                .is_some_and(|num| num < attachments as u64),
            serde_json::Value::Object(map) => map.values().all(|item| fits(item, attachments)),
            _ => true,
        }
    }
    args.iter()
        .all(|arg| serde_json::from_str(arg.get()).is_ok_and(|value| fits(&value, attachments)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_must_name_what_came() {
        let check = |json: &str, count| {
            placeholders_fit(&[&*RawValue::from_string(json.into()).unwrap()], count)
        };
        assert!(check(
            r#"[{"_placeholder":true,"num":0},{"x":{"_placeholder":true,"num":1}}]"#,
            2
        ));
        assert!(!check(r#"{"_placeholder":true,"num":1}"#, 1));
        assert!(!check(r#"{"_placeholder":true,"num":-1}"#, 1));
        assert!(!check(r#"{"_placeholder":true,"num":"splice"}"#, 1));
        assert!(!check(r#"{"_placeholder":true}"#, 1));
        assert!(!check(
            &format!("{}{}", "[".repeat(9999), "]".repeat(9999)),
            1
        ));
    }
}
