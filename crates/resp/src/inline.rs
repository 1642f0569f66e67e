//! Words of an inline request, as people type them: spaces part them, quotes keep them together.

/// The words of a line. `None` if a quote is not closed, or is closed in the middle of a word.
pub fn words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).copied().is_some_and(is_space) {
            at += 1;
        }
        match line.get(at) {
            None | Some(0) => return Some(words),
            Some(_) => words.push(word(line, &mut at)?),
        }
    }
}

fn word(line: &[u8], at: &mut usize) -> Option<Vec<u8>> {
    let mut word = Vec::new();
    loop {
        match line.get(*at).copied() {
            None | Some(0) => return Some(word),
            Some(byte) if is_space(byte) => return Some(word),
            Some(quote @ (b'"' | b'\'')) => {
                *at += 1;
                match quote {
                    b'"' => double_quoted(line, at, &mut word)?,
                    _ => single_quoted(line, at, &mut word)?,
                }
                // A closing quote ends the word.
                match line.get(*at).copied() {
                    None | Some(0) => return Some(word),
                    Some(byte) if is_space(byte) => return Some(word),
                    Some(_) => return None,
                }
            }
            Some(byte) => {
                word.push(byte);
                *at += 1;
            }
        }
    }
}

fn double_quoted(line: &[u8], at: &mut usize, word: &mut Vec<u8>) -> Option<()> {
    loop {
        match line.get(*at..)? {
            [b'\\', b'x', high, low, ..] if hex(*high).is_some() && hex(*low).is_some() => {
                word.push(hex(*high)? << 4 | hex(*low)?);
                *at += 4;
            }
            [b'\\', escaped, ..] => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                *at += 2;
            }
            [b'"', ..] => {
                *at += 1;
                return Some(());
            }
            [] | [0, ..] => return None,
            [byte, ..] => {
                word.push(*byte);
                *at += 1;
            }
        }
    }
}

fn single_quoted(line: &[u8], at: &mut usize, word: &mut Vec<u8>) -> Option<()> {
    loop {
        match line.get(*at..)? {
            [b'\\', b'\'', ..] => {
                word.push(b'\'');
                *at += 2;
            }
            [b'\'', ..] => {
                *at += 1;
                return Some(());
            }
            [] | [0, ..] => return None,
            [byte, ..] => {
                word.push(*byte);
                *at += 1;
            }
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

/// As C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_and_quotes() {
        for (line, expected) in [
            ("", vec![]),
            ("  PING  ", vec!["PING"]),
            ("set k 'a b'", vec!["set", "k", "a b"]),
            (r#"set k "a\x41\n\"b""#, vec!["set", "k", "aA\n\"b"]),
            (r"echo 'it\'s \n'", vec!["echo", r"it's \n"]),
            (r#"echo """#, vec!["echo", ""]),
            (r#"a"b c""#, vec!["ab c"]),
        ] {
            let found: Option<Vec<String>> = words(line.as_bytes()).map(|words| {
                let words = words.into_iter();
                words
                    .map(|word| String::from_utf8(word).expect("ASCII"))
                    .collect()
            });
            assert_eq!(
                found,
                Some(expected.into_iter().map(str::to_owned).collect())
            );
        }
        for line in ["'a", "\"a", "'a'b", "\"a\"b", "\"a\\"] {
            assert_eq!(words(line.as_bytes()), None, "{line}");
        }
    }
}
