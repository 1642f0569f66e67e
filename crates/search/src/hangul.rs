//! Finding what is half typed in Korean: first consonants (ㅅㅂ for 서버), syllables in the making
//! (섭 on the way to 서버), a keyboard left in the other language (dkssud for 안녕).

mod forms;
mod keyboard;

pub use forms::{
    Forms, forms, has_final, stem_of_past, stems_of_plain, surfaces_of, with_final_siot,
};
pub use keyboard::swap_layout;

use std::str::Chars;

const FIRST: char = '가';
const LAST: char = '힣';
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

const INITIAL_LETTERS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];

/// Final consonants by number, as the letters they are typed with. 0: none.
const FINAL_LETTERS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ",
    "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ",
    "ㅎ",
];

/// Vowels by number, as the letters they are typed with.
const VOWEL_LETTERS: [&str; 21] = [
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ",
    "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
];

/// A syllable as numbers of its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Syllable {
    initial: u32,
    vowel: u32,
    last: u32,
}

impl Syllable {
    fn of(c: char) -> Option<Syllable> {
        let at = (FIRST..=LAST)
            .contains(&c)
            .then(|| c as u32 - FIRST as u32)?;
        Some(Syllable {
            initial: at / (VOWELS * FINALS),
            vowel: at / FINALS % VOWELS,
            last: at % FINALS,
        })
    }

    fn char(self) -> char {
        let at = (self.initial * VOWELS + self.vowel) * FINALS + self.last;
        char::from_u32(FIRST as u32 + at).unwrap_or(FIRST)
    }
}

/// A word as the letters that are typed for it.
pub fn letters_of(word: &str) -> Vec<char> {
    let mut letters = Vec::new();
    letters_into(word, &mut letters);
    letters
}

/// The same in the place of what is there.
pub fn letters_into(word: &str, letters: &mut Vec<char>) {
    letters.clear();
    for c in word.chars() {
        match Syllable::of(c) {
            Some(s) => {
                letters.push(INITIAL_LETTERS[s.initial as usize]);
                letters.extend(VOWEL_LETTERS[s.vowel as usize].chars());
                letters.extend(FINAL_LETTERS[s.last as usize].chars());
            }
            None => letters.push(c),
        }
    }
}

/// First consonants of a word; `None` if it has anything but syllables.
pub fn initials(word: &str) -> Option<String> {
    word.chars().map(initial).collect()
}

/// Whether it is a syllable as a stem has it before another verb: with one of the vowels of 아 and
/// 어, and no consonant behind.
pub fn ends_openly(c: char) -> bool {
    // ㅏ ㅐ ㅓ ㅔ ㅕ ㅘ ㅙ ㅝ ㅞ, by their places among the vowels.
    let is_open = |s: Syllable| matches!(s.vowel, 0 | 1 | 4 | 5 | 6 | 9 | 10 | 14 | 15);
    Syllable::of(c).is_some_and(|s| s.last == 0 && is_open(s))
}

/// The consonant that a syllable begins with.
pub fn initial(c: char) -> Option<char> {
    Syllable::of(c).map(|s| INITIAL_LETTERS[s.initial as usize])
}

/// Whether `typed` may be on its way to `name`. Both lower case and NFC.
pub fn begins(name: &str, typed: &str) -> bool {
    let mut typed = typed.chars();
    let Some(last) = typed.next_back() else {
        return true;
    };
    let mut name = name.chars();
    for t in typed {
        if !name.next().is_some_and(|c| is_meant(t, c)) {
            return false;
        }
    }
    is_begun(last, name)
}

/// Where in `name` (in characters) something begins that `typed` may be on its way to.
pub fn find(name: &str, typed: &str) -> Option<usize> {
    let ends = name.char_indices().map(|(at, _)| at);
    ends.chain([name.len()])
        .position(|at| begins(&name[at..], typed))
}

/// The letter itself, or a first consonant for its syllable.
fn is_meant(typed: char, c: char) -> bool {
    typed == c || initial(c) == Some(typed)
}

