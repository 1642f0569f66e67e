//! Where an address begins and ends in a text. The web app has the same rules
//! (`web/src/core/links.ts`), and both are held to the same examples.
//!
//! Punctuation and signs beyond ASCII end an address, brackets are balanced, and Korean right behind
//! Latin letters is the sentence's.

use super::{emoji, ink};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup, Script},
    script::ScriptWithExtensions,
};

/// Longer ones are not links.
const LONGEST: usize = 2_048;
const LONGEST_HOST: usize = 255;
/// Punctuation that addresses are made of.
const OWN: &str = "!#$%&'()*+,./:;=?@[]_{}~-";

/// The web addresses of a text, in their order, each as often as it stands there.
pub fn all(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match end_of_link(&chars, at) {
            Some(end) => {
                found.push(chars[at..end].iter().collect());
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn end_of_link(text: &[char], at: usize) -> Option<usize> {
    let host = at + scheme(&text[at..])?;
    let before = at.checked_sub(1).map(|at| text[at]);
    // An address does not begin within a Latin word, but right behind Korean, or where `_` opens.
    if before.is_some_and(|c| is_latin(c) || "/@.+-".contains(c)) {
        return None;
    }
    if before == Some('_') {
        let opens = text[..at].iter().rev().find(|&&c| c != '_');
        if opens.is_some_and(|&c| is_latin(c)) {
            return None;
        }
    }
    let destination = match &text[..at] {
        [.., ']', '('] => destination_end(text, at, false),
        [.., ']', '(', '<'] => destination_end(text, at, true),
        _ => None,
    };
    let end = destination.unwrap_or_else(|| end_of(text, host, before == Some('\'')));
    (end > host && end - at <= LONGEST).then_some(end)
}

/// How long `http://` or `https://` is.
fn scheme(text: &[char]) -> Option<usize> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let mut rest = text.iter();
        let same = |c: char| rest.next().is_some_and(|r| r.eq_ignore_ascii_case(&c));
        scheme.chars().all(same).then_some(scheme.len())
    })
}

/// Markdown's `[text](address)`: up to the bracket that closes it, or to what cannot be in it.
fn destination_end(text: &[char], from: usize, is_angled: bool) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, &c) in text.iter().enumerate().skip(from).take(LONGEST) {
        match c {
            '>' if is_angled => return Some(at),
            '\n' | '<' => return None,
            _ if is_angled => {}
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            c if c.is_whitespace() => return Some(at),
            _ => {}
        }
    }
    None
}

fn end_of(text: &[char], from: usize, is_quoted: bool) -> usize {
    let host = host_end(text, from);
    let mut end = host;
    if matches!(text.get(host), Some('/' | '?' | '#')) {
        end = path_end(text, host, from, is_quoted);
    }
    // Without what closes the sentence.
    while end > from && ".,;:!?*_~'&([{".contains(text[end - 1]) {
        end -= 1;
    }
    end
}

/// Hosts: Hangul right behind a Latin label is the sentence's, a label of Hangul alone is not.
fn host_end(text: &[char], from: usize) -> usize {
    let most = text.len().min(from + LONGEST_HOST);
    let mut end = from;
    if text.get(from) == Some(&'[')
        && let Some(closed) = text[from..most].iter().position(|&c| c == ']')
    {
        end = from + closed + 1;
    }
    let (mut label, mut user_end) = (end, None);
    while end < most {
        let c = text[end];
        if c.is_ascii_alphanumeric() || c == '-' {
            end += 1;
        } else if ".@:%".contains(c) {
            end += 1;
            label = end;
        } else if "/?#".contains(c) || ends(c) {
            break;
        } else if is_cjk(c) {
            let run = run_end(text, end);
            let last = if end > label {
                label
            } else {
                end.wrapping_sub(2)
            };
            let is_latin = text.get(last).is_some_and(char::is_ascii_alphanumeric);
            let goes_on = matches!(text[run..], ['.', next, ..] if next.is_ascii_alphabetic());
            if end > label && is_latin {
                // Behind a Latin label: part of it only where there is no whole host without it.
                if !goes_on || text[from..end].contains(&'.') {
                    break;
                }
            } else if end > 0 && text[end - 1] == '.' && text[end..run].starts_with(&['한', '국'])
            {
                return end + 2;
            } else if end > from && is_latin && !goes_on {
                // Behind a dot the next sentence begins.
                break;
            }
            end = run;
        } else if c.is_alphanumeric() || is_mark(c) {
            end += 1;
        } else {
            let is_underscore = c == '_' && text.get(end + 1).is_some_and(|&c| is_latin(c));
            let mut is_userinfo = || {
                "_~!$&'*+,;=".contains(c)
                    && end < *user_end.get_or_insert_with(|| userinfo_end(text, end))
            };
            if !is_underscore && !is_userinfo() {
                break;
            }
            end += 1;
        }
    }
    end
}

