//! The embedded Korean dictionary: mecab-ko-dic, as `build.rs` prepared it.
//!
//! The data is viewed in place in the binary. Nothing is loaded before the first use, and what
//! was paged in can be given back with [`rest`].

use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use std::sync::OnceLock;

/// Whose dictionary it is, and what was changed.
pub const NOTICE: &str = include_str!("../assets/NOTICE.txt");

/// The licence of the dictionary.
pub const LICENCE: &str = include_str!(concat!(env!("OUT_DIR"), "/dictionary/COPYING"));

/// Unknown words longer than this are cut (in characters).
const UNKNOWN_MAX_CHARS: usize = 24;

mod own;

pub use own::{Entry, is_known_as, segmenter_with};

mod embedded {
    lindera_dictionary::embedded_dictionary!("/dictionary", Embedded);

    /// The large files, of which pages stay resident once they were read.
    pub fn data() -> [&'static [u8]; 6] {
        [
            TRIE_DATA,
            VALS_IDX_DATA,
            VALS_DATA,
            WORDS_IDX_DATA,
            WORDS_DATA,
            CONNECTION_DATA,
        ]
    }
}

/// The segmenter over the dictionary, shared by everybody.
pub fn segmenter() -> &'static Segmenter {
    static SEGMENTER: OnceLock<Segmenter> = OnceLock::new();
    SEGMENTER.get_or_init(|| {
        // Checked by every test run: the data is part of this very binary.
        let dictionary = embedded::load().expect("the embedded dictionary is sound");
        Segmenter::new(Mode::Normal, dictionary, None).max_grouping_len(Some(UNKNOWN_MAX_CHARS))
    })
}

/// Changes with the dictionary: the sizes of its files, and a part of their bytes.
pub fn fingerprint() -> u64 {
    const EVERY: usize = 1 << 20;
    let mut sum = 0_u64;
    for data in embedded::data() {
        sum = sum.rotate_left(7) ^ data.len() as u64;
        for byte in data.iter().step_by(EVERY) {
            sum = sum.rotate_left(5).wrapping_add(u64::from(*byte));
        }
    }
    sum
}

/// Whether the dictionary has this as the stem of a verb or adjective.
pub fn is_stem(text: &str) -> bool {
    let dictionary = &segmenter().dictionary;
    let mut entries = dictionary.prefix_dictionary.find_surface_iter(text);
    entries.any(|entry| {
        let mut details = dictionary.word_details_iter(entry.word_id().id() as usize);
        matches!(details.next(), Some("VV" | "VA"))
    })
}

/// Whether the dictionary has this as a noun.
pub fn is_noun(text: &str) -> bool {
    let dictionary = &segmenter().dictionary;
    let mut entries = dictionary.prefix_dictionary.find_surface_iter(text);
    entries.any(|entry| {
        let mut details = dictionary.word_details_iter(entry.word_id().id() as usize);
        matches!(details.next(), Some("NNG"))
    })
}

/// Whether the dictionary has this as a noun and as no adverb, or not at all.
pub fn may_be_noun(text: &str) -> bool {
    let dictionary = &segmenter().dictionary;
    let entries = dictionary.prefix_dictionary.find_surface_iter(text);
    let (mut known, mut noun) = (false, false);
    for entry in entries {
        known = true;
        let mut details = dictionary.word_details_iter(entry.word_id().id() as usize);
        match details.next() {
            Some("MAG" | "MAJ" | "IC" | "MM") => return false,
            Some("NNG" | "NNP") => noun = true,
            _ => {}
        }
    }
    noun || !known
}

/// Tells the kernel that the dictionary's pages are not needed for a while. They come back from
/// the binary's file when they are read again.
pub fn rest() {
    for data in embedded::data() {
        give_back(data);
    }
}

#[cfg(target_os = "linux")]
fn give_back(data: &'static [u8]) {
    use rustix::mm::{Advice, madvise};
    let page = rustix::param::page_size();
    // Whole pages only: at the edges live other constants.
    let start = data.as_ptr().align_offset(page);
    let Some(inside) = data.get(start..) else {
        return;
    };
    let length = inside.len() / page * page;
    // SAFETY: the range lies within a constant of the binary, which is mapped read-only from its
    // file, so dropped pages are read from that file again and nothing can be lost. The
    // advice is best effort, hence the ignored result.
    let _ = unsafe {
        madvise(
            inside.as_ptr().cast_mut().cast(),
            length,
            Advice::LinuxDontNeed,
        )
    };
}

#[cfg(not(target_os = "linux"))]
fn give_back(_data: &'static [u8]) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let segmenter = segmenter();
        let tokens = segmenter.segment(text.into()).expect("segments");
        let shown: Vec<String> = tokens
            .into_iter()
            .map(|mut t| {
                let surface = t.surface.to_string();
                format!("{surface}/{}", t.details()[0])
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn segments_as_mecab_does() {
        check(
            "아버지가방에들어가신다",
            "아버지/NNG 가/JKS 방/NNG 에/JKB 들어가/VV 신다/EP+EC",
        );
        check(
            "서울대입구역 근처 맛집 추천좀",
            "서울대입구역/NNP 근처/NNG 맛집/NNG 추천/NNG 좀/MAG",
        );
    }

    #[test]
    fn is_whole_again_after_a_rest() {
        for _ in 0..3 {
            check("마루에 앉아", "마루/NNG 에/JKB 앉/VV 아/EC");
            rest();
        }
    }

    #[test]
    fn names_its_licence() {
        assert!(NOTICE.contains("mecab-ko-dic"));
        assert!(LICENCE.contains("Apache License"));
    }
}
