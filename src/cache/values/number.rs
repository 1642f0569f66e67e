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

/// A number as clients write it; never "not a number".
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: f64 = match text.to_ascii_lowercase().as_str() {
        "inf" | "+inf" | "infinity" | "+infinity" => f64::INFINITY,
        "-inf" | "-infinity" => f64::NEG_INFINITY,
        other if other.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            other.parse().ok()?
        }
        _ => return None,
    };
    (!number.is_nan()).then_some(number)
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
        ] {
            assert_eq!(parse_float(text.as_bytes()), Some(number), "{text}");
        }
        for text in ["", "nan", "-nan", "a", "1 ", " 1", "1.5x", "infinit"] {
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
