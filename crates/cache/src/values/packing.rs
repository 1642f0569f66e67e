//! Up to where a collection counts as small.

/// Small collections keep the order in which elements came, are shown whole where larger ones are
/// shown in pages, and clients are told other words for them. As Redis's settings of the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// `hash-max-listpack-entries`.
    pub hash_fields: usize,
    /// `hash-max-listpack-value`: no field and no value is longer.
    pub hash_item_bytes: usize,
    /// `set-max-intset-entries`: numbers in a set of numbers.
    pub set_numbers: usize,
    /// `zset-max-listpack-entries`.
    pub ranked_members: usize,
    /// `zset-max-listpack-value`.
    pub ranked_member_bytes: usize,
    /// `stream-node-max-entries`: entries of a stream that lie together; 0 is no limit.
    pub node_entries: usize,
    /// `stream-node-max-bytes`; 0 is no limit.
    pub node_bytes: usize,
}

impl Default for Packing {
    fn default() -> Packing {
        Packing {
            hash_fields: 512,
            hash_item_bytes: 64,
            set_numbers: 512,
            ranked_members: 128,
            ranked_member_bytes: 64,
            node_entries: 100,
            node_bytes: 4096,
        }
    }
}
