//! What a version of the rules decides by. An entry is decided by the version that it was written
//! under, so that a newer program that applies it again decides as the old one has answered.
//!
//! Limits, Unicode tables and the mention algorithm belong to a version. Who changes one of them
//! raises [`RULES`] and lets the older versions keep what they had; the tests here notice it.

use crate::{Result, StateError};
use maru_domain::entry::RULES;
use maru_domain::{Seq, limits};

/// Where versions differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Rules {
    /// A new name may not look like one that is there.
    pub names_alike_are_taken: bool,
    pub pins_per_room: usize,
}

const V1: Rules = Rules {
    names_alike_are_taken: false,
    pins_per_room: usize::MAX,
};

const V2: Rules = Rules {
    names_alike_are_taken: true,
    pins_per_room: limits::PINS_PER_ROOM,
};

impl Rules {
    /// The rules of an entry.
    pub fn of(seq: Seq, version: u16) -> Result<&'static Rules> {
        match version {
            1 => Ok(&V1),
            2 => Ok(&V2),
            found => Err(StateError::Rules {
                seq,
                found,
                known: RULES,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maru_domain::{fold, ink, mention, names, text};

    /// The limits that commands are decided by, with what they are under the newest rules.
    const LIMITS: &[(&str, u64, u64)] = &[
        ("CALLED_MEMBERS", limits::CALLED_MEMBERS, 200),
        ("DEFAULT_ROOMS", limits::DEFAULT_ROOMS as u64, 20),
        ("DRAFTS", limits::DRAFTS as u64, 100),
        ("ERASE_MESSAGES", limits::ERASE_MESSAGES as u64, 100),
        ("SCHEDULED", limits::SCHEDULED as u64, 100),
        ("SCHEDULED_MS", limits::SCHEDULED_MS as u64, 31_622_400_000),
        ("BOTS_PER_USER", limits::BOTS_PER_USER as u64, 100),
        (
            "CONSUMERS_PER_USER",
            limits::CONSUMERS_PER_USER as u64,
            1_000,
        ),
        ("HOOKS_PER_ROOM", limits::HOOKS_PER_ROOM as u64, 50),
        (
            "SLASH_COMMANDS_PER_BOT",
            limits::SLASH_COMMANDS_PER_BOT as u64,
            100,
        ),
        ("TOKENS_PER_USER", limits::TOKENS_PER_USER as u64, 100),
        ("WEBHOOKS_PER_USER", limits::WEBHOOKS_PER_USER as u64, 50),
        ("OWN_WORDS", limits::OWN_WORDS, 20_000),
        ("DIRECT_MEMBERS", limits::DIRECT_MEMBERS as u64, 8),
        ("FOLLOWED", limits::FOLLOWED as u64, 2_000),
        ("LOOSE_FILES", limits::LOOSE_FILES as u64, 200),
        ("LOOSE_FILE_MS", limits::LOOSE_FILE_MS as u64, 86_400_000),
        (
            "MENTIONS_PER_MESSAGE",
            limits::MENTIONS_PER_MESSAGE as u64,
            100,
        ),
        ("NAMESAKES", limits::NAMESAKES as u64, 8),
        ("NAME_BYTES", limits::NAME_BYTES as u64, 512),
        (
            "NONCE_PERIOD_MS",
            limits::NONCE_PERIOD_MS as u64,
            345_600_000,
        ),
        ("OLD_TEXTS", limits::OLD_TEXTS as u64, 100),
        ("PASSKEYS", limits::PASSKEYS as u64, 20),
        ("PINS_PER_ROOM", limits::PINS_PER_ROOM as u64, 200),
        ("PURGE_MESSAGES", limits::PURGE_MESSAGES as u64, 500),
        (
            "REACTIONS_PER_MESSAGE",
            limits::REACTIONS_PER_MESSAGE as u64,
            50,
        ),
        ("SAVED", limits::SAVED as u64, 2_000),
        ("SEEN_MEMBERS", limits::SEEN_MEMBERS, 64),
        ("SESSIONS_PER_USER", limits::SESSIONS_PER_USER as u64, 100),
        ("SETTINGS_BYTES", limits::SETTINGS_BYTES as u64, 65_536),
        ("SWEEP", limits::SWEEP as u64, 1_000),
        ("UNREAD", limits::UNREAD, 10_000),
    ];

    const RAISE: &str = "raise RULES in domain/entry.rs, let the older rules keep what they had, \
                         and write the new value here";

    #[test]
    fn a_limit_changes_with_the_rules_alone() {
        for (name, is, was) in LIMITS {
            assert_eq!(is, was, "limits::{name} is another: {RAISE}");
        }
    }

    #[test]
    fn every_limit_that_decides_is_listed() {
        let apply = concat!(env!("CARGO_MANIFEST_DIR"), "/src/apply");
        for file in std::fs::read_dir(apply).expect("the folder of apply") {
            let path = file.expect("a file").path();
            let source = std::fs::read_to_string(&path).expect("a source file");
            for rest in source.split("limits::").skip(1) {
                let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
                let name: String = rest.chars().take_while(|&c| is_name(c)).collect();
                let listed = LIMITS.iter().any(|(listed, ..)| *listed == name);
                assert!(
                    listed || name.is_empty(),
                    "{}: limits::{name} belongs to the rules; list it in rules.rs",
                    path.display()
                );
            }
        }
    }

    /// FNV-1a.
    struct Sum(u64);

    impl Sum {
        fn add(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
            }
            self.0 = (self.0 ^ 0xff).wrapping_mul(0x100_0000_01b3);
        }
    }

    /// Of every character: its normal form, its key, what it looks like, whether it has ink, and
    /// how it stands around a mention.
    fn fingerprint() -> u64 {
        let mut sum = Sum(0xcbf2_9ce4_8422_2325);
        // Behind these, and in between, nothing has letters.
        for c in ('\0'..'\u{34000}').chain('\u{e0000}'..'\u{e1000}') {
            let alone = c.to_string();
            sum.add(text::nfc(alone.clone()).as_bytes());
            sum.add(names::key(&alone).as_bytes());
            sum.add(fold::folded(&alone).as_bytes());
            sum.add(names::likeness(&alone).as_bytes());
            let marked = format!("{c}@a{c}");
            let marks = mention::marks(&marked).count() as u8;
            let ends = mention::ends(&marked, marked.len() - c.len_utf8());
            sum.add(&[u8::from(ink::is_blank(c)), marks, u8::from(ends)]);
        }
        for text in [
            "가\u{1100}\u{1161}@김철수님 @a_b",
            "x://@y @z",
            "a@b @c\n@d",
        ] {
            let marks: Vec<u8> = mention::marks(text).map(|at| at as u8).collect();
            sum.add(&marks);
        }
        sum.0
    }

    #[test]
    fn a_table_of_unicode_changes_with_the_rules_alone() {
        let newest = (RULES, fingerprint());
        assert_eq!(
            newest,
            (2, 5_875_691_401_046_311_677),
            "names or mentions are decided otherwise, by other code or other tables: {RAISE}"
        );
    }

    #[test]
    fn rules_of_a_newer_version_are_refused_by_name() {
        for version in 1..=RULES {
            assert!(Rules::of(Seq(7), version).is_ok(), "{version}");
        }
        let error = Rules::of(Seq(7), RULES + 1).expect_err("unknown");
        let text = error.to_string();
        assert!(
            text.contains("entry 7") && text.contains(&(RULES + 1).to_string()),
            "{text}"
        );
        assert!(Rules::of(Seq(7), 0).is_err());
    }
}
