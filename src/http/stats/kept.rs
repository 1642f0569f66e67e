//! Figures in a file beside the state, so that a start goes on counting where the last run ended. A
//! file that is damaged is thrown away: messages are then counted anew from the state, and searches
//! begin anew.

use super::{Figures, Stats};
use crate::auth::used::Used;
use crate::domain::{Timestamp, TokenId};
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::search::{Search, SearchedText};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

const VERSION: u8 = 1;
const SUM_BYTES: usize = 4;

/// Fields are only ever added at the end, with a default.
#[derive(Serialize)]
struct Written<'a> {
    figures: &'a Figures,
    searched: Vec<SearchedText>,
    used: Vec<(TokenId, Timestamp)>,
}

#[derive(Deserialize)]
struct Read {
    figures: Figures,
    searched: Vec<SearchedText>,
    used: Vec<(TokenId, Timestamp)>,
}

impl Stats {
    /// Goes on where a file ends. Blocks.
    pub fn open(path: &Path, (search, used): (&Search, &Used), metrics: &Metrics) -> Stats {
        let anew = || Stats::of(Figures::default(), metrics);
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return anew(),
            Err(error) => {
                tracing::warn!(%error, "the figures of dashboards cannot be read; they are counted anew");
                return anew();
            }
        };
        match decode(&bytes) {
            Some(Read {
                figures,
                searched,
                used: shown,
            }) => {
                used.restore(shown);
                search.restore_searches(searched);
                Stats::of(figures, metrics)
            }
            None => {
                tracing::warn!("the figures of dashboards are damaged; they are counted anew");
                anew()
            }
        }
    }

    /// Counts what was written since and writes the file anew, if there is news. Blocks.
    pub fn count_and_save(
        &self,
        engine: &Engine,
        (search, used): (&Search, &Used),
        path: &Path,
    ) -> io::Result<()> {
        let counted = self.read(engine, |_| ());
        counted.map_err(|refusal| io::Error::other(refusal.message.into_owned()))?;
        self.save((search, used), engine.now(), path)
    }

    /// Writes what is counted, if there is news. Blocks.
    pub fn save(
        &self,
        (search, used): (&Search, &Used),
        now: Timestamp,
        path: &Path,
    ) -> io::Result<()> {
        let bytes = {
            let mut figures = self.figures.lock();
            self.take_speed(&mut figures, now.0);
            let used = used.all();
            let newest = used.iter().map(|(_, at)| at.0).max().unwrap_or(0);
            if !std::mem::take(&mut figures.has_news) && newest <= figures.newest_use {
                return Ok(());
            }
            figures.newest_use = newest;
            let (figures, searched) = (&*figures, search.searches());
            encode(&Written {
                figures,
                searched,
                used,
            })
        };
        let draft = path.with_extension("new");
        let mut file = File::create(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    }
}

fn encode(written: &Written<'_>) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    // Plain structs into memory have no way to fail.
    rmp_serde::encode::write(&mut bytes, written).expect("figures serialise");
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Read> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
    if sum != crc32c::crc32c(body).to_le_bytes() {
        return None;
    }
    let (version, body) = body.split_first()?;
    (*version == VERSION).then(|| rmp_serde::from_slice(body).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, RoomId, UserId};

    #[test]
    fn figures_come_back_and_a_flipped_bit_is_noticed() {
        let mut figures = Figures {
            taken: MessageId(7),
            ..Figures::default()
        };
        figures.take(0, RoomId(1), UserId(1), Some("배포를 한다"));
        let searched = vec![("배포".to_owned(), vec![(UserId(1), 5)])];
        let bytes = encode(&Written {
            figures: &figures,
            searched: searched.clone(),
            used: vec![(TokenId(3), Timestamp(4))],
        });
        let read = decode(&bytes).expect("reads");
        assert_eq!(read.searched, searched);
        assert_eq!(read.used, [(TokenId(3), Timestamp(4))]);
        assert_eq!(read.figures.taken, MessageId(7));
        assert_eq!(read.figures.days[&0].hours[9], 1);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(decode(&flipped).is_none(), "{at}");
        }
        assert!(decode(&[]).is_none());
    }
}
