//! Texts in UTF-8, UTF-16 with a mark, or CP949, which old Korean programs write.

/// The text, without a byte order mark.
pub fn decode(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(rest).into_owned();
    }
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, _, has_errors) = encoding_rs::EUC_KR.decode(bytes);
            match has_errors {
                // Neither: what can be read of UTF-8 loses least.
                true => String::from_utf8_lossy(bytes).into_owned(),
                false => text.into_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_known_by_their_bytes() {
        assert_eq!(decode("\u{feff}가".as_bytes()), "가");
        assert_eq!(decode("가나".as_bytes()), "가나");
        assert_eq!(decode(&[0xb0, 0xa1, 0xb3, 0xaa]), "가나");
        assert_eq!(decode(&[0xff, 0xfe, 0x00, 0xac]), "가");
        assert!(decode(&[b'a', 0xff, 0xff, b'b']).contains('b'));
    }
}
