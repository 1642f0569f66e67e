//! What would have been typed on the other layout of a Korean keyboard (두벌식).

use super::{FINAL_LETTERS, INITIAL_LETTERS, Syllable, VOWEL_LETTERS};

/// Keys and their letters; with Shift where it makes a difference.
const KEYS: [(char, char); 33] = [
    ('q', 'ㅂ'),
    ('w', 'ㅈ'),
    ('e', 'ㄷ'),
    ('r', 'ㄱ'),
    ('t', 'ㅅ'),
    ('y', 'ㅛ'),
    ('u', 'ㅕ'),
    ('i', 'ㅑ'),
    ('o', 'ㅐ'),
    ('p', 'ㅔ'),
    ('a', 'ㅁ'),
    ('s', 'ㄴ'),
    ('d', 'ㅇ'),
    ('f', 'ㄹ'),
    ('g', 'ㅎ'),
    ('h', 'ㅗ'),
    ('j', 'ㅓ'),
    ('k', 'ㅏ'),
    ('l', 'ㅣ'),
    ('z', 'ㅋ'),
    ('x', 'ㅌ'),
    ('c', 'ㅊ'),
    ('v', 'ㅍ'),
    ('b', 'ㅠ'),
    ('n', 'ㅜ'),
    ('m', 'ㅡ'),
    ('Q', 'ㅃ'),
    ('W', 'ㅉ'),
    ('E', 'ㄸ'),
    ('R', 'ㄲ'),
    ('T', 'ㅆ'),
    ('O', 'ㅒ'),
    ('P', 'ㅖ'),
];

/// `dkssud` as 안녕, `ㅗ디ㅣㅐ` as hello. `None` when nothing would change, or when Latin keys
/// make no syllable at all.
pub fn swap_layout(text: &str) -> Option<String> {
    if text
        .chars()
        .any(|c| Syllable::of(c).is_some() || letter_key(c).is_some())
    {
        return Some(text.chars().map(keys_of).collect());
    }
    let letters: String = text.chars().map(letter_of).collect();
    let composed = compose(&letters);
    composed
        .chars()
        .any(|c| Syllable::of(c).is_some())
        .then_some(composed)
}

fn letter_of(key: char) -> char {
    let find = |key: char| {
        KEYS.iter()
            .find(|(k, _)| *k == key)
            .map(|(_, letter)| *letter)
    };
    find(key)
        .or_else(|| find(key.to_ascii_lowercase()))
        .unwrap_or(key)
}

fn letter_key(letter: char) -> Option<char> {
    KEYS.iter().find(|(_, l)| *l == letter).map(|(key, _)| *key)
}

fn keys_of(c: char) -> String {
    let keys = |letters: &str| letters.chars().filter_map(letter_key).collect::<String>();
    match Syllable::of(c) {
        Some(s) => [
            keys(&INITIAL_LETTERS[s.initial as usize].to_string()),
            keys(VOWEL_LETTERS[s.vowel as usize]),
            keys(FINAL_LETTERS[s.last as usize]),
        ]
        .concat(),
        None => letter_key(c).unwrap_or(c).to_string(),
    }
}

/// Joins letters to syllables as an input method does.
fn compose(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while at < letters.len() {
        match syllable(&letters[at..]) {
            Some((syllable, used)) => {
                text.push(syllable.char());
                at += used;
            }
            None => {
                text.push(letters[at]);
                at += 1;
            }
        }
    }
    text
}

/// The syllable at the start, and how many letters it takes.
fn syllable(letters: &[char]) -> Option<(Syllable, usize)> {
    let initial = INITIAL_LETTERS.iter().position(|i| *i == letters[0])? as u32;
    let (vowel, used) = longest(&VOWEL_LETTERS, &letters[1..])?;
    let rest = &letters[1 + used..];
    // A consonant before a vowel begins the next syllable.
    let is_vowel = |c: &char| ('ㅏ'..='ㅣ').contains(c);
    let consonants = rest.iter().take_while(|c| !is_vowel(c)).count();
    let free = if consonants < rest.len() {
        consonants.saturating_sub(1)
    } else {
        consonants
    };
    let (last, last_used) = longest(&FINAL_LETTERS[1..], &rest[..free.min(2)])
        .map_or((0, 0), |(last, used)| (last + 1, used));
    Some((
        Syllable {
            initial,
            vowel: vowel as u32,
            last: last as u32,
        },
        1 + used + last_used,
    ))
}

/// The longest of these spellings that the letters begin with, and its length.
fn longest(spellings: &[&str], letters: &[char]) -> Option<(usize, usize)> {
    [2, 1]
        .into_iter()
        .filter_map(|length| {
            let spelled: String = letters.get(..length)?.iter().collect();
            Some((spellings.iter().position(|s| *s == spelled)?, length))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::swap_layout;

    #[test]
    fn the_other_layout() {
        for (typed, meant) in [
            ("dkssud", "안녕"),
            ("tjqj", "서버"),
            ("rhkdlf", "과일"),
            ("ekfrrhrl", "닭고기"),
            ("QkRka", "빠깜"),
            ("ㅗ디ㅣㅐ", "hello"),
            ("ㄴㄷㄱㅍㄷㄱ", "server"),
        ] {
            assert_eq!(swap_layout(typed).as_deref(), Some(meant), "{typed}");
        }
        for typed in ["", "123", "qwrt", "🎉"] {
            assert_eq!(swap_layout(typed), None, "{typed}");
        }
    }
}