/// Whether a last, perhaps unfinished letter begins the rest of a name.
fn is_begun(typed: char, mut rest: Chars<'_>) -> bool {
    let Some(c) = rest.next() else {
        return false;
    };
    if is_meant(typed, c) {
        return true;
    }
    let (Some(typed), Some(meant)) = (Syllable::of(typed), Syllable::of(c)) else {
        return false;
    };
    if typed.initial != meant.initial {
        return false;
    }
    let finals = FINAL_LETTERS[typed.last as usize];
    if finals.is_empty() {
        let (typed, meant) = (typed.vowel as usize, meant.vowel as usize);
        return VOWEL_LETTERS[meant].starts_with(VOWEL_LETTERS[typed]);
    }
    if typed.vowel != meant.vowel {
        return false;
    }
    let theirs = FINAL_LETTERS[meant.last as usize];
    // Still the same syllable, or its last consonant already belongs to the next one.
    theirs.starts_with(finals)
        || rest
            .next()
            .and_then(initial)
            .is_some_and(|next| finals.strip_suffix(next) == Some(theirs))
}

/// Words that [`begins`] allows lie between these two (the second excluded). Words that begin
/// with a consonant alone are left out: all syllables lie between them and the others.
pub fn bounds(typed: &str) -> (String, String) {
    let mut sure = String::new();
    let mut chars = typed.chars().peekable();
    while let Some(c) = chars.next() {
        let is_last = chars.peek().is_none();
        let range = match (
            Syllable::of(c),
            INITIAL_LETTERS.iter().position(|i| *i == c),
        ) {
            (Some(syllable), _) if is_last => Some(unfinished(syllable)),
            (_, Some(initial)) => {
                let initial = initial as u32;
                let first = Syllable {
                    initial,
                    vowel: 0,
                    last: 0,
                };
                let last = Syllable {
                    initial,
                    vowel: VOWELS - 1,
                    last: FINALS - 1,
                };
                Some((first.char(), last.char()))
            }
            _ => None,
        };
        if let Some((low, high)) = range {
            let upper = char::from_u32(high as u32 + 1).unwrap_or(char::MAX);
            return (format!("{sure}{low}"), format!("{sure}{upper}"));
        }
        sure.push(c);
    }
    (sure.clone(), format!("{sure}{}", char::MAX))
}

fn unfinished(typed: Syllable) -> (char, char) {
    let letters = VOWEL_LETTERS[typed.vowel as usize];
    let farthest = (0..VOWELS)
        .filter(|v| VOWEL_LETTERS[*v as usize].starts_with(letters))
        .max();
    let vowel = if typed.last == 0 {
        farthest.unwrap_or(typed.vowel)
    } else {
        typed.vowel
    };
    let first = Syllable { last: 0, ..typed };
    (
        first.char(),
        Syllable {
            vowel,
            last: FINALS - 1,
            ..typed
        }
        .char(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, typed: &str, expected: bool) {
        assert_eq!(begins(name, typed), expected, "{typed} for {name}");
        if expected {
            let (low, high) = bounds(typed);
            assert!(
                name >= &low[..] && name < &high[..],
                "{typed} for {name}: {low}..{high}"
            );
        }
    }

    #[test]
    fn half_typed_syllables_begin_a_name() {
        for typed in ["ㄱ", "기", "김", "김ㅊ", "김치", "ㄱㅊ", "ㄱ치", ""] {
            check("김치찌개", typed, true);
        }
        for typed in ["서", "섭", "서버", "ㅅㅂ"] {
            check("서버", typed, true);
        }
        for typed in ["고", "과", "관"] {
            check("과일", typed, typed != "관");
        }
        for typed in ["다", "달", "닭", "닭고"] {
            check("닭고기", typed, true);
        }
        check("달걀", "닭", true);
        check("서버", "석", false);
        check("서버", "ㅅㄱ", false);
        check("서버", "서버가", false);
        check("server", "ser", true);
        check("server", "ㅅ", false);
    }

    #[test]
    fn finds_inside_a_name() {
        assert_eq!(find("운영 서버", "ㅅㅂ"), Some(3));
        assert_eq!(find("운영 서버", "섭"), Some(3));
        assert_eq!(find("운영", "섭"), None);
    }
}
