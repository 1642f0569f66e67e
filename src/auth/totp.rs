//! Codes that an app makes every 30 seconds (RFC 6238), and codes for whoever lost it.

use super::random::{self, NoRandomness};
use totp_rs::{Builder, Totp};

/// What apps expect.
const SECRET_BYTES: usize = 20;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// Without letters and digits that look alike; a power of two, so that each is as likely.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const HALF: usize = 5;

/// A secret for an app.
pub fn new_secret() -> Result<Vec<u8>, NoRandomness> {
    Ok(random::bytes::<SECRET_BYTES>()?.to_vec())
}

/// What an app is set up with: the secret for typing, and an `otpauth:` URL for a QR code.
pub fn setup(secret: &[u8], site: &str, account: &str) -> Option<(String, String)> {
    // A colon parts the two in the URL.
    let plain = |name: &str| name.replace(':', " ");
    let totp = builder(secret)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(site)))
        .build()
        .ok()?;
    Some((totp.secret().to_base32(), totp.to_url().ok()?))
}

/// The period of 30 seconds since 1970 whose code this is, if it is one of now: the app's clock may
/// be one period off.
pub fn period_of(secret: &[u8], code: &str, now_s: u64) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let is_one = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
    app(secret)?.check(&code, now_s).filter(|_| is_one)
}

fn app(secret: &[u8]) -> Option<Totp> {
    builder(secret).with_account_name("account").build().ok()
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(secret.to_vec()).with_skew(1)
}

/// Recovery codes, as they are shown once.
pub fn new_recovery_codes() -> Result<Vec<String>, NoRandomness> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let mut code: String = random::bytes::<{ 2 * HALF }>()?
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
                .collect();
            code.insert(HALF, '-');
            Ok(code)
        })
        .collect()
}

/// Under which one is kept, however it is typed.
pub fn recovery_digest(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    random::digest_text(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits.
        let secret = b"12345678901234567890";
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(period_of(secret, code, now), Some(now / 30));
            assert_eq!(period_of(secret, code, now + 30), Some(now / 30));
            assert_eq!(period_of(secret, code, now + 90), None);
        }
        assert_eq!(period_of(secret, "287 082", 59), Some(1));
        for odd in ["", "28708", "2870820", "28708x", "-87082", "٢٨٧٠٨٢"] {
            assert_eq!(period_of(secret, odd, 59), None, "{odd}");
        }
        assert_eq!(period_of(b"short", "287082", 59), None);
    }

    #[test]
    fn an_app_is_set_up_with_the_names_of_site_and_account() {
        let secret = new_secret().expect("random");
        let (typed, url) = setup(&secret, "마루: chat", "김서방").expect("set up");
        assert_eq!(typed.len(), 32);
        assert!(url.starts_with("otpauth://totp/"), "{url}");
        assert!(url.contains(&typed) && url.contains("issuer="), "{url}");
    }

    #[test]
    fn recovery_codes_are_different_and_typed_as_one_likes() {
        let codes = new_recovery_codes().expect("random");
        let digests: std::collections::BTreeSet<_> =
            codes.iter().map(|code| recovery_digest(code)).collect();
        assert_eq!(digests.len(), RECOVERY_CODES);
        let code = &codes[0];
        assert_eq!(code.len(), 11);
        let typed = format!(" {} ", code.to_uppercase().replace('-', " "));
        assert_eq!(recovery_digest(&typed), recovery_digest(code));
    }
}
