//! Small tables beside the dictionary.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const VERBS_WITH_NOUNS: &str = include_str!("../../assets/verbs-with-nouns.txt");
const VARIANTS: &str = include_str!("../../assets/variants.txt");
const SYNONYMS: &str = include_str!("../../assets/synonyms.txt");
const OPAQUE: &str = include_str!("../../assets/opaque.txt");

/// All tables, for whoever asks whether they are the same as before.
pub fn all() -> [&'static str; 4] {
    [VERBS_WITH_NOUNS, VARIANTS, SYNONYMS, OPAQUE]
}

/// Lines of a table without its comments.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    let lines = table.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The noun that is said in a verb, by the verb's stem: 꿈 in 꿈꾸다.
pub fn noun_in_verb(stem: &str) -> Option<&'static str> {
    static TABLE: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        lines(VERBS_WITH_NOUNS)
            .filter_map(|l| l.split_once(' '))
            .collect()
    });
    TABLE.get(stem).copied()
}

/// The other verb that a form of a ㄷ-irregular one may be of: 걸었다 of 걷다 and 걸다.
pub fn other_stem(surface: &str, stem: &str) -> Option<&'static str> {
    match (surface.chars().next()?, stem) {
        ('걸', "걷") => Some("걸"),
        ('물', "묻") => Some("물"),
        ('들', "듣") => Some("들"),
        _ => None,
    }
}

/// What is heard or asked for, where its particle is left out.
pub fn is_heard_or_asked(noun: &str) -> bool {
    matches!(
        noun,
        "음악"
            | "노래"
            | "소리"
            | "말"
            | "얘기"
            | "이야기"
            | "소식"
            | "수업"
            | "강의"
            | "설명"
            | "목소리"
            | "전화"
            | "승부"
            | "목숨"
            | "기대"
            | "딴지"
            | "시비"
    )
}

/// Compounds that mean something else than their parts.
pub fn is_opaque(word: &str) -> bool {
    static TABLE: LazyLock<HashSet<&str>> =
        LazyLock::new(|| lines(OPAQUE).flat_map(str::split_whitespace).collect());
    TABLE.contains(word)
}

/// Whether a name of three syllables begins with a family name.
pub fn is_family_name(name: &str) -> bool {
    const NAMES: &str = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국여어은편용";
    name.chars().next().is_some_and(|c| NAMES.contains(c))
}

/// Korean numbers before a unit: 두 of 두 편.
pub fn native_number(word: &str) -> Option<u32> {
    Some(match word {
        "한" | "하나" => 1,
        "두" | "둘" => 2,
        "세" | "셋" => 3,
        "네" | "넷" => 4,
        "다섯" => 5,
        "여섯" => 6,
        "일곱" => 7,
        "여덟" => 8,
        "아홉" => 9,
        "열" => 10,
        _ => return None,
    })
}

/// Units that follow those.
pub fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "시" | "시간"
            | "번"
            | "개"
            | "명"
            | "마리"
            | "살"
            | "편"
            | "장"
            | "권"
            | "대"
            | "잔"
            | "병"
            | "달"
            | "가지"
            | "사람"
            | "곳"
            | "줄"
            | "분"
            | "점"
            | "회"
            | "월"
            | "일"
            | "년"
            | "주"
            | "층"
            | "호"
            | "원"
            | "만원"
            | "개월"
    )
}

/// By word: all words of its line, itself included.
type Groups = HashMap<&'static str, Vec<&'static str>>;

fn groups(table: &'static str) -> Groups {
    let mut groups = Groups::new();
    for line in lines(table) {
        let forms: Vec<&str> = line.split(',').map(str::trim).collect();
        for form in &forms {
            groups.entry(*form).or_default().extend(&forms);
        }
    }
    groups
}

/// Other spellings of a word.
pub fn variants(word: &str) -> &'static [&'static str] {
    static TABLE: LazyLock<Groups> = LazyLock::new(|| groups(VARIANTS));
    TABLE.get(word).map_or(&[], |forms| &forms[..])
}

/// Other words for nearly the same.
pub fn synonyms(word: &str) -> &'static [&'static str] {
    static TABLE: LazyLock<Groups> = LazyLock::new(|| groups(SYNONYMS));
    TABLE.get(word).map_or(&[], |forms| &forms[..])
}

/// Suffixes with which a noun is still the same noun: 집들, 손님.
pub fn leaves_noun(suffix: &str) -> bool {
    matches!(
        suffix,
        "님" | "들" | "씨" | "네" | "째" | "쯤" | "씩" | "끼리" | "짜리"
    )
}

/// Verbs that behind another one only help it: 보다 of 빌려 보다.
pub fn may_help(verb: &str) -> bool {
    matches!(
        verb,
        "보다" | "주다" | "버리다" | "오다" | "가다" | "놓다" | "두다" | "내다"
    )
}

/// Adverbs of degree, which make a message better but need not be there.
pub fn is_degree(word: &str) -> bool {
    matches!(
        word,
        "너무"
            | "넘"
            | "정말"
            | "진짜"
            | "아주"
            | "매우"
            | "무척"
            | "굉장히"
            | "완전"
            | "참"
            | "꽤"
            | "좀"
            | "조금"
            | "많이"
            | "더"
            | "가장"
            | "제일"
            | "훨씬"
            | "상당히"
            | "엄청"
            | "되게"
            | "별로"
            | "그냥"
            | "안"
            | "못"
            | "잘"
            | "다"
            | "또"
            | "거의"
            | "약간"
            | "살짝"
            | "역시"
            | "이미"
            | "벌써"
            | "아직"
    )
}
