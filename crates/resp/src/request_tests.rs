use super::*;

/// Arguments, and the bytes they took.
type Request = (Vec<Vec<u8>>, usize);

fn read(parser: &mut Parser, bytes: &[u8]) -> Result<Option<Request>, Malformed> {
    read_within(parser, bytes, Bounds::KNOWN)
}

fn read_within(
    parser: &mut Parser,
    bytes: &[u8],
    bounds: Bounds,
) -> Result<Option<Request>, Malformed> {
    Ok(match parser.parse(bytes, bounds)? {
        Step::Incomplete => None,
        Step::Complete(taken) => {
            let arguments = parser.arguments().iter().map(|argument| match argument {
                Argument::At(from, to) => bytes[*from..*to].to_vec(),
                Argument::Copied(word) => word.clone(),
            });
            Some((arguments.collect(), taken))
        }
    })
}

#[test]
fn requests_come_in_any_pieces() {
    let bytes = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n*1\r\n$4\r\nPING\r\n";
    let first = bytes.len() - 14;
    let mut parser = Parser::default();
    for end in 0..first {
        assert_eq!(read(&mut parser, &bytes[..end]), Ok(None), "{end}");
    }
    let (arguments, taken) = read(&mut parser, bytes).expect("sound").expect("complete");
    assert_eq!(arguments, [&b"SET"[..], b"k", b"a\r\nbc"]);
    assert_eq!(taken, first);
    parser.next();
    let (arguments, taken) = read(&mut parser, &bytes[first..])
        .expect("sound")
        .expect("complete");
    assert_eq!(arguments, [b"PING"]);
    assert_eq!(taken, 14);
}

#[test]
fn inline_requests_come_in_any_pieces() {
    let mut parser = Parser::default();
    let bytes = b"set k \"a b\"\r\nPING\n";
    for end in 0..12 {
        assert_eq!(read(&mut parser, &bytes[..end]), Ok(None), "{end}");
    }
    let (arguments, taken) = read(&mut parser, bytes).expect("sound").expect("complete");
    assert_eq!((arguments.len(), taken), (3, 13));
    assert_eq!(arguments[2], b"a b");
}

#[test]
fn nothing_to_do_is_no_error() {
    for bytes in [&b"\r\n"[..], b"*0\r\n", b"*-1\r\n", b"   \n"] {
        let read = read(&mut Parser::default(), bytes);
        assert_eq!(read, Ok(Some((vec![], bytes.len()))));
    }
}

#[test]
fn what_is_no_request_is_named() {
    for (bytes, sentence) in [
        ("*1048577000000\r\n", "invalid multibulk length"),
        ("*x\r\n", "invalid multibulk length"),
        ("*1\r\n:1\r\n", "expected '$', got ':'"),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1\r\n$536870913\r\n", "invalid bulk length"),
        ("*1\r\n$a\r\n", "invalid bulk length"),
        ("get 'x\r\n", "unbalanced quotes in request"),
    ] {
        let error = read(&mut Parser::default(), bytes.as_bytes()).expect_err(bytes);
        assert_eq!(error.to_string(), sentence);
    }
    let long = [b"*".as_slice(), &vec![b'1'; 70_000]].concat();
    assert_eq!(
        read(&mut Parser::default(), &long),
        Err(Malformed::LongCountLine)
    );
    let long = vec![b'x'; 70_000];
    assert_eq!(
        read(&mut Parser::default(), &long),
        Err(Malformed::LongInline)
    );
}

#[test]
fn strangers_are_held_short() {
    let mut parser = Parser::default();
    assert_eq!(
        read_within(&mut parser, b"*11\r\n", Bounds::STRANGER),
        Err(Malformed::StrangersCount)
    );
    let mut parser = Parser::default();
    assert_eq!(
        read_within(&mut parser, b"*1\r\n$16385\r\n", Bounds::STRANGER),
        Err(Malformed::StrangersLength)
    );
}
