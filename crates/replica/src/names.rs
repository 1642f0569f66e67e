//! The names of what lies in a replica.

/// A backup as of a position and a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotName {
    /// Milliseconds since 1970. First: names are compared by time.
    pub at_ms: i64,
    pub epoch: u64,
    pub seq: u64,
}

/// Entries of the log, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    pub epoch: u64,
    pub first: u64,
    pub last: u64,
}

/// A content that the server does not have any more, and since when that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoneName {
    pub at_ms: i64,
    pub content: String,
}

impl GoneName {
    pub fn text(&self) -> String {
        format!("gone/{:015}-{}", self.at_ms, self.content)
    }

    pub fn parse(name: &str) -> Option<GoneName> {
        let (at, content) = name.strip_prefix("gone/")?.split_once('-')?;
        Some(GoneName {
            at_ms: at.parse().ok()?,
            content: content.to_owned(),
        })
    }
}

impl SnapshotName {
    pub fn text(self) -> String {
        let SnapshotName { at_ms, epoch, seq } = self;
        format!("{epoch:016x}/snapshot-{seq:020}-{at_ms:015}.tar.zst")
    }

    pub fn parse(name: &str) -> Option<SnapshotName> {
        let (epoch, rest) = name.split_once("/snapshot-")?;
        let (seq, at) = rest.strip_suffix(".tar.zst")?.split_once('-')?;
        Some(SnapshotName {
            at_ms: at.parse().ok()?,
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            seq: seq.parse().ok()?,
        })
    }
}

impl LogName {
    pub fn text(self) -> String {
        let LogName { epoch, first, last } = self;
        format!("{epoch:016x}/log-{first:020}-{last:020}.zst")
    }

    pub fn parse(name: &str) -> Option<LogName> {
        let (epoch, rest) = name.split_once("/log-")?;
        let (first, last) = rest.strip_suffix(".zst")?.split_once('-')?;
        Some(LogName {
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_written_and_nothing_else() {
        let snapshot = SnapshotName {
            at_ms: 1_795_945_523_000,
            epoch: 0x1f,
            seq: 42,
        };
        assert_eq!(SnapshotName::parse(&snapshot.text()), Some(snapshot));
        let log = LogName {
            epoch: 7,
            first: 1,
            last: 99,
        };
        assert_eq!(LogName::parse(&log.text()), Some(log));
        let gone = GoneName {
            at_ms: 1_795_945_523_000,
            content: "ab12".to_owned(),
        };
        assert_eq!(GoneName::parse(&gone.text()), Some(gone));
        for strange in [
            "",
            "files/ab",
            "x/log-1-2.zst",
            "1f/log-1.zst",
            "1f/snapshot-1.tar",
        ] {
            assert_eq!(LogName::parse(strange), None, "{strange}");
            assert_eq!(SnapshotName::parse(strange), None, "{strange}");
            assert_eq!(GoneName::parse(strange), None, "{strange}");
        }
    }
}
