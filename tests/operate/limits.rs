//! The README's table of limits is made from the code.

use maru::domain::limits;
use std::fmt::Write as _;

const BEGIN: &str = "<!-- limits: begin -->\n";
const END: &str = "<!-- limits: end -->";

fn table() -> String {
    let mut text = "| what | limit |\n|---|---|\n".to_owned();
    let mut row = |what: &str, limit: String| {
        writeln!(text, "| {what} | {limit} |").expect("memory takes it");
    };
    let number = |n: usize| {
        let digits = n.to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    };
    row(
        "a message",
        format!(
            "{} characters, {} bytes",
            number(limits::MESSAGE_GRAPHEMES),
            number(limits::MESSAGE_BYTES)
        ),
    );
    row(
        "a user name, a display name",
        format!("{} characters", limits::USERNAME_GRAPHEMES),
    );
    row(
        "a room's name",
        format!("{} characters", limits::ROOM_NAME_GRAPHEMES),
    );
    row(
        "a room's topic",
        format!("{} characters", limits::TOPIC_GRAPHEMES),
    );
    row(
        "a status",
        format!("{} characters", limits::STATUS_GRAPHEMES),
    );
    row("files on a message", limits::FILES_PER_MESSAGE.to_string());
    row(
        "files of one person that no message carries yet",
        format!(
            "{}, for {} hours",
            limits::LOOSE_FILES,
            limits::LOOSE_FILE_MS / 3_600_000
        ),
    );
    row(
        "different emoji on a message",
        limits::REACTIONS_PER_MESSAGE.to_string(),
    );
    row(
        "links of a message that are previewed",
        limits::PREVIEWS_PER_MESSAGE.to_string(),
    );
    row(
        "earlier texts of a message that are kept; the oldest go",
        limits::OLD_TEXTS.to_string(),
    );
    row(
        "people named in a message",
        limits::MENTIONS_PER_MESSAGE.to_string(),
    );
    row(
        "people in a direct room",
        limits::DIRECT_MEMBERS.to_string(),
    );
    row("pinned messages of a room", number(limits::PINS_PER_ROOM));
    row(
        "saved messages, followed threads of a person",
        format!("{}, {}", number(limits::SAVED), number(limits::FOLLOWED)),
    );
    row(
        "sessions of a person; the oldest ends",
        limits::SESSIONS_PER_USER.to_string(),
    );
    row(
        "uses of an invitation",
        number(limits::INVITE_USES as usize),
    );
    row("messages on a page of history", limits::PAGE.to_string());
    row(
        "lines on a page of the audit log",
        limits::AUDIT_PAGE.to_string(),
    );
    row(
        "unread messages that are counted",
        number(limits::UNREAD as usize),
    );
    row(
        "a repeated `client_id` is recognised",
        format!("for {} days at least", limits::NONCE_PERIOD_MS / 86_400_000),
    );
    row(
        "an entry of the log",
        format!("{} bytes", number(maru::log::MAX_PAYLOAD_BYTES)),
    );
    row("posts of a person", "`posts-per-minute`".to_owned());
    row(
        "a file, all files",
        "`max-file-size`, `files-max-total`".to_owned(),
    );
    row("memory of the cache", "`cache-max-memory`".to_owned());
    row(
        "events kept for clients that come back",
        "`retain-events`".to_owned(),
    );
    text
}

/// `MARU_WRITE_README=1` writes it anew.
#[test]
fn the_table_of_limits_is_what_the_code_has() {
    let path = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(&path).expect("is there");
    let (head, rest) = readme.split_once(BEGIN).expect("the table begins");
    let (found, tail) = rest.split_once(END).expect("the table ends");
    if std::env::var_os("MARU_WRITE_README").is_some() {
        let text = format!("{head}{BEGIN}{}{END}{tail}", table());
        std::fs::write(&path, text).expect("written");
        return;
    }
    assert_eq!(found, table(), "write it anew with MARU_WRITE_README=1");
}
