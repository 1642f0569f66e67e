//! `cjson.decode`.

use super::library::Refusal;
use mlua::{Lua, Value};

/// Reads one value; `invalid_numbers` allows what JSON has no numbers for.
pub fn read(
    lua: &Lua,
    text: &[u8],
    max_depth: usize,
    invalid_numbers: bool,
) -> Result<Value, Refusal> {
    if let [one, two, ..] = text
        && (*one == 0 || *two == 0)
    {
        return Err(Refusal::new(
            "JSON parser does not support UTF-16 or UTF-32",
        ));
    }
    let mut reader = Reader {
        lua,
        text,
        at: 0,
        depth: 0,
        max_depth,
        invalid_numbers,
    };
    let first = reader.next();
    let value = reader.value(first)?;
    match reader.next() {
        (_, Token::End) => Ok(value),
        other => Err(unexpected("the end", &other)),
    }
}

enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    Comma,
    Colon,
    Text(Vec<u8>),
    Number(f64),
    Boolean(bool),
    Null,
    End,
    Wrong(&'static str),
}

struct Reader<'t> {
    lua: &'t Lua,
    text: &'t [u8],
    at: usize,
    depth: usize,
    max_depth: usize,
    invalid_numbers: bool,
}

/// Where a token begins, and the token.
type Found = (usize, Token);

