//! Decodes MeCab's compiled dictionary (little endian throughout).
//!
//! `sys.dic`, `unk.dic`: ten u32 (magic, version, type, entries, left ids, right ids, then the
//! sizes of trie, tokens and features, 0), 32 bytes of charset, the three parts.
//! `char.bin`: a count, names of 32 bytes, one u32 for each code point below 0xFFFF.
//! `matrix.bin`: two u16 sizes, then i16 costs.

use super::{Outcome, cannot};
use std::fs;
use std::path::Path;

const HEADER_BYTES: usize = 10 * 4 + 32;
const TOKEN_BYTES: usize = 16;
const NAME_BYTES: usize = 32;

/// A dictionary in its source form.
pub struct Mecab {
    pub words: Vec<Word>,
    /// Keys are category names.
    pub unknown: Vec<Word>,
    pub characters: Characters,
    /// `matrix.bin` as it is.
    pub matrix: Vec<u8>,
}

/// One reading of one key.
pub struct Word {
    pub key: String,
    pub left_id: u16,
    pub right_id: u16,
    pub cost: i16,
    /// `POS,meaning,final consonant,reading,type,first POS,last POS,expression`.
    pub feature: String,
}

pub struct Characters {
    pub names: Vec<String>,
    /// By code point.
    pub classes: Vec<Class>,
}

/// What `char.bin` says about a code point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Class(u32);

impl Class {
    pub fn has(self, category: usize) -> bool {
        self.0 >> category & 1 == 1
    }

    pub fn default_category(self) -> usize {
        (self.0 >> 18 & 0xff) as usize
    }

    pub fn length(self) -> u32 {
        self.0 >> 26 & 0xf
    }

    pub fn group(self) -> u32 {
        self.0 >> 30 & 1
    }

    pub fn invoke(self) -> u32 {
        self.0 >> 31 & 1
    }
}

impl Mecab {
    pub fn read(dir: &Path) -> Outcome<Mecab> {
        let file = |name: &str| {
            let path = dir.join(name);
            fs::read(&path).map_err(|e| cannot("read", &path, e))
        };
        let odd = |name: &str| format!("{name} of mecab-ko-dic is not in the expected form");
        Ok(Mecab {
            words: words(&file("sys.dic")?).ok_or_else(|| odd("sys.dic"))?,
            unknown: words(&file("unk.dic")?).ok_or_else(|| odd("unk.dic"))?,
            characters: characters(&file("char.bin")?).ok_or_else(|| odd("char.bin"))?,
            matrix: file("matrix.bin")?,
        })
    }
}

fn words(data: &[u8]) -> Option<Vec<Word>> {
    let [trie_bytes, tokens_bytes, features_bytes] =
        [24, 28, 32].map(|at| u32_at(data, at).map(|n| n as usize));
    let (trie, rest) = data.get(HEADER_BYTES..)?.split_at_checked(trie_bytes?)?;
    let (tokens, features) = rest.split_at_checked(tokens_bytes?)?;
    let features = features.get(..features_bytes?)?;

    let mut words = Vec::new();
    for (key, value) in keys(trie)? {
        let key = String::from_utf8(key).ok()?;
        let (count, first) = ((value & 0xff) as usize, (value >> 8) as usize);
        for token in tokens.chunks_exact(TOKEN_BYTES).skip(first).take(count) {
            words.push(Word {
                key: key.clone(),
                left_id: u16_at(token, 0)?,
                right_id: u16_at(token, 2)?,
                cost: u16_at(token, 6)? as i16,
                feature: text(features.get(u32_at(token, 8)? as usize..)?)?,
            });
        }
    }
    Some(words)
}

/// All keys of a double array with their values, in the order of their bytes.
///
/// Units of {base i32, check u32}. From a node with base `b` byte `c` leads to unit `b + c + 1`
/// if that unit's check is `b`; unit `b` itself, with check `b` and a negative base, ends a key.
fn keys(trie: &[u8]) -> Option<Vec<(Vec<u8>, u32)>> {
    let unit = |at: u32| {
        let at = at as usize * 8;
        Some((u32_at(trie, at)? as i32, u32_at(trie, at + 4)?))
    };
    let mut keys = Vec::new();
    let mut pending = vec![(unit(0)?.0, Vec::new())];
    while let Some((base, key)) = pending.pop() {
        let node = u32::try_from(base).ok()?;
        if let Some((value, check)) = unit(node)
            && check == node
            && value < 0
        {
            keys.push((key.clone(), (-(value + 1)) as u32));
        }
        for byte in (0..=255u8).rev() {
            if let Some((next, check)) = unit(node + u32::from(byte) + 1)
                && check == node
                && next >= 0
            {
                pending.push((next, [&key[..], &[byte]].concat()));
            }
        }
    }
    Some(keys)
}

fn characters(data: &[u8]) -> Option<Characters> {
    let count = u32_at(data, 0)? as usize;
    let (names, classes) = data.get(4..)?.split_at_checked(count * NAME_BYTES)?;
    Some(Characters {
        names: names
            .chunks_exact(NAME_BYTES)
            .map(text)
            .collect::<Option<_>>()?,
        classes: (0..classes.len() / 4)
            .map(|i| u32_at(classes, i * 4).map(Class))
            .collect::<Option<_>>()?,
    })
}

/// Text up to the NUL.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|b| *b == 0)?;
    String::from_utf8(bytes[..end].to_vec()).ok()
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}
