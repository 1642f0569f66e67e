//! What takes bytes from outside, each with something that it understands.

use bytes::Bytes;
use maru::archive::{About, Sink, unpack};
use maru::auth::totp;
use maru::domain::{Seq, text};
use maru::imports::payload::{Context, Format};
use maru::imports::{encoding, mrkdwn, payload};
use maru::passkeys::Answer;
use maru::resp::{Bounds, Parser, Step};
use maru::search::language::{self, Clock};
use maru::socketio::{interop, packet};
use std::io::{self, Cursor, Write};

pub struct Decoder {
    pub name: &'static str,
    pub seeds: &'static [&'static [u8]],
    /// Whatever it answers is right, as long as it answers.
    pub run: fn(&[u8]),
}

/// Takes no file: everything is verified all the same.
struct Nobody;

impl Sink for Nobody {
    fn about(&mut self, _: &About) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, _: &str, _: u64) -> io::Result<Option<Box<dyn Write>>> {
        Ok(None)
    }
}

fn resp(bytes: &[u8]) {
    let mut parser = Parser::default();
    // In one piece, and byte by byte, as a network may bring it.
    let whole = matches!(
        parser.parse(bytes, Bounds::KNOWN),
        Ok(Step::Complete { .. })
    );
    let mut parser = Parser::default();
    let complete = (0..=bytes.len()).any(|end| {
        matches!(
            parser.parse(&bytes[..end], Bounds::KNOWN),
            Ok(Step::Complete { .. })
        )
    });
    assert!(!whole || complete, "in pieces it is the same");
}

fn payloads(bytes: &[u8]) {
    for format in [
        Format::Slack,
        Format::GitHub,
        Format::GitLab,
        Format::Alertmanager,
        Format::Grafana,
    ] {
        for content_type in ["application/json", "application/x-www-form-urlencoded"] {
            let event = "push";
            let context = Context {
                format,
                content_type,
                event,
            };
            let _ = payload::read(context, bytes);
        }
    }
}

fn texts(bytes: &[u8]) {
    let decoded = encoding::decode(bytes);
    let _ = text::message(decoded.clone());
    let _ = text::reaction(decoded.clone(), true);
    let _ = mrkdwn::unescaped(&decoded);
    let _ = decoded.parse::<maru::config::TlsDomain>();
    let _ = decoded.parse::<maru::config::PublicUrl>();
    let _ = decoded.parse::<maru::outbound::Allow>();
    let _ = maru::mail::is_address(&decoded);
}

fn questions(bytes: &[u8]) {
    let clock = Clock {
        now_ms: 1_795_945_523_000,
        offset_minutes: 540,
    };
    let _ = language::parse(&String::from_utf8_lossy(bytes), clock);
}

fn pictures(bytes: &[u8]) {
    let _ = maru::files::FileType::of(bytes, true);
    for mime in ["image/jpeg", "image/png", "image/webp", "image/gif"] {
        let _ = maru::files::metadata::without(mime, bytes, Cursor::new(Vec::new()));
    }
}

fn packets(bytes: &[u8]) {
    let _ = packet::payload::parse(&Bytes::copy_from_slice(bytes));
    let _ = interop::read(b"socket.io#/#", bytes);
    let _ = interop::read(b"socket.io#/#room#", bytes);
}

fn codes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = totp::period_of(b"12345678901234567890", &text, 59);
    let _ = totp::recovery_digest(&text);
    let _ = Answer::read(&text);
}