/// Where the user's name ends that the host's part begins with: at the `@` in the same word.
fn userinfo_end(text: &[char], at: usize) -> usize {
    let mut word = text.iter().enumerate().skip(at).take(LONGEST_HOST);
    match word.find(|&(_, &c)| "@/?#".contains(c) || ends(c)) {
        Some((at, '@')) => at,
        _ => 0,
    }
}

fn path_end(text: &[char], at: usize, from: usize, is_quoted: bool) -> usize {
    let most = text.len().min(from + LONGEST);
    let mut open: Vec<(char, usize)> = Vec::new();
    let (mut segment, mut is_value, mut end) = (at, false, at);
    while end < most {
        let (c, before) = (text[end], text[end - 1]);
        let next = text.get(end + 1).copied();
        // A sign alone may be a value, as in `?utf8=✓&q=a`.
        let is_tick = is_value && before == '=' && is_sign(c);
        if ends(c) && !is_tick {
            break;
        }
        // A quotation mark that closes, not one within a word.
        if c == '\'' && (is_quoted || next.is_some_and(is_cjk)) {
            break;
        }
        // Two addresses in a row.
        if ",;".contains(c) && begins(&text[end + 1..]) {
            break;
        }
        if is_cjk(c) {
            let run = run_end(text, end);
            if !owns_run(text, segment, end, run) {
                break;
            }
            end = run;
            continue;
        }
        match c {
            '(' | '[' | '{' => open.push((c, end)),
            ')' | ']' | '}' => {
                let opener = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.last().map(|&(mark, _)| mark) != Some(opener) {
                    break;
                }
                open.pop();
                // Behind brackets that are closed a word is the sentence's.
                if next.is_some_and(is_cjk) {
                    return end + 1;
                }
            }
            '?' | '#' => is_value = false,
            _ => {}
        }
        if "/?&#".contains(c) || (c == '=' && !is_value) {
            segment = end + 1;
        }
        // The second one of a parameter fills up its value.
        if "&=".contains(c) {
            is_value = c == '=';
        }
        end += 1;
    }
    open.first().map_or(end, |&(_, at)| at.min(end))
}

fn begins(text: &[char]) -> bool {
    let www = ['w', 'w', 'w', '.'];
    scheme(text).is_some()
        || (text.len() > 4
            && text[..4]
                .iter()
                .zip(www)
                .all(|(a, b)| a.eq_ignore_ascii_case(&b)))
}

/// Whether a run of Korean belongs to the address. `segment` is where the part of the path begins
/// that it stands in.
fn owns_run(text: &[char], segment: usize, at: usize, run: usize) -> bool {
    let before = text[at - 1];
    let next = text.get(run).copied().unwrap_or(' ');
    // `…/a?그리고`: a question, unless a value follows.
    if at == segment {
        return before != '?' || next == '=';
    }
    let is_native = is_cjk(text[segment]);
    if before.is_ascii_alphanumeric() {
        // Only an end is the sentence's, as in `보고서v2최종.pdf`.
        let then = text.get(run + 1).copied().unwrap_or(' ');
        if is_native {
            return "./_-".contains(next) && then.is_alphanumeric();
        }
        let goes_on = match next {
            '.' => then.is_ascii_alphanumeric(),
            '/' | '_' | '-' => then.is_alphanumeric(),
            _ => false,
        };
        return goes_on && !is_particle(&text[at..run]);
    }
    let two_before = text[at - 2];
    match before {
        '.' | ':' => is_native,
        // Marks that close what is bold or struck out, signs that close a sentence, and ends of a
        // code.
        '*' | '~' | ',' | ';' | '!' | '%' | '=' => false,
        '_' | '+' => two_before != before,
        '(' => is_native || !two_before.is_ascii_alphanumeric(),
        _ => true,
    }
}

