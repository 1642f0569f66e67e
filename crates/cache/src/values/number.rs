//! Numbers as clients write and read them.

/// A decimal integer in its only spelling: no plus, no spaces, no leading zeros, no `-0`.
pub fn parse_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    canonical
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}

/// A number as clients write it, in any spelling that C reads; never "not a number", and nothing
/// that is too large or too small to be told from infinity or 0.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = if let Some((digits, exponent)) = parse_hex(unsigned) {
        digits as f64 * 2f64.powi(exponent)
    } else if ["inf", "infinity"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
    {
        f64::INFINITY
    } else {
        let first = unsigned.bytes().next()?;
        let number: f64 = match first {
            b'0'..=b'9' | b'.' => unsigned.parse().ok()?,
            _ => return None,
        };
        let digits = unsigned.split(['e', 'E']).next().unwrap_or_default();
        let is_zero = !digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        (number.is_finite() && (number != 0.0 || is_zero)).then_some(number)?
    };
    Some(if negative { -number } else { number })
}

/// `0x1.8p3`: digits, and the power of two that they are to be multiplied by. No more digits than
/// fit.
pub(in super::super) fn parse_hex(unsigned: &str) -> Option<(u64, i32)> {
    let digits = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0X"))?;
    let (digits, power) = match digits.split_once(['p', 'P']) {
        Some((digits, power)) => (digits, power.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, fraction].concat();
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_hexdigit()) || power.abs() > 1000 {
        return None;
    }
    let fraction_bits = 4 * i32::try_from(fraction.len()).ok()?;
    let number = u64::from_str_radix(&all, 16).ok()?;
    Some((number, power - fraction_bits))
}

/// A number as clients read it: the shortest text that is this number, integers without a point.
pub fn float_text(number: f64) -> String {
    if number == f64::INFINITY {
        "inf".into()
    } else if number == f64::NEG_INFINITY {
        "-inf".into()
    } else if number != 0.0 && (number.abs() >= 1e17 || number.abs() < 1e-5) {
        let text = format!("{number:e}");
        // Clients know `1e+20`, not `1e20`.
        if text.contains("e-") {
            text
        } else {
            text.replace('e', "e+")
        }
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::{float_text, parse_float, parse_integer};

    #[test]
    fn integers_have_one_spelling() {
        for (text, number) in [
            ("0", 0),
            ("-1", -1),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_integer(text.as_bytes()), Some(number));
        }
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "1 ",
            "01",
            "-0",
            "1.0",
            "9223372036854775808",
            "99999999999999999999",
            "0x1",
        ] {
            assert_eq!(parse_integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn floats_are_read_and_written() {
        for (text, number) in [
            ("1", 1.0),
            ("-1.5", -1.5),
            ("1e3", 1000.0),
            ("inf", f64::INFINITY),
            ("+Inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            (".5", 0.5),
            ("0x10", 16.0),
            ("-0x1.8p1", -3.0),
            ("0e-400", 0.0),
        ] {
            assert_eq!(parse_float(text.as_bytes()), Some(number), "{text}");
        }
        for text in [
            "", "nan", "-nan", "a", "1 ", " 1", "1.5x", "infinit", "0x", "0xg", "1e400", "1e-400",
            "--1",
        ] {
            assert_eq!(parse_float(text.as_bytes()), None, "{text}");
        }
        for (number, text) in [
            (1.0, "1"),
            (-0.5, "-0.5"),
            (3.1, "3.1"),
            (1e20, "1e+20"),
            (f64::INFINITY, "inf"),
            (1e15, "1000000000000000"),
        ] {
            assert_eq!(float_text(number), text);
            assert_eq!(parse_float(text.as_bytes()), Some(number));
        }
    }
}
