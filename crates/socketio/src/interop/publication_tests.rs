use super::*;
use proptest::prelude::*;
use serde_json::json;

/// As the emitter wrote it.
fn hex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}

const NEWS: &str = "93a7656d697474657283a47479706502a46461746193a46e65777383a1619601ffcf00000100\
    00000000cb3ff8000000000000c0c3a162a6ed959ceab880a47768656ed7ff6cb808006b02c1eec403010203a36e7370\
    a12f83a5726f6f6d7390a5666c61677380a665786365707490";
const ROOM: &str = "93a7656d697474657283a47479706502a46461746192a178a474657874a36e7370a12f83a5726f6f\
    6d7391a6726f6f6d3a35a5666c61677381a8766f6c6174696c65c3a665786365707490";

fn broadcast_of(channel: &str, bytes: &[u8]) -> Broadcast {
    match read(channel.as_bytes(), bytes).unwrap() {
        Publication::Broadcast(broadcast) => broadcast,
        Publication::Request { .. } => panic!("a request"),
    }
}

#[test]
fn an_emitters_events_are_understood() {
    let news = broadcast_of("socket.io#/#", &hex(NEWS));
    assert_eq!((news.name.as_str(), news.volatile), ("news", false));
    assert_eq!(news.to, Selection::default());
    assert_eq!(
        news.args[0],
        json!({ "a": [1, -1, 1_u64 << 40, 1.5, null, true], "b": "한글", "when": "2026-11-22T10:20:30.456Z" })
    );
    assert_eq!(news.attachments, [&[1, 2, 3][..]]);
    let frame = news.frame().unwrap();
    assert!(
        frame.text().starts_with("451-[\"news\",{"),
        "{}",
        frame.text()
    );
    assert!(!news.ends_in_text());

    let room = broadcast_of("socket.io#/#room:5#", &hex(ROOM));
    assert_eq!(
        (room.to.rooms.as_slice(), room.volatile),
        (&["room:5".to_owned()][..], true)
    );
    assert_eq!(room.frame().unwrap().text(), r#"42["x","text"]"#);
    assert!(room.ends_in_text());
    assert_eq!(
        room.frame_positioned("7").unwrap().text(),
        r#"42["x","text","7"]"#
    );
}

#[test]
fn requests_of_either_form_are_understood() {
    let who = |room: &str| Selection {
        rooms: vec![room.into()],
        except: Vec::new(),
    };
    let rooms = vec!["vip".to_owned()];
    for (text, wanted) in [
        (
            r#"{"type":2,"opts":{"rooms":["user:1"],"except":[]},"rooms":["vip"]}"#,
            Request::Join {
                who: who("user:1"),
                rooms: rooms.clone(),
            },
        ),
        (
            r#"{"requestid":"x","type":3,"sid":"abc","room":"vip"}"#,
            Request::Leave {
                who: who("abc"),
                rooms,
            },
        ),
        (
            r#"{"uid":"x","type":4,"opts":{"rooms":["room:1"]},"close":true}"#,
            Request::Disconnect {
                who: who("room:1"),
                close: true,
            },
        ),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        let packed = rmp_serde::to_vec(&value).unwrap();
        for bytes in [text.as_bytes(), &packed] {
            let read = read(b"socket.io-request#/#", bytes).unwrap();
            let namespace = "/".to_owned();
            assert_eq!(
                read,
                Publication::Request {
                    namespace,
                    id: None,
                    server: None,
                    request: wanted.clone()
                }
            );
        }
    }
}

#[test]
fn what_is_for_others_or_nothing_at_all_is_refused() {
    let packed = |value: Value| rmp_serde::to_vec(&value).unwrap();
    let packet = |nsp: &str, kind: u8| json!({ "type": kind, "data": ["x"], "nsp": nsp });
    for (value, wanted) in [
        (json!(["u", packet("/other", 2), {}]), InteropError::Shape),
        (json!(["u", packet("/", 0), {}]), InteropError::Shape),
        (
            json!(["u", packet("/", 2), { "flags": { "local": true } }]),
            InteropError::Shape,
        ),
        (
            json!(["u", { "type": 2, "data": [] }, {}]),
            InteropError::Shape,
        ),
        (
            json!(["u", { "type": 2, "data": [{}] }, {}]),
            InteropError::Shape,
        ),
        (json!({}), InteropError::Shape),
    ] {
        assert_eq!(
            read(b"socket.io#/#", &packed(value.clone())),
            Err(wanted),
            "{value}"
        );
    }
    assert!(read(b"socket.io#/#", &packed(json!(["u", packet("/", 2), null]))).is_ok());
    for channel in [
        "socket.io",
        "socket.io#/",
        "other#/#",
        "socket.io-response#/#",
        "socket.iox#/#",
    ] {
        assert_eq!(
            read(channel.as_bytes(), &hex(NEWS)),
            Err(InteropError::Channel),
            "{channel}"
        );
    }
    let large = vec![0; MAX_BYTES + 1];
    assert_eq!(read(b"socket.io#/#", &large), Err(InteropError::TooBig));
    for text in [
        "{",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":6,"data":["x"]}"#,
        r#"{"type":"2"}"#,
    ] {
        assert!(
            read(b"socket.io-request#/#", text.as_bytes()).is_err(),
            "{text}"
        );
    }
}

proptest! {
    /// Broken anywhere, it is refused or understood; never more than that.
    #[test]
    fn damage_is_answered(at in 0_usize..130, byte: u8, cut in 0_usize..130) {
        let mut bytes = hex(NEWS);
        let len = bytes.len();
        bytes[at % len] = byte;
        let _ = read(b"socket.io#/#", &bytes);
        let _ = read(b"socket.io-request#/#", &bytes[..cut % len]);
    }
}
