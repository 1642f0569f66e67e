//! Glob patterns as Redis reads them: `*`, `?`, `[a-z]`, `[^x]`, `\` to escape.

/// Redis gives up on a pattern whose stars take it deeper, and finds nothing.
const MAX_STARS: usize = 1000;

/// Whether `text` matches `pattern` as a whole, byte by byte.
///
/// Iterative: after a mismatch only the last `*` is widened, so the work is bounded by
/// `pattern.len() * text.len()` whatever the pattern.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    let mut stars = 0;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            if p == pattern.len() {
                return true;
            }
            if pattern[p] != b'*' {
                stars += 1;
                if stars > MAX_STARS {
                    return false;
                }
            }
            star = Some((p, t));
        } else if let Some(next) = one(pattern, p, text[t]) {
            p = next;
            t += 1;
        } else if let Some((after_star, tried)) = star {
            star = Some((after_star, tried + 1));
            p = after_star;
            t = tried + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

/// Matches one byte against the item at `p`; the position after the item if it fits.
fn one(pattern: &[u8], p: usize, byte: u8) -> Option<usize> {
    match *pattern.get(p)? {
        b'?' => Some(p + 1),
        b'[' => class(pattern, p + 1, byte),
        b'\\' if p + 1 < pattern.len() => (pattern[p + 1] == byte).then_some(p + 2),
        literal => (literal == byte).then_some(p + 1),
    }
}

/// `p` is after the `[`. A class that is never closed ends with the pattern.
fn class(pattern: &[u8], mut p: usize, byte: u8) -> Option<usize> {
    let negated = pattern.get(p) == Some(&b'^');
    if negated {
        p += 1;
    }
    let mut found = false;
    loop {
        match pattern.get(p) {
            None => break,
            Some(b']') => {
                p += 1;
                break;
            }
            Some(b'\\') if p + 1 < pattern.len() => {
                found |= pattern[p + 1] == byte;
                p += 2;
            }
            Some(&low) if pattern.get(p + 1) == Some(&b'-') && p + 2 < pattern.len() => {
                let high = pattern[p + 2];
                found |= (low.min(high)..=low.max(high)).contains(&byte);
                p += 3;
            }
            Some(&literal) => {
                found |= literal == byte;
                p += 1;
            }
        }
    }
    (found != negated).then_some(p)
}

/// `text` as a pattern that matches exactly itself.
pub fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, matches};

    #[test]
    fn reads_patterns_as_redis_does() {
        let table: [(&str, &str, bool); 24] = [
            ("", "", true),
            ("*", "", true),
            ("", "a", false),
            ("h?llo", "hello", true),
            ("h?llo", "hllo", false),
            ("h*llo", "heeeello", true),
            ("h*llo", "heeeell", false),
            ("h[ae]llo", "hallo", true),
            ("h[ae]llo", "hillo", false),
            ("h[^e]llo", "hallo", true),
            ("h[^e]llo", "hello", false),
            ("h[a-b]llo", "hbllo", true),
            ("h[b-a]llo", "hallo", true),
            ("h[a-b]llo", "hcllo", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a[\\]]", "a]", true),
            ("a[b", "ab", true),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("a**", "a", true),
            ("**", "anything", true),
            ("*.log", "a.log.log", true),
            ("[^]", "x", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} on {text}"
            );
        }
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = b"a*".repeat(1_000);
        let mut text = b"a".repeat(20_000);
        text.push(b'b');
        let mut hopeless = pattern.clone();
        hopeless.push(b'c');
        let started = std::time::Instant::now();
        assert!(matches(&pattern, &text));
        assert!(!matches(&hopeless, &text));
        assert!(started.elapsed().as_secs() < 5);
        assert!(matches(&b"*?".repeat(1_000), &text));
        assert!(!matches(&b"*?".repeat(1_001), &text));
    }

    #[test]
    fn escaped_text_matches_only_itself() {
        let odd = b"a*b?[c]\\d";
        assert!(matches(&escape(odd), odd));
        assert!(!matches(&escape(odd), b"aXb?[c]\\d"));
    }
}
