//! A text cut into morphemes by the dictionary.

use super::letters::is_pictograph;
use super::{Cut, WordKind, tables};
use crate::normal::Normal;
use lindera::worker::SegmentWorker;
use std::cell::RefCell;

/// Longer text is cut here (in bytes, at a space where there is one), which bounds the time and
/// memory that one piece takes.
const PIECE_BYTES: usize = 1024;

/// Both stand for laughter or tears of any length.
const MOOD_LETTERS: usize = 2;

pub struct Morphemes {
    pub tokens: Vec<Token>,
}

/// What the dictionary sees as one piece.
pub struct Token {
    pub whole: Morpheme,
    /// Of a compound, inflected or contracted word.
    pub parts: Vec<Morpheme>,
    pub run: u32,
    /// Has an entry in the dictionary.
    known: bool,
    /// That entry is one of the server's own words.
    pub own: bool,
}

#[derive(Clone)]
pub struct Morpheme {
    pub text: String,
    pub tag: String,
    /// Bytes of the normalised text.
    pub start: usize,
    pub end: usize,
}

impl Morphemes {
    pub fn of(text: &str, cut: &Cut) -> Morphemes {
        let mut tokens = Vec::new();
        let mut run = 0;
        let mut rest = 0;
        while rest < text.len() {
            let piece = next_piece(&text[rest..]);
            match piece.chars().next() {
                Some(c) if is_jamo(c) => moods(piece, rest, run, &mut tokens),
                Some(c) if c.is_whitespace() => run += 1,
                _ => segment(piece, rest, cut, &mut run, &mut tokens),
            }
            rest += piece.len();
        }
        Morphemes { tokens }
    }
}

/// Letters that stand alone (ㅋㅋㅋ), or space, or anything else up to those.
fn next_piece(text: &str) -> &str {
    let class = |c: char| (is_jamo(c), false);
    let mut chars = text.char_indices().peekable();
    let Some((_, first)) = chars.next() else {
        return text;
    };
    let leading_space = first.is_whitespace();
    let mut cut = None;
    for (at, c) in chars {
        if leading_space && !c.is_whitespace() || class(c) != class(first) {
            return &text[..at];
        }
        if c.is_whitespace() {
            cut = Some(at);
        }
        if at >= PIECE_BYTES && !is_jamo(c) {
            return &text[..cut.filter(|cut| *cut > 0).unwrap_or(at)];
        }
    }
    text
}

fn is_jamo(c: char) -> bool {
    matches!(c, 'ㄱ'..='ㅣ')
}

fn is_laughter(c: char) -> bool {
    matches!(c, 'ㅋ' | 'ㅎ' | 'ㅠ' | 'ㅡ' | 'ㄷ')
}

/// ㅋㅋㅋㅋ as ㅋㅋ, ㅠㅜ as ㅠㅠ; ㄱㅅ and ㅇㅈ as they are.
fn moods(piece: &str, start: usize, run: u32, tokens: &mut Vec<Token>) {
    let letters: Vec<char> = piece
        .chars()
        .map(|c| if c == 'ㅜ' { 'ㅠ' } else { c })
        .collect();
    let mut add = |text: String, from: usize, to: usize| {
        let (start, end) = (start + from * 'ㅋ'.len_utf8(), start + to * 'ㅋ'.len_utf8());
        tokens.push(Token {
            whole: Morpheme {
                text,
                tag: "MOOD".to_owned(),
                start,
                end,
            },
            parts: Vec::new(),
            run,
            known: true,
            own: false,
        });
    };
    let groups: Vec<&[char]> = letters.chunk_by(|a, b| a == b).collect();
    // ㄱㅅ, or first consonants of a word, of which two may be the same: ㄱㄱㅅㅌ.
    let is_word = |group: &&[char]| group.len() == 1 || group.len() == 2 && !is_laughter(group[0]);
    if groups.len() > 1 && groups.iter().all(is_word) {
        return add(letters.iter().take(12).collect(), 0, letters.len());
    }
    let mut at = 0;
    for group in groups {
        let text = std::iter::repeat_n(group[0], MOOD_LETTERS).collect();
        add(text, at, at + group.len());
        at += group.len();
    }
}

