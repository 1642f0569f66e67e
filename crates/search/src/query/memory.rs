//! Asks what is not committed yet, beside the index.

use super::collect::{Filter, Key, Top, key};
use super::matching::{Making, Matching};
use super::plan::{Effort, Node, plan};
use super::{Query, Sort};
use crate::analyzer::Analyzer;
use crate::index::Recent;
use std::sync::Arc;

/// A question to the messages in memory.
pub struct Memory<'a> {
    pub analyzer: &'a Arc<Analyzer>,
    pub recent: &'a Recent,
    pub filter: &'a Filter,
    pub query: &'a Query,
    /// `None`: everything that the filter leaves.
    pub node: Option<&'a Node>,
    pub as_of_ms: i64,
    /// Only what comes after this.
    pub after: Option<Key>,
}

impl Memory<'_> {
    /// Adds what is found to what the index has, at most `limit` in all.
    pub fn add_to(&self, top: &mut Top, limit: usize, making: &Making) -> tantivy::Result<()> {
        let wanted = self.node.map(|node| making.make(node)).transpose()?;
        let mut unwanted: Vec<Matching> = Vec::new();
        for text in &self.query.without {
            if let Some(node) = plan(self.analyzer, text, Effort::Strict).node {
                unwanted.push(making.make(&node)?);
            }
        }
        let after = self.after.unwrap_or((u64::MAX, u64::MAX));
        for doc in self.recent.docs().filter(|doc| self.filter.admits(doc)) {
            // Nothing but a filter: as the index scores it.
            let score = wanted
                .as_ref()
                .map_or(Some(1.0), |wanted| wanted.score(doc));
            let Some(score) = score else { continue };
            if unwanted
                .iter()
                .any(|unwanted| unwanted.score(doc).is_some())
            {
                continue;
            }
            top.total += 1;
            let sort: Sort = self.query.sort;
            let key = key(sort, self.as_of_ms, doc.sent_at_ms, score, doc.id);
            if key < after {
                top.keys.push(key);
            }
        }
        top.keys.sort_unstable_by_key(|key| std::cmp::Reverse(*key));
        top.keys.truncate(limit);
        Ok(())
    }
}
