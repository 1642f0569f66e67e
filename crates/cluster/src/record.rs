//! What a data directory knows of its cluster: the file `cluster.json`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

const NAME: &str = "cluster.json";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The cluster's own name: random.
    pub cluster: String,
    /// This directory's: random.
    pub node: String,
    /// Where other nodes were, by name.
    #[serde(default)]
    pub peers: BTreeMap<String, String>,
    /// The server on which the stream was right last, as `run/history`.
    #[serde(default)]
    pub redis: String,
    /// A snapshot that is not whole yet: the directory holds nothing else.
    #[serde(default)]
    pub joining: bool,
}

impl Record {
    pub fn read(dir: &Path) -> io::Result<Option<Record>> {
        match fs::read(dir.join(NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                let text = format!("{}: {error}", dir.join(NAME).display());
                io::Error::new(io::ErrorKind::InvalidData, text)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Written beside and renamed: a power cut leaves the old file or the new one.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let draft = dir.join(format!("{NAME}.new"));
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(&draft, dir.join(NAME))?;
        File::open(dir)?.sync_all()
    }

    /// The directory belongs to no cluster any more.
    pub fn remove(dir: &Path) -> io::Result<()> {
        match fs::remove_file(dir.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Whether the directory holds messages or accounts of its own.
pub fn has_history(dir: &Path) -> bool {
    dir.join("state.redb").exists() || dir.join("log").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_written_and_a_spoilt_one_is_told() {
        let tmp = tempfile::tempdir().expect("a directory");
        assert_eq!(Record::read(tmp.path()).expect("readable"), None);
        let record = Record {
            cluster: "c".to_owned(),
            node: "n".to_owned(),
            redis: String::new(),
            peers: [("b".to_owned(), "http://b".to_owned())].into(),
            joining: false,
        };
        record.write(tmp.path()).expect("written");
        assert_eq!(Record::read(tmp.path()).expect("readable"), Some(record));
        std::fs::write(tmp.path().join(NAME), "{").expect("written");
        assert!(Record::read(tmp.path()).is_err());
        Record::remove(tmp.path()).expect("removed");
        Record::remove(tmp.path()).expect("gone already");
    }
}
