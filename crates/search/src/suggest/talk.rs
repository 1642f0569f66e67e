//! What is talked about beside a question, where, and lately.

use super::{Look, SUGGESTIONS, Talk, by_count, count_nouns, is_shown};
use crate::index::Fields;
use crate::query::{Columns, Found, PublicStatistics, documents};
use maru_domain::RoomId;
use std::collections::HashMap;
use tantivy::{DocId, SegmentReader};

/// The latest public messages, for what is talked about.
const RECENT_DOCS: usize = 1000;
/// Messages of a segment that are looked at for those.
const RECENT_SCAN_DOCS: usize = 20_000;
/// Messages that match, for what is related and where.
const MATCHING_DOCS: usize = 500;
/// The words that stand in most of them are compared.
const RELATED_WORDS: usize = 40;

impl Look<'_> {
    /// Some messages that answer the question.
    pub(super) fn matching(&self, text: &str) -> tantivy::Result<Found> {
        documents(self.opened, &self.view, text, self.readable, MATCHING_DOCS)
    }

    /// Whether the question has an answer.
    pub(super) fn has_answer(&self, text: &str) -> tantivy::Result<bool> {
        let found = documents(self.opened, &self.view, text, self.readable, 1)?;
        Ok(!found.is_empty())
    }

    pub(super) fn related(&self, text: &str, found: &Found) -> tantivy::Result<Vec<String>> {
        let mut counts = HashMap::new();
        let segments = self.view.searcher.segment_readers().iter();
        for (segment, docs) in segments.zip(&found.docs) {
            count_nouns(self.opened, segment, docs.iter().copied(), &mut counts)?;
        }
        for doc in &found.recent {
            for noun in &doc.nouns {
                *counts.entry(noun.clone()).or_default() += 1;
            }
        }
        let statistics = PublicStatistics::of(self.opened, &self.view.searcher)?;
        let mut often = by_count(counts);
        often.retain(|(_, word)| !text.contains(&word[..]) && !self.is_stop(word));
        often.truncate(RELATED_WORDS);
        // Words that stand everywhere say nothing about this one.
        let mut words = Vec::new();
        for (count, word) in often {
            let frequency = statistics.word_frequency(&word)?.max(1);
            words.push((count as f64 / (frequency as f64).sqrt(), word));
        }
        words.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(words
            .into_iter()
            .take(SUGGESTIONS)
            .map(|(_, word)| word)
            .collect())
    }

    /// The rooms in which most of the messages stand.
    pub(super) fn rooms(&self, found: &Found) -> tantivy::Result<Vec<Talk>> {
        let mut counts: HashMap<u64, usize> = HashMap::new();
        let segments = self.view.searcher.segment_readers().iter();
        for (segment, docs) in segments.zip(&found.docs) {
            let rooms = segment.fast_fields().u64(Fields::ROOM)?;
            for room in docs.iter().filter_map(|doc| rooms.first(*doc)) {
                *counts.entry(room).or_default() += 1;
            }
        }
        for doc in &found.recent {
            *counts.entry(doc.room).or_default() += 1;
        }
        let mut rooms: Vec<Talk> = counts
            .into_iter()
            .map(|(room, messages)| Talk {
                room: RoomId(room),
                messages,
            })
            .collect();
        rooms.sort_unstable_by_key(|talk| (std::cmp::Reverse(talk.messages), talk.room));
        rooms.truncate(SUGGESTIONS);
        Ok(rooms)
    }

    /// Words of the latest messages that everybody may read.
    pub(super) fn popular(&self) -> tantivy::Result<Vec<String>> {
        if !self.readable.public {
            return Ok(Vec::new());
        }
        let mut counts = HashMap::new();
        let mut left = RECENT_DOCS;
        for doc in self.view.recent.latest().filter(|doc| doc.public) {
            if left == 0 {
                break;
            }
            left -= 1;
            for noun in &doc.nouns {
                *counts.entry(noun.clone()).or_default() += 1;
            }
        }
        let mut segments: Vec<(u64, &SegmentReader, &Columns)> = Vec::new();
        let all = self.view.searcher.segment_readers().iter();
        for (segment, columns) in all.zip(&self.public) {
            let newest = segment.fast_fields().u64(Fields::ID)?.max_value();
            segments.push((newest, segment, columns));
        }
        segments.sort_unstable_by_key(|(newest, ..)| std::cmp::Reverse(*newest));
        for (_, segment, columns) in segments {
            let latest = (0..segment.max_doc()).rev().take(RECENT_SCAN_DOCS);
            let shown: Vec<DocId> = latest
                .filter(|doc| is_shown(segment, columns, *doc))
                .take(left)
                .collect();
            left -= shown.len();
            count_nouns(self.opened, segment, shown.into_iter(), &mut counts)?;
            if left == 0 {
                break;
            }
        }
        let words = by_count(counts).into_iter();
        Ok(words
            .filter(|(_, word)| !self.is_stop(word))
            .take(SUGGESTIONS)
            .map(|(_, word)| word)
            .collect())
    }

    fn is_stop(&self, word: &str) -> bool {
        self.opened.analyzer.is_stop(word)
    }
}
