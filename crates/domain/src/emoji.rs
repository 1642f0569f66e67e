//! What is an emoji, and in which form it is kept: by Unicode's tables and the grammar of its
//! emoji standard (UTS #51).

use icu_properties::{
    CodePointSetData,
    props::{
        Emoji, EmojiModifier, EmojiModifierBase, EmojiPresentation, ExtendedPictographic,
        RegionalIndicator,
    },
};

const JOINER: char = '\u{200d}';
/// Asks for the plain form of a character that has two.
const AS_TEXT: char = '\u{fe0e}';
/// Asks for the coloured form.
const AS_EMOJI: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const TAGS: std::ops::RangeInclusive<char> = '\u{e0020}'..='\u{e007e}';
const TAGS_END: char = '\u{e007f}';

/// Characters that are drawn as pictures, alone or as a part of one.
pub fn is_pictographic(c: char) -> bool {
    c > '\u{a8}' && CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

/// The letters that flags are made of, two for each.
pub fn is_flag_letter(c: char) -> bool {
    CodePointSetData::new::<RegionalIndicator>().contains(c)
}

/// A skin tone.
pub fn is_modifier(c: char) -> bool {
    CodePointSetData::new::<EmojiModifier>().contains(c)
}

/// One emoji in its fully qualified form, so that an emoji is one reaction however a keyboard
/// writes it; `None` if the text is anything else.
pub fn canonical(text: &str) -> Option<String> {
    let mut rest = text;
    let mut out = String::with_capacity(text.len() + AS_EMOJI.len_utf8());
    let first = take(&mut rest)?;
    if matches!(first, '0'..='9' | '#' | '*') {
        skip_selector(&mut rest);
        let keycap = take(&mut rest)? == KEYCAP && rest.is_empty();
        out.extend([first, AS_EMOJI, KEYCAP]);
        return keycap.then_some(out);
    }
    if is_flag_letter(first) {
        let second = take(&mut rest)?;
        out.extend([first, second]);
        return (is_flag_letter(second) && rest.is_empty()).then_some(out);
    }
    picture(first, &mut rest, &mut out)?;
    if rest.starts_with(|c| TAGS.contains(&c)) {
        tags(&mut rest, &mut out)?;
    }
    while let Some(c) = take(&mut rest) {
        if c != JOINER {
            return None;
        }
        out.push(c);
        let next = take(&mut rest)?;
        picture(next, &mut rest, &mut out)?;
    }
    Some(out)
}

/// One character with its skin tone, or in its coloured form.
fn picture(c: char, rest: &mut &str, out: &mut String) -> Option<()> {
    if !is_pictographic(c) {
        return None;
    }
    out.push(c);
    skip_selector(rest);
    if rest.starts_with(is_modifier) {
        let base = CodePointSetData::new::<EmojiModifierBase>().contains(c);
        out.push(take(rest).filter(|_| base)?);
        return Some(());
    }
    let two_forms = CodePointSetData::new::<Emoji>().contains(c)
        && !CodePointSetData::new::<EmojiPresentation>().contains(c);
    if two_forms {
        out.push(AS_EMOJI);
    }
    Some(())
}

/// The name of a flag of a part of a country.
fn tags(rest: &mut &str, out: &mut String) -> Option<()> {
    while let Some(c) = take(rest) {
        out.push(c);
        if c == TAGS_END {
            return Some(());
        }
        if !TAGS.contains(&c) {
            return None;
        }
    }
    None
}

fn take(rest: &mut &str) -> Option<char> {
    let mut chars = rest.chars();
    let c = chars.next()?;
    *rest = chars.as_str();
    Some(c)
}

fn skip_selector(rest: &mut &str) {
    if let Some(after) = rest.strip_prefix([AS_TEXT, AS_EMOJI]) {
        *rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_known_by_their_grammar() {
        for good in [
            "👍",
            "👍🏽",
            "⏰",
            "⌚",
            "▶️",
            "☀️",
            "❤️‍🔥",
            "👩‍👩‍👧‍👦",
            "🏳️‍🌈",
            "🏴‍☠️",
            "👁️‍🗨️",
            "🤷🏽‍♀️",
            "🇰🇷",
            "1️⃣",
            "#️⃣",
            "*️⃣",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "©️",
            "™️",
            "〰️",
            "㊗️",
            "🫠",
            "⬛",
            "🀄",
            "🧑🏻‍❤️‍💋‍🧑🏿",
        ] {
            assert_eq!(canonical(good).as_deref(), Some(good), "{good}");
        }
        for bad in [
            "",
            "€",
            "１",
            "，",
            "1",
            "#",
            "a",
            "한",
            "👍👍",
            "👍a",
            "\u{fe0f}",
            "\u{200d}",
            "🇰",
            "🇰🇷🇰🇷",
            "👍\u{200d}",
            "🐶🏽",
            "1\u{20e3}a",
            "ⓐ",
            "±",
            "№",
            "★★",
            "🏴\u{e0067}",
            "🏽",
            "∞\u{200d}",
        ] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_emoji_has_one_form() {
        for (written, kept) in [
            ("👍\u{fe0f}", "👍"),
            ("👍\u{fe0e}", "👍"),
            ("❤", "❤\u{fe0f}"),
            ("❤\u{fe0e}", "❤\u{fe0f}"),
            ("☝\u{fe0f}🏽", "☝🏽"),
            ("1\u{20e3}", "1\u{fe0f}\u{20e3}"),
            ("❤\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
            ("🤷\u{200d}♂", "🤷\u{200d}♂\u{fe0f}"),
            ("🏳\u{200d}🌈", "🏳\u{fe0f}\u{200d}🌈"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(kept), "{written}");
        }
    }
}
