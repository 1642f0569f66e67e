//! Text as it is compared: compatibility forms as their plain letters (NFKC), characters without
//! ink left out, upper and lower case as one; with the way back to what was written.

use super::ink::is_ignorable;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A text in its folded form. Each byte of it knows the bytes it came from.
#[derive(Clone, Debug)]
pub struct Folded<'a> {
    original: &'a str,
    pub text: Cow<'a, str>,
    /// By byte of `text`; `None` where both have the same places.
    places: Option<Vec<SourceRange>>,
}

#[derive(Clone, Copy, Debug)]
struct SourceRange {
    start: u32,
    end: u32,
}

impl<'a> Folded<'a> {
    pub fn of(original: &'a str) -> Folded<'a> {
        if original.chars().all(is_settled) {
            return Folded {
                original,
                text: Cow::Borrowed(original),
                places: None,
            };
        }
        // Without ink first: what stood between two letters must not keep them from composing.
        let mut inked = String::with_capacity(original.len());
        let mut written = Vec::with_capacity(original.len());
        for (start, c) in original.char_indices().filter(|(_, c)| !is_ignorable(*c)) {
            inked.push(c);
            written.resize(inked.len(), start as u32);
        }
        let mut text = String::with_capacity(inked.len());
        let mut places = Vec::with_capacity(inked.len());
        for (at, cluster) in inked.grapheme_indices(true) {
            let last = cluster.chars().next_back().map_or(0, char::len_utf8);
            let last_at = at + cluster.len() - last;
            let end = written[last_at] as usize + last;
            let place = SourceRange {
                start: written[at],
                end: end as u32,
            };
            match cluster.chars().next().and_then(lone_letter) {
                Some(letter) => text.push(letter),
                // Some compatibility forms stand for a filler.
                None => text.extend(
                    cluster
                        .nfkc()
                        .flat_map(fold_case)
                        .filter(|&c| !is_ignorable(c)),
                ),
            }
            places.resize(text.len(), place);
        }
        Folded {
            original,
            text: Cow::Owned(text),
            places: Some(places),
        }
    }

    /// The bytes of the original behind a range of `text`, which must lie on characters.
    pub fn place(&self, start: usize, end: usize) -> (u32, u32) {
        let Some(places) = &self.places else {
            return (start as u32, end as u32);
        };
        let after_all = self.original.len() as u32;
        let first = places.get(start).map_or(after_all, |place| place.start);
        let last = end.checked_sub(1).and_then(|at| places.get(at));
        (first, last.map_or(first, |place| place.end))
    }
}

/// The folded text alone.
pub fn folded(text: &str) -> String {
    Folded::of(text).text.into_owned()
}

/// Upper and lower case as one: `ß` is `ss`, and every sigma is `σ`.
fn fold_case(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

/// Letters of Hangul that stand alone, as in `ㅋㅋ` or first consonants: NFKC would make parts of
/// syllables of them. Those of half width in their full form.
fn lone_letter(c: char) -> Option<char> {
    let wide = match c {
        'ㄱ'..='ㆎ' => return Some(c),
        'ﾡ'..='ﾾ' => c as u32 - 0xffa1 + 0x3131,
        'ￂ'..='ￇ' => c as u32 - 0xffc2 + 0x314f,
        'ￊ'..='ￏ' => c as u32 - 0xffca + 0x3155,
        'ￒ'..='ￗ' => c as u32 - 0xffd2 + 0x315b,
        'ￚ'..='ￜ' => c as u32 - 0xffda + 0x3161,
        _ => return None,
    };
    char::from_u32(wide)
}

/// Nothing to do, also among others of these.
fn is_settled(c: char) -> bool {
    match c {
        '\0'..='\x7f' => !c.is_ascii_uppercase(),
        // Syllables and ideographs stand as they are; what follows them may still combine, and is
        // not in these ranges.
        '가'..='힣' | '一'..='鿿' | '’' | '“' | '”' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_forms_and_ignorable_characters_are_folded() {
        for (written, text) in [
            ("ＡＢＣ１２３，", "abc123,"),
            ("㈜마루", "(주)마루"),
            ("㎏ ① ﬁ ½", "kg 1 fi 1⁄2"),
            ("ad\u{200b}m\u{ad}in", "admin"),
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
            ("\u{1112}\u{200b}\u{1161}", "하"),
            ("ﾏﾙ", "マル"),
            ("\u{3164}\u{ffa0}\u{115f}", ""),
            ("Straße ΣΊΣΥΦΟΣ ſ", "strasse σίσυφοσ s"),
            ("👍\u{fe0f}", "👍"),
            ("ㄱㄴㅏ ㅋㅋ", "ㄱㄴㅏ ㅋㅋ"),
            ("\u{ffa1}\u{ffbe}\u{ffc2}\u{ffdc}", "ㄱㅎㅏㅣ"),
        ] {
            assert_eq!(folded(written), text, "{written}");
        }
    }

    #[test]
    fn each_piece_knows_where_it_stood() {
        let original = "글 ＡＢ \u{1112}\u{1161}\u{11ab} a\u{200b}b ㈱";
        let folded = Folded::of(original);
        for (piece, written) in [
            ("ab", "ＡＢ"),
            ("한", "\u{1112}\u{1161}\u{11ab}"),
            ("글", "글"),
            ("(株)", "㈱"),
            ("株", "㈱"),
        ] {
            let at = folded.text.find(piece).expect(piece);
            let (start, end) = folded.place(at, at + piece.len());
            assert_eq!(&original[start as usize..end as usize], written);
        }
        let at = folded.text.rfind("ab").expect("the second");
        let (start, end) = folded.place(at, at + 2);
        assert_eq!(&original[start as usize..end as usize], "a\u{200b}b");
    }

    #[test]
    fn what_is_settled_is_borrowed() {
        assert!(matches!(Folded::of("마루 ok").text, Cow::Borrowed(_)));
    }
}
