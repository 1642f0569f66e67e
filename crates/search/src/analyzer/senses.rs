//! What each word of a text is taken for when a single word is looked up.
//!
//! A word that stands by itself is looked up as it is. What is only a part of a longer word gets a
//! mark: whoever looks for `사고` may want `교통사고` and perhaps `사고방식`, but never the 화장
//! of a 화장실.

use super::letters::{is_pictograph, letters};
use super::morphemes::{Morphemes, Token};
use super::tables;
use crate::hangul;
use std::collections::BTreeSet;

/// Before a noun that stands before another one in a compound: `사고` of 사고방식; also before a
/// stem that is less likely than another one: 걸다 for 걸었다, which is rather of 걷다.
pub const MODIFIER: char = '<';
/// Before a noun of one syllable that is written together with another word, `왕` of 왕짜증, and
/// before a syllable that stands alone and may be some form of a verb.
pub const JOINED: char = '-';
/// Before a number that has a unit: `2` of 2편.
pub const COUNTED: char = '#';
/// Before symbols, as many as stand together: at most three.
pub const SYMBOLS: char = '!';

const SYMBOLS_MAX: usize = 3;

/// Every sense of a text, each once.
pub fn senses(text: &str, morphemes: &Morphemes) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let tokens = &morphemes.tokens;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let near = Near {
            before: before.filter(|b| b.run == token.run && b.whole.end == token.whole.start),
            previous: before,
            after: tokens.get(at + 1),
            after_that: tokens.get(at + 2),
        };
        // By itself: what one word is not, another one may be.
        let mut own = BTreeSet::new();
        of_token(token, &near, &mut own);
        found.extend(own);
    }
    alone(text, &mut found);
    symbols(text, &mut found);
    let pictures = text.chars().filter(|c| is_pictograph(*c));
    found.extend(pictures.map(String::from));
    found
}

/// A syllable between two spaces is what it is, whatever else the dictionary takes it for: the 줄
/// of `한 줄 요약` is no form of 주다, and `헐` none of 헐다.
fn alone(text: &str, found: &mut BTreeSet<String>) {
    let mut letters = letters(text).peekable();
    while let Some(letter) = letters.next() {
        let ends = letters.peek().is_none_or(|next| next.after_gap);
        if !letter.after_gap || !ends || letter.c.is_ascii() {
            continue;
        }
        let alone = letter.c.to_string();
        if !matches!(letter.c, '가'..='힣') {
            // 有 before a word is a prefix to the dictionary.
            found.insert(alone);
        } else if !found.contains(&alone) {
            found.insert(format!("{JOINED}{alone}"));
        }
    }
}

struct Near<'a> {
    /// Written together with the token.
    before: Option<&'a Token>,
    /// Whatever stands between.
    previous: Option<&'a Token>,
    after: Option<&'a Token>,
    after_that: Option<&'a Token>,
}

impl Near<'_> {
    /// The next token, if it is written together with this one.
    fn joined(&self, token: &Token) -> Option<&Token> {
        self.after
            .filter(|next| next.whole.start == token.whole.end)
    }
}

fn of_token(token: &Token, near: &Near, found: &mut BTreeSet<String>) {
    let whole = &token.whole;
    let text = &whole.text[..];
    match &whole.tag[..] {
        "NNG" | "NNP" | "XR" | "UNKNOWN" | "NR" | "NP" => noun(token, near, found),
        "SN" => number(text, near, found),
        _ if token.is_word_itself() || token.parts.is_empty() => {
            found.extend(whole.meaning().map(|(term, _)| term));
        }
        _ => {}
    }
    if !token.is_word_itself() {
        found.extend(
            token
                .parts
                .iter()
                .filter_map(|p| p.meaning())
                .map(|(term, _)| term),
        );
    }
    for part in token.parts.iter().chain([whole]) {
        if part.tag.starts_with("VX") {
            let written = [
                &whole.text[..],
                near.joined(token).map_or("", |n| &n.whole.text),
            ];
            let stem = lost_consonant(&part.text, &written.concat());
            found.extend(stem.map(|stem| format!("{stem}다")));
        }
        if part.tag.starts_with("VV") || part.tag.starts_with("VA") {
            found.extend(tables::noun_in_verb(&part.text).map(|noun| {
                let mark = if syllables(noun) == 1 {
                    JOINED
                } else {
                    MODIFIER
                };
                format!("{mark}{noun}")
            }));
            let written = [
                &whole.text[..],
                near.joined(token).map_or("", |n| &n.whole.text),
            ];
            if let Some(stem) = lost_consonant(&part.text, &written.concat()) {
                found.insert(format!("{stem}다"));
            }
            let ending = near.joined(token).map_or("", |next| &next.whole.text);
            if let Some(longer) = drawn_together(&part.text, ending) {
                found.remove(&format!("{}다", part.text));
                found.insert(format!("{longer}다"));
            }
            if let Some(other) = tables::other_stem(&token.whole.text, &part.text) {
                either_stem(&part.text, other, near, found);
            }
        }
    }
    if matches!(&whole.tag[..], "MM" | "NR")
        && let Some(count) = tables::native_number(text)
        && let Some(unit) = near.after.map(|next| &next.whole.text[..])
        && tables::is_unit(unit)
    {
        found.insert(format!("{count}{unit}"));
    }
}

