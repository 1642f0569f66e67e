//! The fields of the index. No text is stored: hits are shown from state.

use super::terms;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// Changes when the fields do: the index is then built anew.
pub const VERSION: u32 = 7;

#[derive(Clone)]
pub struct Fields {
    pub schema: Schema,
    /// Message id: key of deletes, order of the newest. See [`ids`](super::ids).
    pub id: Field,
    pub room: Field,
    pub author: Field,
    /// Who is named.
    pub mentions: Field,
    /// 1 of what everybody may read; the rest is for the members of its room.
    pub public: Field,
    pub sent_at_ms: Field,
    /// [`Has`](super::super::document::Has) as bits, and [`PUBLIC`](Fields::PUBLIC).
    pub has: Field,
    /// [`Word`](super::super::analyzer::Word)s that say something, at their positions.
    pub words: Field,
    /// What the words may stand for: see [`senses`](super::super::analyzer).
    pub senses: Field,
    /// The senses of messages that everybody may read, only whether they are there. How often a
    /// word is said is counted here alone, so that nothing that is shown depends on private rooms.
    pub public_senses: Field,
    /// Every two neighbouring letters, only whether they are there: finds what was written, word
    /// or not. See [`grams`](super::grams).
    pub grams: Field,
    /// The nouns of a message as a column: what it is about.
    pub nouns: Field,
}

impl Fields {
    pub const ID: &'static str = "id";
    pub const ROOM: &'static str = "room";
    pub const AUTHOR: &'static str = "author";
    pub const SENT_AT: &'static str = "sent_at_ms";
    pub const HAS: &'static str = "has";
    pub const NOUNS: &'static str = "nouns";

    /// In the column of what a message has: everybody may read it.
    pub const PUBLIC: u64 = 1 << 8;

    /// Whether scores are made of how often a term of the field is there.
    pub fn is_counted(&self, field: Field) -> bool {
        field == self.words || field == self.senses
    }

    pub fn new() -> Fields {
        let mut schema = Schema::builder();
        // All comes analysed; the tokenizer only takes it apart. Lengths are kept only where scores
        // are made of them.
        let text = |record: IndexRecordOption, lengths: bool| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(terms::NAME)
                .set_fieldnorms(lengths)
                .set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let number = NumericOptions::default().set_indexed();
        let column = number.clone().set_fast();
        let alone = NumericOptions::default().set_fast();
        Fields {
            id: schema.add_u64_field(Self::ID, alone),
            room: schema.add_u64_field(Self::ROOM, column.clone()),
            author: schema.add_u64_field(Self::AUTHOR, column),
            mentions: schema.add_u64_field("mentions", number.clone()),
            public: schema.add_u64_field("public", number),
            sent_at_ms: schema.add_i64_field(Self::SENT_AT, FAST),
            has: schema.add_u64_field(Self::HAS, FAST),
            words: schema.add_text_field(
                "words",
                text(IndexRecordOption::WithFreqsAndPositions, true),
            ),
            senses: schema.add_text_field("senses", text(IndexRecordOption::Basic, true)),
            public_senses: schema
                .add_text_field("public_senses", text(IndexRecordOption::Basic, false)),
            grams: schema.add_text_field("grams", text(IndexRecordOption::Basic, false)),
            nouns: schema.add_text_field(Self::NOUNS, TextOptions::default().set_fast("raw")),
            schema: schema.build(),
        }
    }
}
