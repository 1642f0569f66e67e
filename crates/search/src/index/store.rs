//! The index as the indexing thread sees it.

mod merge;

use super::entry::{entry, features};
use super::terms::{self, Terms};
use super::{
    Fields, FrequentWords, IdBlocks, IndexError, MemberDocs, NounNames, OpenColumns, Opened,
    RecentDoc, Verification, generations, schema,
};
use crate::analyzer::Analyzer;
use crate::document::{Change, Doc, Position};
use maru_domain::{MessageId, OwnWord, Seq};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tantivy::indexer::LogMergePolicy;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexWriter, ReloadPolicy, Term};

/// The smallest that Tantivy takes. It is used up only while there is much to index.
const WRITER_BYTES: usize = 15_000_000;

/// While everything is read, both cores write.
const BUILD_THREADS: usize = 2;
const BUILD_BYTES: usize = 2 * 24_000_000;

/// A larger index answers first and is verified behind.
const VERIFIED_FIRST_BYTES: u64 = 32 << 20;

/// The own words that a generation is cut with, in its folder.
const WORDS_FILE: &str = "words.json";

pub struct Store {
    /// The folder of all generations.
    root: PathBuf,
    number: u64,
    index: Index,
    opened: Opened,
    /// Present while there is something to write.
    writer: Option<IndexWriter>,
    /// Waits for a merge.
    merging: Option<JoinHandle<()>>,
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
    /// Hash of the analyser.
    analyzer: String,
    epoch: u64,
    seq: u64,
    /// Everything up to `seq` is in. Otherwise the first build was not finished.
    complete: bool,
}

impl Store {
    /// Opens the newest generation in `root` that can be used, whatever own words it was made
    /// with, and removes the others. Without any, an empty one is made with `analyzer`, and comes
    /// without a position.
    pub fn open(
        root: &Path,
        analyzer: &Arc<Analyzer>,
    ) -> Result<(Store, Option<Position>), IndexError> {
        for number in generations::numbers(root)? {
            match Store::open_existing(root, number, analyzer) {
                Ok(Some((store, position))) => {
                    generations::keep_only(root, Some(number))?;
                    return Ok((store, Some(position)));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the search index cannot be used and is built anew");
                }
            }
        }
        Ok((Store::replace(root, analyzer)?, None))
    }

    /// An empty generation in the place of whatever is there.
    pub fn replace(root: &Path, analyzer: &Arc<Analyzer>) -> Result<Store, IndexError> {
        let newest = generations::numbers(root)?.first().copied();
        let number = generations::begin(root)?;
        generations::keep_only(root, Some(number))?;
        tracing::debug!(?newest, number, "a new generation of the index");
        Store::create(root, number, analyzer)
    }

    /// An empty generation beside what is there.
    pub fn beside(root: &Path, analyzer: &Arc<Analyzer>) -> Result<Store, IndexError> {
        let number = generations::begin(root)?;
        Store::create(root, number, analyzer)
    }

    /// Removes all generations but this one.
    pub fn take_over(&self) -> Result<(), IndexError> {
        Ok(generations::keep_only(&self.root, Some(self.number))?)
    }

    fn create(root: &Path, number: u64, analyzer: &Arc<Analyzer>) -> Result<Store, IndexError> {
        let dir = generations::folder(root, number);
        let words = serde_json::to_vec(analyzer.words()).map_err(std::io::Error::from)?;
        fs::write(dir.join(WORDS_FILE), words)?;
        let index = Index::create_in_dir(dir, Fields::new().schema)?;
        Store::with(root, number, index, Seq(0), analyzer.clone())
    }

    fn open_existing(
        root: &Path,
        number: u64,
        wanted: &Arc<Analyzer>,
    ) -> Result<Option<(Store, Position)>, IndexError> {
        let dir = &generations::folder(root, number);
        if !dir.join("meta.json").exists() {
            return Ok(None);
        }
        let index = Index::open_in_dir(dir)?;
        let metas = index.load_metas()?;
        let payload: Option<Payload> = metas
            .payload
            .as_deref()
            .and_then(|p| serde_json::from_str(p).ok());
        let usable = payload.filter(|p| p.complete && p.schema == schema::VERSION);
        let (Some(payload), true) = (usable, index.schema() == Fields::new().schema) else {
            return Ok(None);
        };
        let analyzer = if payload.analyzer == name_of(wanted) {
            wanted.clone()
        } else {
            let words = fs::read(dir.join(WORDS_FILE))?;
            let words: Vec<OwnWord> =
                serde_json::from_slice(&words).map_err(std::io::Error::from)?;
            Arc::new(Analyzer::new(&words).asking_as(wanted))
        };
        if payload.analyzer != name_of(&analyzer) {
            return Ok(None);
        }
        let check = Verification::new(dir, metas.segments);
        let large = check.size_bytes()? > VERIFIED_FIRST_BYTES;
        if !large {
            check.run()?;
        }
        let position = Position {
            epoch: payload.epoch,
            seq: Seq(payload.seq),
        };
        let mut store = Store::with(root, number, index, position.seq, analyzer)?;
        store.unverified = large.then_some(check);
        Ok(Some((store, position)))
    }