/// 지었다 is of 짓다: with a vowel at its end, a stem would have made 졌다 of it.
fn lost_consonant(stem: &str, written: &str) -> Option<String> {
    let ending = written.strip_prefix(stem)?.chars().next()?;
    if !matches!(ending, '아' | '어' | '았' | '었') {
        return None;
    }
    let with_consonant = hangul::with_final_siot(stem)?;
    maru_dictionary::is_stem(&with_consonant).then_some(with_consonant)
}

/// 낚여서 is of 낚이다: only 하 has an ending that begins with 여.
fn drawn_together(stem: &str, ending: &str) -> Option<String> {
    if stem.ends_with('하') || !ending.starts_with(['여', '였']) {
        return None;
    }
    let longer = format!("{stem}이");
    maru_dictionary::is_stem(&longer).then_some(longer)
}

/// 들었다 is of 듣다 where something is heard, and otherwise rather of 들다.
fn either_stem(irregular: &str, regular: &str, near: &Near, found: &mut BTreeSet<String>) {
    let is_object = near
        .previous
        .is_some_and(|p| p.whole.tag == "JKO" || tables::is_heard_or_asked(&p.whole.text));
    let is_irregular = match irregular {
        "듣" => is_object,
        "걷" => !is_object,
        _ => true,
    };
    let (likely, other) = if is_irregular {
        (irregular, regular)
    } else {
        (regular, irregular)
    };
    found.remove(&format!("{other}다"));
    found.insert(format!("{likely}다"));
    found.insert(format!("{MODIFIER}{other}다"));
}

fn noun(token: &Token, near: &Near, found: &mut BTreeSet<String>) {
    let text = &token.whole.text[..];
    let next = near.joined(token);
    if syllables(text) == 1 && is_korean(text) {
        one_syllable(token, near, found);
    } else {
        found.insert(text.to_owned());
    }
    parts(token, found);
    if token.whole.tag == "NNP"
        && !token.own
        && syllables(text) == 3
        && tables::is_family_name(text)
    {
        found.insert(text.chars().skip(1).collect());
    }
    // `지루함` where the dictionary does not see the verb in it.
    if !token.is_settled_noun()
        && let Some(root) = text
            .strip_suffix('함')
            .or_else(|| text.strip_suffix("하기"))
        && syllables(root) > 1
    {
        found.insert(format!("{root}하다"));
    }
    let Some(next) = next else { return };
    // 고객센터 as one word, for those who type its first consonants.
    if token.is_settled_noun()
        && next.is_settled_noun()
        && !near.before.is_some_and(Token::is_content)
    {
        found.insert(format!("{text}{}", next.whole.text));
    }
    let suffix = next.parts.first().unwrap_or(&next.whole);
    match &suffix.tag[..] {
        "XSV" | "XSA" => {
            found.insert(format!("{text}{}다", suffix.text));
        }
        "XSN" if !matches!(&suffix.text[..], "님" | "들" | "씨") => {
            found.insert(format!("{text}{}", suffix.text));
        }
        _ => {}
    }
}

