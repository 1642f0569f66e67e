//! Forms of verbs by rule, letter by letter.

use super::Syllable;

/// Other verbs that `쩐다` may be a form of: 쩔다 and 쩌다. None for what does not end so.
pub fn stems_of_plain(word: &str) -> Vec<String> {
    let Some(stem) = word.strip_suffix('다') else {
        return Vec::new();
    };
    let Some((before, last)) = stem
        .char_indices()
        .next_back()
        .map(|(at, c)| (&stem[..at], c))
    else {
        return Vec::new();
    };
    let last = Syllable::of(last).filter(|s| s.last == 4);
    let others = last.map(|s| [Syllable { last: 8, ..s }, Syllable { last: 0, ..s }]);
    let others = others.into_iter().flatten();
    others.map(|s| format!("{before}{}다", s.char())).collect()
}

/// What a stem looks like in a text, by rule: 오글거리 as 오글거려, 오글거렸, 오글거린, 오글거림.
pub fn surfaces_of(stem: &str) -> Vec<String> {
    let Some((at, last)) = stem.char_indices().next_back() else {
        return Vec::new();
    };
    let Some(open) = Syllable::of(last).filter(|s| s.last == 0) else {
        return Vec::new();
    };
    // ㄴ ㄹ ㅁ ㅂ ㅆ under the vowel, and the vowel that it becomes before 어.
    const FINALS_UNDER: [u32; 4] = [4, 8, 16, 17];
    let becomes = match open.vowel {
        20 => Some(6),  // ㅣ: ㅕ
        8 => Some(9),   // ㅗ: ㅘ
        13 => Some(14), // ㅜ: ㅝ
        18 => Some(4),  // ㅡ: ㅓ
        _ => None,
    };
    let vowel = becomes.unwrap_or(open.vowel);
    let under = FINALS_UNDER.map(|last| Syllable { last, ..open });
    let past = [0, 20].map(|last| Syllable {
        vowel,
        last,
        ..open
    });
    let all = under.into_iter().chain(past);
    all.map(|s| format!("{}{}", &stem[..at], s.char()))
        .collect()
}

/// Whether a syllable has a final consonant.
pub fn has_final(c: char) -> bool {
    Syllable::of(c).is_some_and(|s| s.last != 0)
}

/// 짓 for 지; `None` where there is a final consonant already.
pub fn with_final_siot(stem: &str) -> Option<String> {
    let (at, last) = stem.char_indices().next_back()?;
    let open = Syllable::of(last).filter(|s| s.last == 0)?;
    let closed = Syllable { last: 19, ..open };
    Some(format!("{}{}", &stem[..at], closed.char()))
}

/// The stem of a past form by rule: 삐지 for 삐졌. `None` for anything else.
pub fn stem_of_past(form: &str) -> Option<String> {
    let (at, last) = form.char_indices().next_back()?;
    let past = Syllable::of(last).filter(|s| s.last == 20)?;
    let vowel = match past.vowel {
        6 => 20,  // ㅕ: ㅣ
        9 => 8,   // ㅘ: ㅗ
        14 => 13, // ㅝ: ㅜ
        _ => return None,
    };
    let stem = Syllable {
        vowel,
        last: 0,
        ..past
    };
    Some(format!("{}{}", &form[..at], stem.char()))
}

/// Forms of a stem that are no longer the stem with an ending behind it, by rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Forms {
    /// Before 서, 요: 오글거려.
    pub connected: Vec<String>,
    /// 오글거렸.
    pub past: Vec<String>,
    /// 오글거린, 오글거릴.
    pub before_noun: Vec<String>,
    /// 오글거림.
    pub as_noun: Vec<String>,
    /// 오글거립니다.
    pub polite: Vec<String>,
    /// The stem without its last consonant: 쩌 of 쩔다 before 는.
    pub bare: Vec<String>,
}

/// Forms of regular stems, of those in ㄹ, and of 럽, 롭 and 하.
pub fn forms(stem: &str) -> Forms {
    let Some((at, last)) = stem.char_indices().next_back() else {
        return Forms::default();
    };
    let Some(syllable) = Syllable::of(last) else {
        return Forms::default();
    };
    let before = &stem[..at];
    let with = |s: Syllable| format!("{before}{}", s.char());
    let under = |s: Syllable, last: u32| with(Syllable { last, ..s });
    let open = Syllable {
        last: 0,
        ..syllable
    };
    const N: u32 = 4;
    const L: u32 = 8;
    const M: u32 = 16;
    const B: u32 = 17;
    const SS: u32 = 20;
    match syllable.last {
        0 => {
            let vowel = match (last, syllable.vowel) {
                ('하', _) => 1,
                (_, 20) => 6,
                (_, 8) => 9,
                (_, 13) => 14,
                (_, 18) => 4,
                (_, other) => other,
            };
            let connected = Syllable { vowel, ..open };
            Forms {
                connected: (connected != open)
                    .then(|| with(connected))
                    .into_iter()
                    .collect(),
                past: vec![under(connected, SS)],
                before_noun: vec![under(open, N), under(open, L)],
                as_noun: vec![under(open, M)],
                polite: vec![
                    format!("{}니다", under(open, B)),
                    format!("{}니까", under(open, B)),
                ],
                bare: Vec::new(),
            }
        }
        L => Forms {
            before_noun: vec![under(open, N)],
            polite: vec![
                format!("{}니다", under(open, B)),
                format!("{}니까", under(open, B)),
            ],
            bare: vec![with(open)],
            ..Forms::default()
        },
        B if matches!(last, '럽' | '롭') => {
            let before = with(open);
            Forms {
                connected: vec![format!("{before}워")],
                past: vec![format!("{before}웠")],
                before_noun: vec![format!("{before}운"), format!("{before}울")],
                as_noun: vec![format!("{before}움")],
                polite: Vec::new(),
                bare: vec![format!("{before}우")],
            }
        }
        _ => Forms::default(),
    }
}