    fn with(
        root: &Path,
        number: u64,
        index: Index,
        seq: Seq,
        analyzer: Arc<Analyzer>,
    ) -> Result<Store, IndexError> {
        let terms = TextAnalyzer::from(Terms::default());
        index.tokenizers().register(terms::NAME, terms);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Store {
            root: root.to_owned(),
            number,
            index,
            opened: Opened {
                analyzer,
                fields: Fields::new(),
                ids: IdBlocks::default(),
                columns: OpenColumns::default(),
                members: MemberDocs::default(),
                frequent: FrequentWords::default(),
                nouns: NounNames::default(),
                reader,
                recent: Arc::default(),
            },
            writer: None,
            merging: None,
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

    /// Which generation it is.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn analyzer(&self) -> &Arc<Analyzer> {
        &self.opened.analyzer
    }

    /// Takes words for one another as `wanted` does; cuts them as before.
    pub fn ask_as(&mut self, wanted: &Analyzer) {
        self.opened.analyzer = Arc::new(self.opened.analyzer.asking_as(wanted));
    }

    /// Whether something waits for a commit.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// What takes many messages of which the index knows nothing, from several threads.
    pub fn filler(&mut self) -> Result<Filler<'_>, IndexError> {
        let fields = self.opened.fields.clone();
        let analyzer = self.opened.analyzer.clone();
        Ok(Filler {
            fields,
            analyzer,
            writer: self.writer_with(BUILD_THREADS, BUILD_BYTES)?,
        })
    }

    /// Messages up to this id were given to fillers.
    pub fn filled_to(&mut self, id: u64) {
        self.next_id = self.next_id.max(id + 1);
    }

    /// Takes a change. Visible after the next commit, or at once if it is kept in memory until then.
    pub fn apply(&mut self, change: &Change, in_memory: bool) -> Result<(), IndexError> {
        let room = self.opened.fields.room;
        let mut analysed = None;
        match change {
            Change::Put(doc) => {
                if doc.id.0 < self.next_id {
                    self.delete(doc.id)?;
                }
                let analysis = self.opened.analyzer.analyze(&doc.searched());
                analysed = in_memory.then(|| RecentDoc::new(doc, features(doc), &analysis));
                let entry = entry(&self.opened.fields, doc, analysis);
                self.writer()?.add_document(entry)?;
                self.filled_to(doc.id.0);
            }
            Change::Delete(message) => {
                self.delete(*message)?;
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

    fn delete(&mut self, message: MessageId) -> Result<(), IndexError> {
        let query = self.opened.ids.query([message.0]);
        self.writer()?.delete_query(Box::new(query))?;
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
            analyzer: name_of(&self.opened.analyzer),
            epoch,
            seq: seq.0,
            complete: position.is_some(),
        })
        .map_err(std::io::Error::from)?;
        let mut commit = self.writer()?.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        // Tantivy renames meta.json after its last sync of the directory.
        File::open(generations::folder(&self.root, self.number))?.sync_all()?;
        let mut recent = self.opened.recent.write();
        self.show()?;
        *recent = Arc::default();
        drop(recent);
        if position.is_some() {
            self.prepare()?;
        }
        self.dirty = false;
        // Entries that made no message count too.
        self.next_id = self.next_id.max(seq.next().id());
        Ok(())
    }

    /// Lets go of the writer's threads and memory until there is something to write.
    pub fn rest(&mut self) -> Result<(), IndexError> {
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
            self.show()?;
            self.prepare()?;
        }
        Ok(())
    }

    /// Lets go of them at the end: merges under way are given up.
    pub fn close(&mut self) {
        self.writer = None;
        self.merging = None;
    }

    /// Queries see the files as they are now.
    fn show(&self) -> Result<(), IndexError> {
        self.opened.reader.reload()?;
        let searcher = self.opened.reader.searcher();
        let segments = searcher.segment_readers();
        self.opened.ids.retain(segments);
        self.opened.columns.retain(segments);
        self.opened.members.retain(segments);
        self.opened.nouns.retain(segments);
        Ok(())
    }

    /// Reads of new segments what the next question needs.
    pub fn prepare(&self) -> Result<(), IndexError> {
        let Opened {
            frequent, fields, ..
        } = &self.opened;
        Ok(frequent.follow(&self.opened.searcher(), fields)?)
    }

    /// The writer, for something that has to be committed.
    fn writer(&mut self) -> Result<&mut IndexWriter, IndexError> {
        self.writer_with(1, WRITER_BYTES)
    }

    fn writer_with(
        &mut self,
        threads: usize,
        bytes: usize,
    ) -> Result<&mut IndexWriter, IndexError> {
        self.dirty = true;
        self.open_writer(threads, bytes)
    }

    fn open_writer(
        &mut self,
        threads: usize,
        bytes: usize,
    ) -> Result<&mut IndexWriter, IndexError> {
        match &mut self.writer {
            Some(writer) => Ok(writer),
            empty => {
                let writer = self.index.writer_with_num_threads(threads, bytes)?;
                let mut policy = LogMergePolicy::default();
                policy.set_del_docs_ratio_before_merge(0.3);
                writer.set_merge_policy(Box::new(policy));
                Ok(empty.insert(writer))
            }
        }
    }
}

/// Takes messages; shared between threads.
pub struct Filler<'a> {
    fields: Fields,
    analyzer: Arc<Analyzer>,
    writer: &'a IndexWriter,
}

impl Filler<'_> {
    /// Visible after the next commit.
    pub fn add(&self, doc: &Doc) -> Result<(), IndexError> {
        let analysis = self.analyzer.analyze(&doc.searched());
        let entry = entry(&self.fields, doc, analysis);
        self.writer.add_document(entry)?;
        Ok(())
    }
}

fn name_of(analyzer: &Analyzer) -> String {
    format!("{:016x}", analyzer.hash())
}
