//! JSON with attachments to MessagePack: the other way of `msgpack`.
use bytes::Bytes;
use serde_json::Value;

/// A placeholder becomes its attachment; one that stands for none is null.
pub fn encode(value: &Value, attachments: &[Bytes]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value, attachments);
    out
}

fn put(out: &mut Vec<u8>, value: &Value, attachments: &[Bytes]) {
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(value) => out.push(0xc2 + u8::from(*value)),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), _, _) => tagged(out, 0xcf, &number.to_be_bytes()),
            (None, Some(number), _) => tagged(out, 0xd3, &number.to_be_bytes()),
            (None, None, number) => tagged(out, 0xcb, &number.unwrap_or(f64::NAN).to_be_bytes()),
        },
        Value::String(text) => {
            long(out, 0xdb, text.len());
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            long(out, 0xdd, items.len());
            items.iter().for_each(|item| put(out, item, attachments));
        }
        Value::Object(map) if map.get("_placeholder") == Some(&Value::Bool(true)) => {
            let num = map.get("num").and_then(Value::as_u64);
            let at = num.and_then(|num| usize::try_from(num).ok());
            match at.and_then(|at| attachments.get(at)) {
                Some(data) => {
                    long(out, 0xc6, data.len());
                    out.extend_from_slice(data);
                }
                None => out.push(0xc0),
            }
        }
        Value::Object(map) => {
            long(out, 0xdf, map.len());
            for (name, item) in map {
                long(out, 0xdb, name.len());
                out.extend_from_slice(name.as_bytes());
                put(out, item, attachments);
            }
        }
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend_from_slice(bytes);
}

/// The longest form of every kind; nothing here is longer than a client's message.
fn long(out: &mut Vec<u8>, tag: u8, len: usize) {
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    tagged(out, tag, &len.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::msgpack::decode;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_packed_is_read_back() {
        let value = json!({
            "a": [null, true, false, 0, -7, 1.5, "둘", u64::MAX],
            "b": { "_placeholder": true, "num": 0 }
        });
        let bytes = [Bytes::from_static(b"\x00\xff")];
        assert_eq!(
            decode(&encode(&value, &bytes)).unwrap(),
            (value.clone(), bytes.to_vec())
        );
        let none = json!([null]);
        let wrong = json!([{ "_placeholder": true, "num": 7 }]);
        assert_eq!(decode(&encode(&wrong, &bytes)).unwrap().0, none);
    }
}
