//! How the last run left the log.
use super::disk::Disk;
use super::options::Fsync;
use super::segment;
use crate::LogError;
use crc32c::crc32c;
use maru_domain::Seq;
use std::fs::{self, File};
use std::io;
use std::path::Path;

const NAME: &str = "last-run";
const TITLE: &str = "maru log, last run, 1";

/// A small file beside the segments: written when the log is opened, and when it is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Which start of the machine it was; empty if unknown.
    pub boot_id: String,
    pub fsync: Fsync,
    /// The last segment at that time; it can have successors, but it cannot be missing.
    pub active: Option<Seq>,
    /// The last position, if everything up to it was synced and the run has ended.
    pub stopped_at: Option<Seq>,
}

impl LastRun {
    /// `None` if the file is missing or not as it was written.
    pub fn read(dir: &Path) -> Result<Option<LastRun>, LogError> {
        let path = dir.join(NAME);
        match fs::read(&path) {
            Ok(bytes) => Ok(String::from_utf8(bytes).ok().and_then(|text| parse(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LogError::io(&path, error)),
        }
    }

    pub fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), LogError> {
        let path = dir.join(NAME);
        let beside = path.with_extension("tmp");
        let written = (|| {
            let file = File::create(&beside)?;
            disk.write(&file, self.to_text().as_bytes(), 0)?;
            disk.sync(&file)?;
            fs::rename(&beside, &path)?;
            disk.sync_dir(dir)
        })();
        written.map_err(|e| LogError::io(&path, e))
    }

    fn to_text(&self) -> String {
        let seq = |seq: Option<Seq>| seq.map_or("-".to_owned(), |seq| seq.to_string());
        let body = format!(
            "{TITLE}\nboot {}\nfsync {}\nactive {}\nstopped-at {}\n",
            self.boot_id,
            self.fsync,
            seq(self.active),
            seq(self.stopped_at),
        );
        format!("{body}crc32c {:08x}\n", crc32c(body.as_bytes()))
    }
}

fn parse(text: &str) -> Option<LastRun> {
    let (body, crc) = text.split_at(text.find("crc32c ")?);
    if crc != format!("crc32c {:08x}\n", crc32c(body.as_bytes())) {
        return None;
    }
    let mut lines = body.lines();
    let mut value = |key: &str| lines.next()?.strip_prefix(key)?.strip_prefix(' ');
    let seq = |text: &str| match text {
        "-" => Some(None),
        digits => digits.parse().ok().map(|n| Some(Seq(n))),
    };
    (value("maru")? == TITLE.strip_prefix("maru ")?).then_some(())?;
    Some(LastRun {
        boot_id: value("boot")?.to_owned(),
        fsync: value("fsync")?.parse().ok()?,
        active: seq(value("active")?)?,
        stopped_at: seq(value("stopped-at")?)?,
    })
}

/// The file that has to be there if this run was the last one.
pub fn missing(dir: &Path, active: Seq) -> LogError {
    let file = dir.join(segment::name(active));
    segment::damaged(
        &file,
        0,
        "the file was there at the last run and is missing".to_owned(),
    )
}

/// This start of the machine, as the kernel names it; empty if it does not.
pub fn boot_id() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_written_and_shows_every_flip() {
        let run = LastRun {
            boot_id: "b00".to_owned(),
            fsync: Fsync::EverySec,
            active: Some(Seq(12)),
            stopped_at: None,
        };
        let text = run.to_text();
        assert_eq!(parse(&text), Some(run));
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let parsed = String::from_utf8(bytes).ok().and_then(|text| parse(&text));
            assert_eq!(parsed, None, "bit {bit}");
        }
    }
}