/// Two generations of an index are cut in turns.
const WORKERS: usize = 2;

thread_local! {
    /// By what they cut.
    static WORKERS_HERE: RefCell<Vec<(u64, SegmentWorker)>> = const { RefCell::new(Vec::new()) };
}

fn with_worker(cut: &Cut, work: impl FnOnce(&mut SegmentWorker)) {
    WORKERS_HERE.with_borrow_mut(|workers| {
        let at = workers.iter().position(|(hash, _)| *hash == cut.hash);
        let at = at.unwrap_or_else(|| {
            if workers.len() >= WORKERS {
                workers.remove(0);
            }
            workers.push((cut.hash, cut.segmenter.new_worker()));
            workers.len() - 1
        });
        work(&mut workers[at].1);
    });
}

fn segment(piece: &str, start: usize, cut: &Cut, run: &mut u32, tokens: &mut Vec<Token>) {
    with_worker(cut, |worker| {
        // The segmenter has no way to fail on a string; were there one, the letters of the piece
        // can still be found, only not its words.
        let found = worker.segment(piece).unwrap_or_default();
        let mut end = 0;
        for token in found {
            let between = &piece[end..token.byte_start];
            *run += u32::from(between.contains(char::is_whitespace));
            end = token.byte_end;
            let id = token.word_id;
            let at = id.id() as usize;
            let mut details = match token.user_dictionary {
                _ if id.is_unknown() => token.dictionary.unknown_word_details_iter(at),
                Some(own) if !id.is_system() => own.word_details_iter(at),
                _ => token.dictionary.word_details_iter(at),
            };
            let whole = Morpheme {
                text: piece[token.byte_start..end].to_owned(),
                tag: details.next().unwrap_or_default().to_owned(),
                start: start + token.byte_start,
                end: start + end,
            };
            tokens.push(Token {
                parts: whole.parts(details.next().unwrap_or_default()),
                run: *run,
                known: !id.is_unknown() && whole.tag != "UNKNOWN",
                own: !id.is_unknown() && !id.is_system(),
                whole,
            });
        }
        *run += u32::from(piece[end..].contains(char::is_whitespace));
    });
}

impl Token {
    /// A compound is a word beside its parts; an inflected or contracted word is not: 깨달 of 깨닫다.
    pub fn is_word_itself(&self) -> bool {
        let tag = &self.whole.tag;
        !tag.contains('+') && (!tag.starts_with('V') || self.parts.is_empty())
    }

    /// The dictionary is sure that no word begins in this token and ends in `next`, or (when both
    /// are the same) that none lies inside.
    pub fn excludes(&self, next: &Token) -> bool {
        if std::ptr::eq(self, next) {
            return self.is_settled() && self.whole.tag != "NNP";
        }
        (self.is_settled() || self.is_grammar()) && (next.is_settled() || next.is_grammar())
    }

    /// A noun of more than one syllable that the dictionary knows as such.
    pub fn is_settled_noun(&self) -> bool {
        self.is_settled() && self.whole.tag == "NNG"
    }

    /// A word of two letters or more that the dictionary knows, and no name.
    pub fn is_settled_word(&self) -> bool {
        let is_verb = self.known && self.whole.tag.starts_with('V');
        is_verb || (self.is_settled() && self.whole.tag != "NNP")
    }

    /// Says something by itself: neither particle nor ending nor suffix.
    pub fn is_content(&self) -> bool {
        !self.is_grammar() && !self.whole.tag.starts_with('S') && self.whole.tag != "MOOD"
    }

    /// A letter at this place and the next one are the family name and half of the given one:
    /// 이동 of 이동욱.
    pub fn is_family_name_and(&self, next: &Token, at: usize) -> bool {
        let name = &self.whole;
        std::ptr::eq(self, next)
            && at == name.start
            && name.tag == "NNP"
            && name.text.chars().count() == 3
            && tables::is_family_name(&name.text)
    }