/// A syllable that is written together with another word may be a part of anything.
fn one_syllable(token: &Token, near: &Near, found: &mut BTreeSet<String>) {
    let text = &token.whole.text;
    let next = near.joined(token);
    let is_twice = |other: Option<&Token>| other.is_some_and(|other| other.whole.text == *text);
    // 술술, 줄줄: how something is done.
    if is_twice(near.before) || is_twice(next) {
        return;
    }
    // 불륜 is no 불; several and honoured ones are.
    let suffix = next.map(|next| next.parts.first().unwrap_or(&next.whole));
    if suffix.is_some_and(|suffix| suffix.tag == "XSN" && !tables::leaves_noun(&suffix.text)) {
        return;
    }
    let joined = [near.before, next].map(|other| other.is_some_and(Token::is_content));
    if joined == [true, true] {
        // In the middle of something that the dictionary does not know: 이글거리다.
    } else if joined != [false, false] {
        found.insert(format!("{JOINED}{text}"));
    } else if token.whole.tag != "XR" {
        found.insert(text.clone());
    }
}

/// The last noun of a compound is what it is about; what stands before says which kind.
fn parts(token: &Token, found: &mut BTreeSet<String>) {
    if !token.is_word_itself() {
        return;
    }
    if token.own {
        // Whoever taught the word says what its parts are.
        found.extend(token.parts.iter().map(|part| part.text.clone()));
        return;
    }
    let Some((head, modifiers)) = token.parts.split_last() else {
        return;
    };
    // 주인공 is no 주인, 화장실 no 화장: with one syllable more it is another word.
    if syllables(&head.text) < 2 || tables::is_opaque(&token.whole.text) {
        return;
    }
    found.insert(head.text.clone());
    let long = modifiers.iter().filter(|part| syllables(&part.text) > 1);
    found.extend(long.map(|part| format!("{MODIFIER}{}", part.text)));
    // The last two parts together: 주인공 of 여주인공.
    if let [.., last] = modifiers
        && modifiers.len() > 1
    {
        found.insert(format!("{}{}", last.text, head.text));
    }
}

/// `2편` as such; `2` alone only if it stands alone.
fn number(text: &str, near: &Near, found: &mut BTreeSet<String>) {
    let unit = near.after.filter(|next| {
        let tag = &next.whole.tag[..];
        tag.starts_with("NN") || tag == "NR" || tag == "SL" || tables::is_unit(&next.whole.text)
    });
    let Some(unit) = unit else {
        found.insert(text.to_owned());
        return;
    };
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    found.insert(format!("{COUNTED}{digits}"));
    let unit_text = &unit.whole.text;
    found.insert(format!("{digits}{unit_text}"));
    let suffix = near
        .after_that
        .filter(|next| next.whole.start == unit.whole.end && next.whole.tag == "XSN");
    if let Some(suffix) = suffix {
        let decade = format!("{unit_text}{}", suffix.whole.text);
        found.insert(format!("{digits}{decade}"));
        if digits.len() == 4 && decade == "년대" {
            found.insert(format!("{}{decade}", &digits[2..]));
        }
    }
}

/// Symbols that stand together: `???` as `?`, `??` and `???`.
fn symbols(text: &str, found: &mut BTreeSet<String>) {
    for run in symbol_runs(text) {
        let all: Vec<char> = run.chars().collect();
        for same in all.chunk_by(|a, b| a == b) {
            for length in 1..=same.len().min(SYMBOLS_MAX) {
                let run: String = same[..length].iter().collect();
                found.insert(format!("{SYMBOLS}{run}"));
            }
        }
    }
}

/// Runs of what is neither letter nor space.
pub fn symbol_runs(text: &str) -> impl Iterator<Item = &str> {
    let is_symbol =
        |c: char| !c.is_whitespace() && !c.is_control() && !super::letters::is_letter(c);
    text.split(move |c| !is_symbol(c))
        .filter(|run| !run.is_empty())
}

/// The terms that stand for a question of symbols alone.
pub fn symbol_terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for run in symbol_runs(text) {
        let all: Vec<char> = run.chars().collect();
        for same in all.chunk_by(|a, b| a == b) {
            let run: String = same[..same.len().min(SYMBOLS_MAX)].iter().collect();
            terms.push(format!("{SYMBOLS}{run}"));
        }
    }
    terms
}

fn syllables(text: &str) -> usize {
    text.chars().count()
}

fn is_korean(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '가'..='힣'))
}