/// Endings that follow a word without a space; other Korean behind Latin letters is of the address
/// where that goes on, as in `2024년/보고서`.
fn is_particle(run: &[char]) -> bool {
    const PARTICLES: &str = "은 는 이 가 을 를 의 에 와 과 도 만 로 랑 으로 에서 에는 에게 에도 에만 까지 부터 \
        마다 처럼 보다 하고 이랑 이나 이며 이고 이란 라는 이라는 라고 이라고 입니다 이에요 예요 이다 \
        에서는 으로는 로는 에서도 이야 인데 입니다만 이네요 네요 봐 보기 참고 참조 확인 및 또는 그리고";
    PARTICLES
        .split_whitespace()
        .any(|one| one.chars().eq(run.iter().copied()))
}

fn run_end(text: &[char], at: usize) -> usize {
    let mut is_drawn = false;
    for (end, &c) in text.iter().enumerate().skip(at) {
        // Pictures are joined and coloured by characters that are not seen.
        let joins = is_drawn && matches!(c, '\u{200d}' | '\u{fe0f}');
        if !joins && (ends(c) || !(is_cjk(c) || is_mark(c))) {
            return end;
        }
        is_drawn = joins || is_drawn_as_picture(c);
    }
    text.len()
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Letters of scripts that put no space between an address and the word that follows it, and
/// pictures.
fn is_cjk(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let scripts = ScriptWithExtensions::new();
    is_drawn_as_picture(c)
        || [
            Script::Hangul,
            Script::Han,
            Script::Hiragana,
            Script::Katakana,
        ]
        .into_iter()
        .any(|script| scripts.has_script(c, script))
}

fn is_drawn_as_picture(c: char) -> bool {
    emoji::is_pictographic(c) || emoji::is_flag_letter(c) || emoji::is_modifier(c)
}

/// Ends an address wherever it stands.
fn ends(c: char) -> bool {
    if c.is_ascii_alphanumeric() || OWN.contains(c) {
        return false;
    }
    is_in(c, GeneralCategoryGroup::Punctuation)
        || ((ink::is_blank(c) || is_in(c, GeneralCategoryGroup::Symbol)) && !is_drawn_as_picture(c))
}

fn is_sign(c: char) -> bool {
    let is_one = || {
        is_in(c, GeneralCategoryGroup::MathSymbol) || is_in(c, GeneralCategoryGroup::OtherSymbol)
    };
    !c.is_ascii() && is_one()
}

fn is_mark(c: char) -> bool {
    is_in(c, GeneralCategoryGroup::Mark)
}

fn is_in(c: char, group: GeneralCategoryGroup) -> bool {
    group.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_as_people_write_them() {
        for (text, links) in [
            ("보세요(https://a.example/b).", vec!["https://a.example/b"]),
            (
                "[글](https://a.example/x_(y))",
                vec!["https://a.example/x_(y)"],
            ),
            (
                "[글](https://a.example/x를)를",
                vec!["https://a.example/x를"],
            ),
            ("[글](<https://a.example/x>)", vec!["https://a.example/x"]),
            (
                "[글](https://a.example/x \"제목\")",
                vec!["https://a.example/x"],
            ),
            (
                "a http://b.example, http://b.example",
                vec!["http://b.example"; 2],
            ),
            ("xhttps://a.example https:// http", vec![]),
        ] {
            assert_eq!(all(text), links, "{text}");
        }
    }

    #[test]
    fn the_web_app_and_the_server_agree() {
        let cases = include_str!("../../../web/src/core/links.cases.json");
        let cases: Vec<(String, Vec<String>)> = serde_json::from_str(cases).expect("cases");
        // Those of mail and without a scheme are the app's alone, Markdown is above.
        let is_web = |text: &String| text.to_ascii_lowercase().starts_with("http");
        for (text, links) in cases.iter().filter(|(text, _)| !text.contains("](")) {
            let links: Vec<_> = links.iter().filter(|&link| is_web(link)).collect();
            assert_eq!(all(text).iter().collect::<Vec<_>>(), links, "{text}");
        }
    }
}
