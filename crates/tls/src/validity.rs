//! What is read of a certificate's DER (RFC 5280): how long it is valid, and what it is called.

/// Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub from: i64,
    pub until: i64,
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `None` where it is not built as certificates are.
pub fn of(der: &[u8]) -> Option<Validity> {
    let (_, certificate, _) = element(der, Some(SEQUENCE))?;
    let (_, signed, _) = element(certificate, Some(SEQUENCE))?;
    let (tag, _, rest) = element(signed, None)?;
    // The version may be left out; serial number, algorithm and issuer come before the dates.
    let mut rest = if tag == VERSION { rest } else { signed };
    for _ in 0..3 {
        rest = element(rest, None)?.2;
    }
    let (_, dates, _) = element(rest, Some(SEQUENCE))?;
    let (from_tag, from, dates) = element(dates, None)?;
    let (until_tag, until, _) = element(dates, None)?;
    Some(Validity {
        from: seconds(from_tag, from)?,
        until: seconds(until_tag, until)?,
    })
}

/// The key of whoever signed it, and its number: what it is asked about by (RFC 9773, 4.1).
pub fn identifier(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    const EXTENSIONS: u8 = 0xa3;
    const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 0x23];
    const OCTETS: u8 = 0x04;
    const KEY_IDENTIFIER: u8 = 0x80;
    let (_, certificate, _) = element(der, Some(SEQUENCE))?;
    let (_, signed, _) = element(certificate, Some(SEQUENCE))?;
    let (tag, _, rest) = element(signed, None)?;
    let rest = if tag == VERSION { rest } else { signed };
    let (_, serial, mut rest) = element(rest, None)?;
    let mut extensions = loop {
        let (tag, content, behind) = element(rest, None)?;
        if tag == EXTENSIONS {
            break element(content, Some(SEQUENCE))?.1;
        }
        rest = behind;
    };
    loop {
        let (_, extension, behind) = element(extensions, Some(SEQUENCE))?;
        extensions = behind;
        let (_, kind, mut rest) = element(extension, None)?;
        if kind != AUTHORITY_KEY {
            continue;
        }
        // Whether it is critical may stand before it.
        loop {
            let (tag, content, behind) = element(rest, None)?;
            if tag == OCTETS {
                let (_, parts, _) = element(content, Some(SEQUENCE))?;
                let (tag, key, _) = element(parts, None)?;
                return (tag == KEY_IDENTIFIER).then(|| (key.to_vec(), serial.to_vec()));
            }
            rest = behind;
        }
    }
}

/// Seconds since 1970 of a time as RFC 3339 writes it, in UTC or beside it.
pub fn timestamp(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    let zone = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let beside = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let part = |from: usize| zone.get(from..from + 2)?.parse::<i64>().ok();
            let beside = part(1)? * 3_600 + part(4)? * 60;
            if *sign == b'-' { -beside } else { beside }
        }
        _ => return None,
    };
    Some(days * 86_400 + seconds - beside)
}

/// Tag, content, and what follows.
fn element(bytes: &[u8], expected: Option<u8>) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    if expected.is_some_and(|expected| expected != tag) {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let len = bytes
                .iter()
                .fold(0, |len, byte| len << 8 | usize::from(*byte));
            (len, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ`, or with four digits of the year.
fn seconds(tag: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    if rest.len() != 10 || !rest.is_ascii() {
        return None;
    }
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day) = (part(0)?, part(2)?);
    let days = days_from_civil(year, month, day);
    Some(days * 86_400 + part(4)? * 3_600 + part(6)? * 60 + part(8)?)
}

/// Days since 1970-01-01; years are counted from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2026-11-29`, for people.
pub fn text(seconds: i64) -> String {
    let z = seconds.div_euclid(86_400) + 719_468;
    let (era, day) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{:02}",
        day - (153 * shifted + 2) / 5 + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(seconds(UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(seconds(UTC_TIME, b"261129094523Z"), Some(1_795_945_523));
        assert_eq!(
            seconds(GENERALIZED_TIME, b"20500101000000Z"),
            Some(2_524_608_000)
        );
        for bad in [&b"Z"[..], b"", b"26112909452Z", b"2611290945231Z"] {
            assert_eq!(seconds(UTC_TIME, bad), None);
        }
        assert_eq!(text(1_795_945_523), "2026-11-29");
        assert_eq!(text(0), "1970-01-01");
    }

    #[test]
    fn nonsense_has_no_dates() {
        for len in 0..64 {
            let bytes: Vec<u8> = (0..len).map(|n| (n * 37 % 251) as u8).collect();
            assert_eq!(of(&bytes), None);
        }
        assert_eq!(of(&[SEQUENCE, 0x83, 255, 255, 255, 1]), None);
        for len in 0..64 {
            let bytes: Vec<u8> = (0..len).map(|n| (n * 37 % 251) as u8).collect();
            assert_eq!(identifier(&bytes), None);
        }
    }

    #[test]
    fn a_certificate_is_called_by_its_signer_and_its_number() {
        let name =
            |name: &str| rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let key = || rcgen::KeyPair::generate().expect("a key");
        let mut above = name("above.example");
        above.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        above.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(vec![1, 2, 3, 4]);
        let issuer = rcgen::Issuer::new(above, key());
        let mut params = name("below.example");
        params.serial_number = Some(rcgen::SerialNumber::from(vec![0x0b, 0xad]));
        params.use_authority_key_identifier_extension = true;
        let signed = params.signed_by(&key(), &issuer).expect("signed");
        let found = identifier(signed.der());
        assert_eq!(found, Some((vec![1, 2, 3, 4], vec![0x0b, 0xad])));
        let alone = name("alone.example").self_signed(&key()).expect("signed");
        assert_eq!(identifier(alone.der()), None);
    }

    #[test]
    fn times_of_the_world_are_read() {
        for text in [
            "2026-11-29T09:45:23Z",
            "2026-11-29T09:45:23.123456Z",
            "2026-11-29T18:45:23+09:00",
            "2026-11-29T04:15:23.5-05:30",
        ] {
            assert_eq!(timestamp(text), Some(1_795_945_523), "{text}");
        }
        for bad in [
            "",
            "2026-11-29",
            "2026-11-29T09:45:23",
            "2026-11-29T09:45:23+9",
        ] {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }
}
