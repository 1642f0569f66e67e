//! The fields of the index. No text is stored: hits are shown from state.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};

/// Changes when the fields do: the index is then built anew.
pub const VERSION: u32 = 4;

/// Name of the tokenizer of `grams`.
pub const GRAMS: &str = "grams";

#[derive(Clone)]
pub struct Fields {
    pub schema: Schema,
    /// Message id: key of deletes, order of the newest.
    pub id: Field,
    pub room: Field,
    pub author: Field,
    /// Who is named.
    pub mentions: Field,
    /// 0: everybody. Otherwise the room whose members may read it.
    pub audience: Field,
    pub sent_at_ms: Field,
    /// [`Has`](super::super::document::Has) as bits.
    pub has: Field,
    /// [`Word`](super::super::analyzer::Word)s at their positions.
    pub words: Field,
    /// What the words may stand for: see [`senses`](super::super::analyzer).
    pub senses: Field,
    /// The senses of messages that everybody may read, only whether they are there. How often a
    /// word is said is counted here alone, so that nothing that is shown depends on private rooms.
    pub public_senses: Field,
    /// [`Pair`](super::super::analyzer::Pair)s, only whether they are there.
    pub pairs: Field,
    /// Every two neighbouring letters at their positions: finds what was written, word or not.
    pub grams: Field,
    /// The nouns of a message as a column: what it is about.
    pub nouns: Field,
}

impl Fields {
    pub const ID: &'static str = "id";
    pub const ROOM: &'static str = "room";
    pub const AUTHOR: &'static str = "author";
    pub const AUDIENCE: &'static str = "audience";
    pub const SENT_AT: &'static str = "sent_at_ms";
    pub const HAS: &'static str = "has";
    pub const NOUNS: &'static str = "nouns";

    pub fn new() -> Fields {
        let mut schema = Schema::builder();
        let text = |tokenizer: &str, record: IndexRecordOption| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        Fields {
            id: schema.add_u64_field(Self::ID, INDEXED | FAST),
            room: schema.add_u64_field(Self::ROOM, INDEXED | FAST),
            author: schema.add_u64_field(Self::AUTHOR, INDEXED | FAST),
            mentions: schema.add_u64_field("mentions", INDEXED),
            audience: schema.add_u64_field(Self::AUDIENCE, INDEXED | FAST),
            sent_at_ms: schema.add_i64_field(Self::SENT_AT, FAST),
            has: schema.add_u64_field(Self::HAS, FAST),
            // Both come analysed, so the tokenizer is never asked.
            words: schema.add_text_field(
                "words",
                text("raw", IndexRecordOption::WithFreqsAndPositions),
            ),
            senses: schema.add_text_field("senses", text("raw", IndexRecordOption::Basic)),
            public_senses: schema
                .add_text_field("public_senses", text("raw", IndexRecordOption::Basic)),
            pairs: schema.add_text_field("pairs", text("raw", IndexRecordOption::Basic)),
            grams: schema.add_text_field(
                "grams",
                text(GRAMS, IndexRecordOption::WithFreqsAndPositions),
            ),
            nouns: schema.add_text_field(Self::NOUNS, TextOptions::default().set_fast("raw")),
            schema: schema.build(),
        }
    }
}
