//! Some messages that answer a question, in no order: for suggestions.

use super::Readable;
use super::collect::{Columns, Filter};
use super::compile::{Compiler, compile};
use super::cursor::Pins;
use super::matching::Making;
use super::membership::Membership;
use super::plan::{Effort, plan};
use super::statistics::PinnedStatistics;
use crate::index::{Opened, RecentDoc, View};
use std::sync::Arc;
use tantivy::query::{BooleanQuery, EnableScoring, Query as _};
use tantivy::{DocId, TERMINATED};

/// Some messages that match and may be read.
pub struct Found {
    /// By segment.
    pub docs: Vec<Vec<DocId>>,
    /// Not committed yet.
    pub recent: Vec<Arc<RecentDoc>>,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty() && self.docs.iter().all(Vec::is_empty)
    }
}

/// At most so many messages.
pub fn documents(
    opened: &Opened,
    view: &View,
    text: &str,
    readable: &Readable,
    max: usize,
) -> tantivy::Result<Found> {
    let mut found = Found {
        docs: Vec::new(),
        recent: Vec::new(),
    };
    let View { searcher, recent } = view;
    let Some(node) = plan(&opened.analyzer, text, Effort::Strict).node else {
        found
            .docs
            .resize(searcher.segment_readers().len(), Vec::new());
        return Ok(found);
    };
    let filter = Filter::readable(readable).after(recent);
    let one = Pins {
        docs: 1,
        ..Pins::default()
    };
    let uncounted = PinnedStatistics::new(&one, &[], &opened.fields);
    let making = Making {
        fields: &opened.fields,
        statistics: &uncounted,
        letters: 1.0,
        words_of: &|_| Vec::new(),
    };
    let matching = making.make(&node)?;
    let fits = |doc: &&Arc<RecentDoc>| filter.admits(doc) && matching.score(doc).is_some();
    found.recent = recent.latest().filter(fits).take(max).cloned().collect();
    let mut left = max - found.recent.len();
    let membership = Membership::of(opened, readable);
    let compiler = Compiler {
        fields: &opened.fields,
        letters: 1.0,
        words_of: &|_| Vec::new(),
        within: membership.as_ref(),
    };
    let mut query = compile(&node, &compiler);
    if let Some(membership) = membership {
        query = Box::new(BooleanQuery::intersection(vec![
            query,
            Box::new(membership),
        ]));
    }
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    for segment in searcher.segment_readers() {
        let columns = Columns::of(opened, segment, filter.clone())?;
        let mut docs = Vec::new();
        let mut scorer = weight.scorer(segment, 1.0)?;
        while scorer.doc() != TERMINATED && left > 0 {
            let doc = scorer.doc();
            if !segment.is_deleted(doc) && columns.admit(doc) {
                docs.push(doc);
                left -= 1;
            }
            scorer.advance();
        }
        found.docs.push(docs);
    }
    Ok(found)
}
