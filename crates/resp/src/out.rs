//! Answers as bytes, in either protocol: what RESP2 lacks is told in its older words.

use super::number::{float_text, push_integer};

/// The protocol a client has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Resp2,
    Resp3,
}

/// Collects answers for one client.
#[derive(Debug, Default)]
pub struct Out {
    /// The bytes so far.
    pub bytes: Vec<u8>,
    /// Which words to use.
    pub protocol: Protocol,
}

impl Out {
    pub fn new(protocol: Protocol) -> Out {
        Out {
            bytes: Vec::new(),
            protocol,
        }
    }

    pub fn is_resp3(&self) -> bool {
        self.protocol == Protocol::Resp3
    }

    pub fn ok(&mut self) {
        self.bytes.extend_from_slice(b"+OK\r\n");
    }

    /// A status in a word or a line.
    pub fn simple(&mut self, text: &str) {
        self.bytes.push(b'+');
        self.bytes.extend_from_slice(text.as_bytes());
        self.end();
    }

    /// An error: its code in capitals, then a sentence. Line ends in it become spaces.
    pub fn error(&mut self, text: &str) {
        self.bytes.push(b'-');
        let bytes = text.trim_end_matches(['\r', '\n']).bytes();
        self.bytes
            .extend(bytes.map(|b| if b == b'\r' || b == b'\n' { b' ' } else { b }));
        self.end();
    }

    pub fn integer(&mut self, number: i64) {
        self.header(b':', number);
    }

    /// A length or a count.
    pub fn count(&mut self, count: usize) {
        self.integer(count as i64);
    }

    pub fn bulk(&mut self, bytes: &[u8]) {
        self.header(b'$', bytes.len() as i64);
        self.bytes.extend_from_slice(bytes);
        self.end();
    }

    /// A bulk, or null.
    pub fn bulk_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    pub fn null(&mut self) {
        self.bytes.extend_from_slice(match self.protocol {
            Protocol::Resp2 => b"$-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// Null where an array was expected.
    pub fn null_array(&mut self) {
        self.bytes.extend_from_slice(match self.protocol {
            Protocol::Resp2 => b"*-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// So many items follow.
    pub fn array(&mut self, items: usize) {
        self.header(b'*', items as i64);
    }

    /// So many pairs follow; flat in RESP2.
    pub fn map(&mut self, pairs: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(pairs * 2),
            Protocol::Resp3 => self.header(b'%', pairs as i64),
        }
    }

    /// So many members follow; an array in RESP2.
    pub fn set(&mut self, members: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(members),
            Protocol::Resp3 => self.header(b'~', members as i64),
        }
    }

    /// So many items of a message that answers nothing follow; an array in RESP2.
    pub fn push(&mut self, items: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(items),
            Protocol::Resp3 => self.header(b'>', items as i64),
        }
    }

    /// So many pairs about the answer follow, before it; only for RESP3.
    pub fn attributes(&mut self, pairs: usize) {
        self.header(b'|', pairs as i64);
    }

    /// A number with a fraction; text in RESP2.
    pub fn double(&mut self, number: f64) {
        let text = float_text(number);
        match self.protocol {
            Protocol::Resp2 => self.bulk(text.as_bytes()),
            Protocol::Resp3 => {
                self.bytes.push(b',');
                self.bytes.extend_from_slice(text.as_bytes());
                self.end();
            }
        }
    }

    /// A number with as many digits behind the point as it takes, up to seventeen.
    pub fn decimal(&mut self, number: f64) {
        let text = format!("{number:.17}");
        let text = match text.trim_end_matches('0').trim_end_matches('.') {
            "-0" => "0",
            text => text,
        };
        match self.protocol {
            Protocol::Resp2 => self.bulk(text.as_bytes()),
            Protocol::Resp3 => {
                self.bytes.push(b',');
                self.bytes.extend_from_slice(text.as_bytes());
                self.end();
            }
        }
    }

    /// Yes or no; 1 or 0 in RESP2.
    pub fn boolean(&mut self, is_true: bool) {
        match (self.protocol, is_true) {
            (Protocol::Resp2, is_true) => self.integer(is_true.into()),
            (Protocol::Resp3, true) => self.bytes.extend_from_slice(b"#t\r\n"),
            (Protocol::Resp3, false) => self.bytes.extend_from_slice(b"#f\r\n"),
        }
    }

    /// An integer of any size; text in RESP2.
    pub fn big_number(&mut self, digits: &str) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits.as_bytes()),
            Protocol::Resp3 => {
                self.bytes.push(b'(');
                self.bytes.extend_from_slice(digits.as_bytes());
                self.end();
            }
        }
    }

    /// Text with its kind (three letters: `txt`, `mkd`); a bulk in RESP2.
    pub fn verbatim(&mut self, kind: &str, text: &str) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text.as_bytes()),
            Protocol::Resp3 => {
                self.header(b'=', text.len() as i64 + 4);
                self.bytes.extend_from_slice(kind.as_bytes());
                self.bytes.push(b':');
                self.bytes.extend_from_slice(text.as_bytes());
                self.end();
            }
        }
    }

    /// Items that were written from `from` on become one array of `items`.
    pub fn wrap_array(&mut self, from: usize, items: usize) {
        let mut header = vec![b'*'];
        push_integer(&mut header, items as i64);
        header.extend_from_slice(b"\r\n");
        self.bytes.splice(from..from, header);
    }

    fn header(&mut self, kind: u8, number: i64) {
        self.bytes.push(kind);
        push_integer(&mut self.bytes, number);
        self.end();
    }

    fn end(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(write: impl Fn(&mut Out)) -> [String; 2] {
        [Protocol::Resp2, Protocol::Resp3].map(|protocol| {
            let mut out = Out::new(protocol);
            write(&mut out);
            String::from_utf8(out.bytes).expect("text")
        })
    }

    #[test]
    fn each_protocol_has_its_words() {
        assert_eq!(both(Out::null), ["$-1\r\n", "_\r\n"]);
        assert_eq!(both(Out::null_array), ["*-1\r\n", "_\r\n"]);
        assert_eq!(both(|out| out.map(2)), ["*4\r\n", "%2\r\n"]);
        assert_eq!(both(|out| out.set(2)), ["*2\r\n", "~2\r\n"]);
        assert_eq!(both(|out| out.push(3)), ["*3\r\n", ">3\r\n"]);
        assert_eq!(both(|out| out.double(1.5)), ["$3\r\n1.5\r\n", ",1.5\r\n"]);
        assert_eq!(both(|out| out.boolean(true)), [":1\r\n", "#t\r\n"]);
        assert_eq!(
            both(|out| out.big_number("12")),
            ["$2\r\n12\r\n", "(12\r\n"]
        );
        assert_eq!(
            both(|out| out.verbatim("txt", "a")),
            ["$1\r\na\r\n", "=5\r\ntxt:a\r\n"]
        );
        assert_eq!(both(|out| out.error("ERR a\r\nb"))[0], "-ERR a  b\r\n");
    }

    #[test]
    fn an_array_can_be_counted_afterwards() {
        let mut out = Out::default();
        out.ok();
        let from = out.bytes.len();
        out.integer(1);
        out.integer(-2);
        out.wrap_array(from, 2);
        assert_eq!(out.bytes, b"+OK\r\n*2\r\n:1\r\n:-2\r\n");
    }
}
