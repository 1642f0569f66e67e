//! Fields and values, in the order they came while there are few.

use super::{Applied, Item, Packing};
use indexmap::IndexMap;

/// What table and allocator add to a field.
const FIELD_BYTES: usize = 64;

/// The fields of one key, with their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hash {
    fields: IndexMap<Item, Item, ahash::RandomState>,
    pub(super) size_bytes: usize,
    wide: bool,
}

impl Hash {
    /// How many fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A field's value.
    pub fn get(&self, field: &[u8]) -> Option<&[u8]> {
        self.fields.get(field).map(|value| &**value)
    }

    /// Whether there is such a field.
    pub fn contains(&self, field: &[u8]) -> bool {
        self.fields.contains_key(field)
    }

    /// All fields and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> + DoubleEndedIterator {
        self.fields
            .iter()
            .map(|(field, value)| (&**field, &**value))
    }

    /// The pair at an index below `len`; indices change when fields go.
    pub fn nth(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let (field, value) = self.fields.get_index(index)?;
        Some((field, value))
    }

    /// Whether it has ever had many fields, or a long one.
    pub fn is_wide(&self) -> bool {
        self.wide
    }

    /// As `OBJECT ENCODING` answers.
    pub fn encoding(&self) -> &'static str {
        if self.wide { "hashtable" } else { "listpack" }
    }

    pub(super) fn set(&mut self, field: &[u8], value: &[u8], packing: &Packing) -> Applied {
        let most_bytes = packing.hash_item_bytes;
        self.wide |= field.len() > most_bytes || value.len() > most_bytes;
        if let Some(held) = self.fields.get_mut(field) {
            self.size_bytes = self.size_bytes + value.len() - held.len();
            if held.len() == value.len() {
                held.copy_from_slice(value);
            } else {
                *held = value.into();
            }
            return Applied::Changed;
        }
        self.size_bytes += FIELD_BYTES + field.len() + value.len();
        self.fields.insert(field.into(), value.into());
        self.wide |= self.fields.len() > packing.hash_fields;
        Applied::Added
    }

    pub(super) fn remove(&mut self, field: &[u8]) -> Applied {
        let removed = if self.wide {
            self.fields.swap_remove(field)
        } else {
            self.fields.shift_remove(field)
        };
        match removed {
            Some(value) => {
                self.size_bytes -= FIELD_BYTES + field.len() + value.len();
                Applied::Removed(value)
            }
            None => Applied::Nothing,
        }
    }
}
