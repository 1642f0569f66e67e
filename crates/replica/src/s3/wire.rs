//! What S3 reads and writes: signatures, encoded names, answers in XML.

use super::Credentials;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// AWS Signature Version 4. `headers` are sorted by name.
pub(super) fn authorization(
    credentials: &Credentials,
    method: &str,
    (path, query): (&str, &str),
    headers: &[(&str, String)],
    (stamp, sum): (&str, &str),
) -> String {
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical = format!("{method}\n{path}\n{query}\n");
    for (name, value) in headers {
        // Writing to memory does not fail.
        let _ = writeln!(canonical, "{name}:{value}");
    }
    let _ = write!(canonical, "\n{names}\n{sum}");
    let day = stamp.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/s3/aws4_request", credentials.region);
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
    let mut key = hmac(
        format!("AWS4{}", credentials.secret).as_bytes(),
        day.as_bytes(),
    );
    for part in [credentials.region.as_str(), "s3", "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    let key_id = &credentials.key_id;
    format!(
        "AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
}

/// HMAC with SHA-256 (RFC 2104).
pub(super) fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key))
    } else {
        block[..key.len()].copy_from_slice(key)
    }
    let with = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(with(0x36)).chain_update(text);
    let outer = Sha256::new()
        .chain_update(with(0x5c))
        .chain_update(inner.finalize());
    outer.finalize().into()
}

/// `20261129T094523Z`.
pub(super) fn stamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let (era, day) = (z / 146_097, z % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    let day = day - (153 * shifted + 2) / 5 + 1;
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(super) fn encoded(text: &str, is_path: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b'/' if is_path => out.push('/'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// The texts of all elements of this name. Answers of S3 have neither attributes nor nesting there.
pub(super) fn elements<'a>(xml: &'a str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(open.as_str()).skip(1);
    let texts = parts.filter_map(|part: &'a str| part.split_once(close.as_str()));
    texts.map(|(text, _)| unescaped(text)).collect()
}

pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).into_iter().next()
}

pub(super) fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_documentation() {
        // RFC 4231, test case 2.
        let sum = hex(&hmac(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(
            sum,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // "GET Object" of AWS's examples for Signature Version 4.
        let env = |name: &str| {
            let value = match name {
                "AWS_ACCESS_KEY_ID" => "AKIAIOSFODNN7EXAMPLE",
                "AWS_SECRET_ACCESS_KEY" => "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let credentials = Credentials::of(&env).expect("all there");
        let empty = hex(&Sha256::digest(b""));
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", empty.clone()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        let signed = authorization(
            &credentials,
            "GET",
            ("/test.txt", ""),
            &headers,
            ("20130524T000000Z", &empty),
        );
        assert!(
            signed.ends_with(
                "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            ),
            "{signed}"
        );
    }

    #[test]
    fn texts_are_written_and_read() {
        assert_eq!(stamp(1_795_945_523), "20261129T094523Z");
        assert_eq!(
            encoded("/b/마루 a+b", true),
            "/b/%EB%A7%88%EB%A3%A8%20a%2Bb"
        );
        assert_eq!(encoded("a/b=", false), "a%2Fb%3D");
        let xml = "<L><Key>a&amp;b</Key><X/><Key>c</Key></L>";
        assert_eq!(elements(xml, "Key"), ["a&b", "c"]);
        assert_eq!(element(xml, "None"), None);
    }
}
