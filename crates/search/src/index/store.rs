//! The index as the indexing thread sees it.

use super::{Fields, IndexError, Opened, RecentDoc, Verification, grams::Grams, schema};
use crate::analyzer::{self, Analysis, Kind};
use crate::document::{Change, Doc, Has, Position};
use maru_domain::Seq;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::indexer::LogMergePolicy;
use tantivy::tokenizer::{PreTokenizedString, TextAnalyzer, Token};
use tantivy::{Index, IndexWriter, ReloadPolicy, TantivyDocument, Term};

/// The smallest that Tantivy takes. It is used up only while there is much to index.
const WRITER_BYTES: usize = 15_000_000;

/// A larger index answers first and is verified behind.
const VERIFIED_FIRST_BYTES: u64 = 32 << 20;

pub struct Store {
    dir: PathBuf,
    index: Index,
    opened: Opened,
    /// Present while there is something to write.
    writer: Option<IndexWriter>,
    /// Ids grow, so a message from here on cannot be in the index yet.
    next_id: u64,
    dirty: bool,
    /// Files that were too large to be verified before the first answer.
    unverified: Option<Verification>,
}

/// What a commit says about itself.
#[derive(Serialize, Deserialize, PartialEq)]
struct Payload {
    schema: u32,
    analyzer: u32,
    epoch: u64,
    seq: u64,
    /// Everything up to `seq` is in. Otherwise the first build was not finished.
    complete: bool,
}

impl Store {
    /// Opens the index in `dir`. One that is missing, damaged, unfinished or of another version
    /// is wiped and comes back without a position.
    pub fn open(dir: &Path) -> Result<(Store, Option<Position>), IndexError> {
        match Store::open_existing(dir) {
            Ok(Some((store, position))) => Ok((store, Some(position))),
            Ok(None) => Ok((Store::create(dir)?, None)),
            Err(error) => {
                tracing::warn!(%error, "the search index cannot be used and is built anew");
                Ok((Store::create(dir)?, None))
            }
        }
    }

    /// An empty index in the place of whatever is there.
    pub fn create(dir: &Path) -> Result<Store, IndexError> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        let index = Index::create_in_dir(dir, Fields::new().schema)?;
        Store::with(dir, index, Seq(0))
    }

    fn open_existing(dir: &Path) -> Result<Option<(Store, Position)>, IndexError> {
        if !dir.join("meta.json").exists() {
            return Ok(None);
        }
        let index = Index::open_in_dir(dir)?;
        let metas = index.load_metas()?;
        let payload: Option<Payload> = metas
            .payload
            .as_deref()
            .and_then(|p| serde_json::from_str(p).ok());
        let usable = payload.filter(|p| {
            p.complete && p.schema == schema::VERSION && p.analyzer == analyzer::VERSION
        });
        let (Some(payload), true) = (usable, index.schema() == Fields::new().schema) else {
            return Ok(None);
        };
        let check = Verification::new(dir, metas.segments);
        let large = check.size_bytes()? > VERIFIED_FIRST_BYTES;
        if !large {
            check.run()?;
        }
        let position = Position {
            epoch: payload.epoch,
            seq: Seq(payload.seq),
        };
        let mut store = Store::with(dir, index, position.seq)?;
        store.unverified = large.then_some(check);
        Ok(Some((store, position)))
    }

    fn with(dir: &Path, index: Index, seq: Seq) -> Result<Store, IndexError> {
        let tokenizer = TextAnalyzer::from(Grams::default());
        index.tokenizers().register(schema::GRAMS, tokenizer);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Store {
            dir: dir.to_owned(),
            index,
            opened: Opened {
                fields: Fields::new(),
                reader,
                recent: Arc::default(),
            },
            writer: None,
            next_id: seq.next().id(),
            dirty: false,
            unverified: None,
        })
    }

    /// What is left to verify while the index answers already.
    pub fn take_unverified(&mut self) -> Option<Verification> {
        self.unverified.take()
    }

    pub fn opened(&self) -> Opened {
        self.opened.clone()
    }

    /// Whether something waits for a commit.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Takes a message of which the index knows nothing. Visible after the next commit.
    pub fn add(&mut self, doc: &Doc) -> Result<(), IndexError> {
        self.add_analysed(doc, analyzer::analyze(&doc.text))
    }

    fn add_analysed(&mut self, doc: &Doc, analysis: Analysis) -> Result<(), IndexError> {
        let entry = entry(&self.opened.fields, doc, analysis);
        self.writer()?.add_document(entry)?;
        self.next_id = self.next_id.max(doc.id.0 + 1);
        Ok(())
    }

    /// Takes a change. Visible after the next commit, or at once if it is kept in memory until then.
    pub fn apply(&mut self, change: &Change, in_memory: bool) -> Result<(), IndexError> {
        let (id, room) = (self.opened.fields.id, self.opened.fields.room);
        let mut analysed = None;
        match change {
            Change::Put(doc) => {
                if doc.id.0 < self.next_id {
                    let term = Term::from_field_u64(id, doc.id.0);
                    self.writer()?.delete_term(term);
                }
                let analysis = analyzer::analyze(&doc.text);
                analysed = in_memory.then(|| RecentDoc::new(doc, features(doc), &analysis));
                self.add_analysed(doc, analysis)?;
            }
            Change::Delete(message) => {
                let term = Term::from_field_u64(id, message.0);
                self.writer()?.delete_term(term);
            }
            Change::DeleteRoom(gone) => {
                let term = Term::from_field_u64(room, gone.0);
                self.writer()?.delete_term(term);
            }
        }
        if in_memory {
            let mut recent = self.opened.recent.write();
            Arc::make_mut(&mut recent).apply(change, analysed);
        }
        Ok(())
    }

    /// Changes that are only in memory.
    pub fn uncommitted(&self) -> usize {
        self.opened.recent.read().len()
    }

    /// Makes everything visible and durable. `None`: the first build still goes on.
    pub fn commit(&mut self, position: Option<Position>) -> Result<(), IndexError> {
        let Position { epoch, seq } = position.unwrap_or_default();
        let payload = serde_json::to_string(&Payload {
            schema: schema::VERSION,
            analyzer: analyzer::VERSION,
            epoch,
            seq: seq.0,
            complete: position.is_some(),
        })
        .map_err(std::io::Error::from)?;
        let mut commit = self.writer()?.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        // Tantivy renames meta.json after its last sync of the directory.
        File::open(&self.dir)?.sync_all()?;
        let mut recent = self.opened.recent.write();
        self.opened.reader.reload()?;
        *recent = Arc::default();
        drop(recent);
        self.dirty = false;
        // Entries that made no message count too.
        self.next_id = self.next_id.max(seq.next().id());
        Ok(())
    }

    /// Lets go of the writer's threads and memory until there is something to write.
    pub fn rest(&mut self) -> Result<(), IndexError> {
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
            self.opened.reader.reload()?;
        }
        Ok(())
    }

    /// The writer, for something that has to be committed.
    fn writer(&mut self) -> Result<&mut IndexWriter, IndexError> {
        self.dirty = true;
        match &mut self.writer {
            Some(writer) => Ok(writer),
            empty => {
                let writer = self.index.writer_with_num_threads(1, WRITER_BYTES)?;
                let mut policy = LogMergePolicy::default();
                policy.set_del_docs_ratio_before_merge(0.3);
                writer.set_merge_policy(Box::new(policy));
                Ok(empty.insert(writer))
            }
        }
    }
}