fn unexpected(wanted: &str, (at, found): &Found) -> Refusal {
    let found = match found {
        Token::ObjectBegin => "T_OBJ_BEGIN",
        Token::ObjectEnd => "T_OBJ_END",
        Token::ArrayBegin => "T_ARR_BEGIN",
        Token::ArrayEnd => "T_ARR_END",
        Token::Comma => "T_COMMA",
        Token::Colon => "T_COLON",
        Token::Text(_) => "T_STRING",
        Token::Number(_) => "T_NUMBER",
        Token::Boolean(_) => "T_BOOLEAN",
        Token::Null => "T_NULL",
        Token::End => "T_END",
        Token::Wrong(reason) => reason,
    };
    Refusal::new(format!(
        "Expected {wanted} but found {found} at character {}",
        at + 1
    ))
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn next(&mut self) -> Found {
        while matches!(self.peek(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        let begin = self.at;
        let single = match self.peek(0) {
            b'{' => Token::ObjectBegin,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayBegin,
            b']' => Token::ArrayEnd,
            b',' => Token::Comma,
            b':' => Token::Colon,
            0 => return (begin, Token::End),
            b'"' => return self.string(),
            b'-' | b'0'..=b'9' => return (begin, self.number()),
            _ => return (begin, self.word()),
        };
        self.at += 1;
        (begin, single)
    }

    fn word(&mut self) -> Token {
        let rest = &self.text[self.at..];
        for (word, token) in [
            ("true", Token::Boolean(true)),
            ("false", Token::Boolean(false)),
            ("null", Token::Null),
        ] {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return token;
            }
        }
        let may_be_number =
            self.invalid_numbers && (rest.first() == Some(&b'+') || named_number(rest).is_some());
        if may_be_number {
            return self.number();
        }
        Token::Wrong("invalid token")
    }

    fn number(&mut self) -> Token {
        let rest = &self.text[self.at..];
        if !self.invalid_numbers && is_invalid(rest) {
            return Token::Wrong("invalid number");
        }
        match c_number(rest) {
            Some((number, length)) => {
                self.at += length;
                Token::Number(number)
            }
            None => Token::Wrong("invalid number"),
        }
    }

    fn string(&mut self) -> Found {
        let begin = self.at;
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.peek(0) {
                b'"' => break,
                0 => return (self.at, Token::Wrong("unexpected end of string")),
                b'\\' => {
                    let escaped = match self.peek(1) {
                        b'b' => 8,
                        b't' => b'\t',
                        b'n' => b'\n',
                        b'f' => 12,
                        b'r' => b'\r',
                        same @ (b'"' | b'\\' | b'/') => same,
                        b'u' => {
                            let Some((character, length)) = self.unicode() else {
                                return (self.at, Token::Wrong("invalid unicode escape code"));
                            };
                            let mut utf8 = [0; 4];
                            text.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
                            self.at += length;
                            continue;
                        }
                        _ => return (self.at, Token::Wrong("invalid escape code")),
                    };
                    text.push(escaped);
                    self.at += 2;
                }
                byte => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        (begin, Token::Text(text))
    }

    /// A character that is written as one or two units of UTF-16, and the bytes that it takes.
    fn unicode(&self) -> Option<(char, usize)> {
        let unit = |from: usize| {
            let digits = self.text.get(self.at + from..self.at + from + 4)?;
            let digits = std::str::from_utf8(digits).ok()?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
        };
        let first = unit(2)?;
        if !(0xd800..0xe000).contains(&first) {
            return Some((char::from_u32(first)?, 6));
        }
        let second = (self.peek(6) == b'\\' && self.peek(7) == b'u').then(|| unit(8))??;
        if first >= 0xdc00 || !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        let code = ((first & 0x3ff) << 10 | (second & 0x3ff)) + 0x1_0000;
        Some((char::from_u32(code)?, 12))
    }

    fn descend(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(Refusal::new(format!(
                "Found too many nested data structures ({}) at character {}",
                self.depth, self.at
            )));
        }
        Ok(())
    }

    fn value(&mut self, found: Found) -> Result<Value, Refusal> {
        Ok(match found.1 {
            Token::Text(text) => Value::String(self.lua.create_string(text)?),
            Token::Number(number) => Value::Number(number),
            Token::Boolean(is_true) => Value::Boolean(is_true),
            Token::Null => Value::NULL,
            Token::ObjectBegin => self.object()?,
            Token::ArrayBegin => self.array()?,
            _ => return Err(unexpected("value", &found)),
        })
    }

    fn object(&mut self) -> Result<Value, Refusal> {
        self.descend()?;
        let table = self.lua.create_table()?;
        let mut found = self.next();
        while !matches!(found.1, Token::ObjectEnd) {
            let Token::Text(key) = found.1 else {
                return Err(unexpected("object key string", &found));
            };
            let colon = self.next();
            if !matches!(colon.1, Token::Colon) {
                return Err(unexpected("colon", &colon));
            }
            let value = self.next();
            let value = self.value(value)?;
            table.raw_set(self.lua.create_string(key)?, value)?;
            match self.next() {
                (_, Token::ObjectEnd) => break,
                (_, Token::Comma) => found = self.next(),
                other => return Err(unexpected("comma or object end", &other)),
            }
            if matches!(found.1, Token::ObjectEnd) {
                return Err(unexpected("object key string", &found));
            }
        }
        self.depth -= 1;
        Ok(Value::Table(table))
    }

    fn array(&mut self) -> Result<Value, Refusal> {
        self.descend()?;
        let table = self.lua.create_table()?;
        let mut found = self.next();
        if !matches!(found.1, Token::ArrayEnd) {
            for at in 1i64.. {
                let value = self.value(found)?;
                table.raw_set(at, value)?;
                match self.next() {
                    (_, Token::ArrayEnd) => break,
                    (_, Token::Comma) => found = self.next(),
                    other => return Err(unexpected("comma or array end", &other)),
                }
            }
        }
        self.depth -= 1;
        Ok(Value::Table(table))
    }
}

/// What C reads as a number and JSON does not have.
fn is_invalid(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    match text {
        [b'+', ..] => true,
        [b'0', b'x' | b'X' | b'0'..=b'9', ..] => true,
        text => named_number(text).is_some(),
    }
}

/// `inf`, `infinity` or `nan`, and its length.
fn named_number(text: &[u8]) -> Option<(f64, usize)> {
    [
        ("infinity", f64::INFINITY),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ]
    .into_iter()
    .find(|(name, _)| {
        let head = text.get(..name.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
    })
    .map(|(name, number)| (number, name.len()))
}

/// The number at the front, as C's `strtod` reads it, and its length.
fn c_number(text: &[u8]) -> Option<(f64, usize)> {
    let signs = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let sign = if text.first() == Some(&b'-') {
        -1.0
    } else {
        1.0
    };
    let body = &text[signs..];
    if let Some((number, length)) = named_number(body) {
        return Some((sign * number, signs + length));
    }
    if let [b'0', b'x' | b'X', digits @ ..] = body {
        let length = digits.iter().take_while(|digit| digit.is_ascii_hexdigit());
        let length = length.count();
        if length > 0 {
            let number = digits[..length].iter().fold(0.0, |number, digit| {
                number * 16.0 + f64::from(char::from(*digit).to_digit(16).unwrap_or(0))
            });
            return Some((sign * number, signs + 2 + length));
        }
    }
    let digits = |from: usize| {
        let rest = body.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let whole = digits(0);
    let mut length = whole;
    let mut fraction = 0;
    if body.get(length) == Some(&b'.') {
        fraction = digits(length + 1);
        length += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(body.get(length), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(body.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + signed);
        if exponent > 0 {
            length += 1 + signed + exponent;
        }
    }
    let number = std::str::from_utf8(&body[..length]).ok()?;
    Some((sign * number.parse::<f64>().ok()?, signs + length))
}
