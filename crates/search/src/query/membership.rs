//! Membership as a query: the messages that a caller may read, of the lists of their rooms.

use super::Readable;
use crate::index::{Fields, MemberDocs, Opened};
use std::fmt;
use std::sync::Arc;
use tantivy::query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

/// More rooms than this are checked match by match.
const ROOMS: usize = 1_000;

/// Matches what may be read, and scores nothing.
#[derive(Clone)]
pub struct Membership {
    members: MemberDocs,
    public: bool,
    /// Sorted.
    rooms: Arc<[u64]>,
    fields: Arc<Fields>,
}

impl Membership {
    /// Of callers in very many rooms every match is checked instead.
    pub fn of(opened: &Opened, readable: &Readable) -> Option<Membership> {
        let mut rooms: Vec<u64> = readable.rooms.iter().map(|room| room.0).collect();
        rooms.sort_unstable();
        (rooms.len() <= ROOMS).then(|| Membership {
            members: opened.members.clone(),
            public: readable.public,
            rooms: rooms.into(),
            fields: Arc::new(opened.fields.clone()),
        })
    }

    fn docs(&self, segment: &SegmentReader) -> tantivy::Result<DocBits> {
        let (members, fields) = (&self.members, &self.fields);
        let bits = members.of(segment, fields, self.public, &self.rooms)?;
        Ok(DocBits::new(bits))
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Membership({} rooms)", self.rooms.len())
    }
}

impl Query for Membership {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Membership {
    fn scorer(&self, segment: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(self.docs(segment)?, 0.0)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut docs = self.docs(segment)?;
        if docs.seek(doc) == doc {
            return Ok(Explanation::new("membership", 0.0));
        }
        let text = format!("document {doc} may not be read");
        Err(TantivyError::InvalidArgument(text))
    }
}

/// What a query matches among those: checked before a match is scored and merged with others, which
/// costs more.
#[derive(Clone)]
struct Within {
    query: Arc<dyn Query>,
    membership: Membership,
}

impl Membership {
    pub fn filter(&self, query: Box<dyn Query>) -> Box<dyn Query> {
        Box::new(Within {
            query: query.into(),
            membership: self.clone(),
        })
    }
}

impl fmt::Debug for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Within({:?}, {:?})", self.membership, self.query)
    }
}

impl Query for Within {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(WeightWithin {
            weight: self.query.weight(scoring)?,
            membership: self.membership.clone(),
        }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.query.query_terms(visitor);
    }
}

struct WeightWithin {
    weight: Box<dyn Weight>,
    membership: Membership,
}

impl Weight for WeightWithin {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = ScorerWithin {
            scorer: self.weight.scorer(segment, boost)?,
            members: self.membership.docs(segment)?,
            docs: segment.max_doc(),
        };
        scorer.skip();
        Ok(Box::new(scorer))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        Weight::explain(&self.membership, segment, doc)?;
        self.weight.explain(segment, doc)
    }
}

struct ScorerWithin {
    scorer: Box<dyn Scorer>,
    members: DocBits,
    /// Of the segment.
    docs: u32,
}

impl ScorerWithin {
    /// To the next match that is among those, if it stands at none.
    fn skip(&mut self) -> DocId {
        let mut doc = self.scorer.doc();
        while doc != TERMINATED && !self.members.has(doc) {
            doc = self.scorer.advance();
        }
        doc
    }
}

impl DocSet for ScorerWithin {
    fn advance(&mut self) -> DocId {
        self.scorer.advance();
        self.skip()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.scorer.seek(target);
        self.skip()
    }

    fn doc(&self) -> DocId {
        self.scorer.doc()
    }

    fn size_hint(&self) -> u32 {
        let part = u64::from(self.scorer.size_hint()) * u64::from(self.members.count);
        (part / u64::from(self.docs.max(1))) as u32
    }

    fn cost(&self) -> u64 {
        self.scorer.cost()
    }
}

impl Scorer for ScorerWithin {
    fn score(&mut self) -> Score {
        self.scorer.score()
    }
}

/// A set of documents as bits.
struct DocBits {
    bits: Arc<[u64]>,
    count: u32,
    doc: DocId,
}

impl DocBits {
    fn new(bits: Arc<[u64]>) -> DocBits {
        let count = bits.iter().map(|word| word.count_ones()).sum();
        let mut docs = DocBits {
            bits,
            count,
            doc: 0,
        };
        docs.doc = docs.from(0);
        docs
    }

    fn has(&self, doc: DocId) -> bool {
        let word = self.bits.get((doc / u64::BITS) as usize);
        word.is_some_and(|word| word >> (doc % u64::BITS) & 1 != 0)
    }

    /// The first document from there on.
    fn from(&self, doc: DocId) -> DocId {
        let at = (doc / u64::BITS) as usize;
        let Some(word) = self.bits.get(at) else {
            return TERMINATED;
        };
        let rest = word & (u64::MAX << (doc % u64::BITS));
        if rest != 0 {
            return at as DocId * u64::BITS + rest.trailing_zeros();
        }
        let next = self.bits[at + 1..].iter().position(|word| *word != 0);
        next.map_or(TERMINATED, |next| {
            let at = at + 1 + next;
            at as DocId * u64::BITS + self.bits[at].trailing_zeros()
        })
    }
}

impl DocSet for DocBits {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.doc = self.from(self.doc + 1);
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.doc = if target == TERMINATED {
                TERMINATED
            } else {
                self.from(target)
            };
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_in_their_order() {
        let wanted = [0, 1, 63, 64, 200, 319];
        let mut bits = vec![0u64; 5];
        for doc in wanted {
            bits[doc as usize / 64] |= 1 << (doc % 64);
        }
        let bits: Arc<[u64]> = bits.into();
        let mut docs = DocBits::new(bits.clone());
        assert_eq!(docs.size_hint(), 6);
        let mut found = Vec::new();
        while docs.doc() != TERMINATED {
            found.push(docs.doc());
            docs.advance();
        }
        assert_eq!(found, wanted);
        assert_eq!(docs.advance(), TERMINATED);
        for target in 0..330 {
            let mut docs = DocBits::new(bits.clone());
            let first = wanted.into_iter().find(|doc| *doc >= target);
            assert_eq!(docs.seek(target), first.unwrap_or(TERMINATED), "{target}");
        }
        assert_eq!(DocBits::new(bits).seek(TERMINATED), TERMINATED);
        assert_eq!(DocBits::new(Arc::new([])).doc(), TERMINATED);
    }
}