/// What a message has, with what its text shows.
fn features(doc: &Doc) -> Has {
    if doc.text.contains("http://") || doc.text.contains("https://") {
        doc.has.and(Has::LINK)
    } else {
        doc.has
    }
}

fn entry(fields: &Fields, doc: &Doc, analysis: Analysis) -> TantivyDocument {
    let Analysis {
        words,
        senses,
        pairs,
    } = analysis;
    let mut entry = TantivyDocument::default();
    entry.add_u64(fields.id, doc.id.0);
    entry.add_u64(fields.room, doc.room.0);
    entry.add_u64(fields.author, doc.author.0);
    entry.add_u64(fields.audience, if doc.public { 0 } else { doc.room.0 });
    entry.add_i64(fields.sent_at_ms, doc.sent_at_ms);
    for person in &doc.mentions {
        entry.add_u64(fields.mentions, person.0);
    }
    let has = features(doc);
    entry.add_u64(fields.has, u64::from(has.0));
    entry.add_text(fields.grams, &doc.text);
    let mut nouns: Vec<&str> = words
        .iter()
        .filter(|w| w.kind == Kind::Noun && w.term.chars().nth(1).is_some())
        .map(|w| &w.term[..])
        .collect();
    nouns.sort_unstable();
    nouns.dedup();
    for noun in nouns {
        entry.add_text(fields.nouns, noun);
    }
    if doc.public {
        let all = senses.iter().cloned().zip(0..);
        entry.add_pre_tokenized_text(fields.public_senses, tokenized(all));
    }
    entry.add_pre_tokenized_text(fields.senses, tokenized(senses.into_iter().zip(0..)));
    let words = words.into_iter().map(|w| (w.term, w.position as usize));
    entry.add_pre_tokenized_text(fields.words, tokenized(words));
    let pairs = pairs.into_iter().enumerate().map(|(at, p)| (p.term, at));
    entry.add_pre_tokenized_text(fields.pairs, tokenized(pairs));
    entry
}

fn tokenized(terms: impl Iterator<Item = (String, usize)>) -> PreTokenizedString {
    let token = |(text, position)| Token {
        text,
        position,
        ..Token::default()
    };
    PreTokenizedString {
        text: String::new(),
        tokens: terms.map(token).collect(),
    }
}