pub const DECODERS: &[Decoder] = &[
    Decoder {
        name: "log-command",
        seeds: &[b"\x92\x93\x01\x02\x03\xa4Ping", b"\x93\xc0\xcb\0\0\0\0\0\0\0\0\x81\xa4Post\x90"],
        run: |bytes| drop(maru::log::codec::decode(bytes)),
    },
    Decoder {
        name: "event-packets",
        seeds: &[b"\x91\x82\xa1a\x01\xa1b\x02"],
        run: |bytes| drop(maru::live::kept::decode(Seq(1), &Bytes::copy_from_slice(bytes))),
    },
    Decoder {
        name: "replica-log",
        seeds: &[b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00abc"],
        run: |bytes| drop(maru::replica::entries::unpack(bytes)),
    },
    Decoder {
        name: "certificate",
        seeds: &[b"\x30\x20\x30\x1e\xa0\x03\x02\x01\x02\x02\x01\x07\x30\0\x30\0\xa3\x10\x30\x0e\x30\x0c\x06\x03\x55\x1d\x23\x04\x05\x30\x03\x80\x01\x05", b"2026-11-29T18:45:23.5+09:00"],
        run: |bytes| {
            let _ = maru::tls::identifier(bytes);
            let _ = std::str::from_utf8(bytes).map(maru::tls::timestamp);
        },
    },
    Decoder {
        name: "archive",
        seeds: &[b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00abc", b"PK\x03\x04"],
        run: |bytes| drop(unpack(bytes, &mut Nobody)),
    },
    Decoder {
        name: "resp",
        seeds: &[b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", b"GET \"a b\" 'c'\r\n", b"*-1\r\n"],
        run: resp,
    },
    Decoder {
        name: "socketio",
        seeds: &[
            b"42/admin,7[\"message\",{\"a\":\"\xea\xb0\x80\"}]\x1e2\x1e4513-[\"x\",{\"_placeholder\":true,\"num\":0}]",
            b"\x93\xa3uid\x84\xa4type\x02\xa4data\x92\xa1e\x01\xa3nsp\xa1/\xa4opts\x80\x81\xa5rooms\x90",
        ],
        run: packets,
    },
    Decoder {
        name: "import-line",
        seeds: &[
            r#"{"id":"1","room":"마당","user":"kim","sent_at":"2026-01-02T03:04:05Z","text":"글"}"#
                .as_bytes(),
        ],
        run: |bytes| drop(maru::ops::import::parse(bytes)),
    },
    Decoder {
        name: "payloads",
        seeds: &[
            br#"{"text":"<https://a.example|a> &amp; *b*","attachments":[{"title":"t","fields":[{"title":"f","value":"v"}]}],"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]}"#,
            br#"{"ref":"refs/heads/main","commits":[{"id":"0123456789","message":"m","url":"u"}],"pusher":{"name":"n"},"repository":{"full_name":"r"}}"#,
            b"payload=%7B%22text%22%3A%22a%22%7D",
        ],
        run: payloads,
    },
    Decoder {
        name: "texts",
        seeds: &[
            "**굵게** `code` @kim 👩‍👩‍👧 <https://a.example|b>".as_bytes(),
            b"Maru <maru@example.org>",
            b"https://chat.example:8443",
            b"\xff\xfea\0b\0",
            b"\xb0\xa1\xb3\xaa",
        ],
        run: texts,
    },
    Decoder {
        name: "questions",
        seeds: &[
            "배포 from:minsu in:개발 after:2026-11-01 -has:link on:어제 \"붙은 말\"".as_bytes(),
            "before:지난주 is:saved during:11월".as_bytes(),
        ],
        run: questions,
    },
    Decoder {
        name: "pictures",
        seeds: &[
            b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\x08\0\0\0\xff\xda\0\x02\xff\xd9",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB`\x82",
            b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0EXIF\0\0\0\0",
            b"GIF89a\x01\0\x01\0\0\0\0;",
        ],
        run: pictures,
    },
    Decoder {
        name: "factors",
        seeds: &[
            b"287082",
            b"abcde-23456",
            br#"{"id":"AAAA","rawId":"AAAA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAAAAAAAAAAAAAAAAAAAA"}}"#,
        ],
        run: codes,
    },
    Decoder {
        name: "settings",
        seeds: &[b"name = \"Maru\"\nlisten = [\"127.0.0.1:0\"]\nmax-file-size = \"100MiB\""],
        run: |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let _ = text.parse::<maru::config::Bytes>();
            let _ = text.parse::<maru::config::Span>();
            let _ = text.parse::<maru::config::ListenAt>();
            let _ = text.parse::<maru::config::Network>();
        },
    },
];
