use super::*;
use proptest::prelude::*;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..126 => bytes.push(0x80 | u8::try_from(len).unwrap()),
        len => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    bytes
}

fn show(item: Item<'_>) -> String {
    format!("{item:?}")
}

fn read_all(mut input: &[u8], max_bytes: usize) -> Result<Vec<String>, WireError> {
    let (mut reader, mut items) = (Reader::default(), Vec::new());
    let mut pending: Vec<u8> = Vec::new();
    loop {
        let (used, item) = reader.frame(&mut pending.clone(), max_bytes, show)?;
        pending.drain(..used);
        items.extend(item);
        if used == 0 {
            let Some((byte, rest)) = input.split_first() else {
                return Ok(items);
            };
            pending.push(*byte);
            input = rest;
        }
    }
}

#[test]
fn messages_come_out_whole_however_they_were_cut() {
    let bytes = [
        frame(0x81, "한글".as_bytes()),
        frame(0x01, "frag".as_bytes()),
        frame(0x89, b"are you there"),
        frame(0x80, "mented".as_bytes()),
        frame(0x82, &[0; 300]),
        frame(0x88, &[]),
    ]
    .concat();
    let items = read_all(&bytes, 1000).unwrap();
    assert_eq!(items.len(), 5);
    assert_eq!(items[0], r#"Text("한글")"#);
    assert!(items[1].starts_with("Ping("));
    assert_eq!(items[2], r#"Text("fragmented")"#);
    assert_eq!(items[4], "Close");
}

#[test]
fn broken_frames_are_named() {
    let unmasked = b"\x81\x01a".to_vec();
    let huge = [&b"\x82\xff"[..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
    for (bytes, wanted) in [
        (unmasked, WireError::Protocol),
        (huge, WireError::TooBig),
        (frame(0xC1, b"rsv"), WireError::Protocol),
        (frame(0x83, b"opcode"), WireError::Protocol),
        (frame(0x80, b"nothing to continue"), WireError::Protocol),
        (
            [frame(0x01, b"a"), frame(0x81, b"b")].concat(),
            WireError::Protocol,
        ),
        (frame(0x09, b"fragmented control"), WireError::Protocol),
        (frame(0x89, &[0; 126]), WireError::Protocol),
        (frame(0x81, &[0xff]), WireError::Utf8),
        (frame(0x81, &[b'a'; 101]), WireError::TooBig),
        (
            [frame(0x01, &[b'a'; 60]), frame(0x80, &[b'a'; 60])].concat(),
            WireError::TooBig,
        ),
    ] {
        assert_eq!(read_all(&bytes, 100), Err(wanted), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
        let _ = read_all(&bytes, 1000);
    }
}