    fn is_settled(&self) -> bool {
        self.known && self.whole.text.chars().nth(1).is_some()
    }

    fn is_grammar(&self) -> bool {
        let tag = &self.whole.tag;
        tag.starts_with(['J', 'E']) || tag.starts_with("XS") || tag.starts_with("VCP")
    }

    /// `getUserName` as get, user, name. Empty when there is nothing to split.
    pub fn split_latin(&self, normal: &Normal) -> Vec<Morpheme> {
        let whole = &self.whole;
        if whole.tag != "SL" || !whole.text.is_ascii() {
            return Vec::new();
        }
        let capital = |at: usize| normal.was_capital(whole.start + at);
        let length = whole.text.len();
        // A capital begins a part after a small letter, or as the last of several capitals.
        let begins = |at: &usize| {
            capital(*at) && (!capital(at - 1) || (at + 1 < length && !capital(at + 1)))
        };
        let mut edges = vec![0];
        edges.extend((1..length).filter(begins));
        if edges.len() == 1 {
            return Vec::new();
        }
        edges.push(length);
        let part = |edge: &[usize]| Morpheme {
            text: whole.text[edge[0]..edge[1]].to_owned(),
            tag: "SL".to_owned(),
            start: whole.start + edge[0],
            end: whole.start + edge[1],
        };
        edges.windows(2).map(part).collect()
    }
}

impl Morpheme {
    /// Reads what `build/dictionary` writes: `=3/NNG+1/NNG` or `시/EP+ㄴ다/EC`.
    fn parts(&self, expression: &str) -> Vec<Morpheme> {
        let (literal, parts) = match expression.strip_prefix('=') {
            Some(parts) => (true, parts),
            None => (false, expression),
        };
        let mut parts_found = Vec::new();
        let mut rest = &self.text[..];
        for part in parts.split('+') {
            let Some((text, tag)) = part.rsplit_once('/') else {
                return Vec::new();
            };
            let start = self.end - rest.len();
            let (text, end) = if literal {
                let count: usize = text.parse().unwrap_or(0);
                let bytes = rest
                    .char_indices()
                    .nth(count)
                    .map_or(rest.len(), |(at, _)| at);
                let (text, after) = rest.split_at(bytes);
                rest = after;
                (text, start + bytes)
            } else if let Some(after) = rest.strip_prefix(text) {
                rest = after;
                (text, start + text.len())
            } else {
                // Contracted: the letters that are left stand for this part and the next ones.
                (text, self.end)
            };
            parts_found.push(Morpheme {
                text: text.to_owned(),
                tag: tag.to_owned(),
                start,
                end,
            });
        }
        parts_found
    }

    /// What this is looked up as. `None`: only grammar or punctuation.
    pub fn meaning(&self) -> Option<(String, WordKind)> {
        let lemma = || format!("{}다", self.text);
        let text = || self.text.clone();
        Some(match self.tag.as_str() {
            "NNG" | "NNP" | "NR" | "NP" | "XR" | "SL" | "SH" | "SN" | "UNKNOWN" | "UNA" | "NA" => {
                (text(), WordKind::Noun)
            }
            "VV" | "VA" if matches!(self.text.as_str(), "하" | "되" | "있") => {
                (lemma(), WordKind::Weak)
            }
            "VV" | "VA" => (lemma(), WordKind::Verb),
            "VX" => (format!("{}{}", super::AUXILIARY, lemma()), WordKind::Weak),
            "VCN" => (lemma(), WordKind::Weak),
            "MAG" | "IC" => (text(), WordKind::Adverb),
            "NNB" | "NNBC" | "MM" | "MAJ" => (text(), WordKind::Weak),
            "MOOD" => (text(), WordKind::Mood),
            tag if tag.starts_with('S') => {
                let pictographs: String = self.text.chars().filter(|c| is_pictograph(*c)).collect();
                (!pictographs.is_empty()).then_some((pictographs, WordKind::Mood))?
            }
            _ => return None,
        })
    }
}
