//! Every token that we did not sign, or not like this, is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm as Jwt, EncodingKey, Header};
use maru::auth::keys::Algorithm;
use maru::auth::tokens::{Grant, TokenError, Tokens, Verified};
use maru::cache::{Clock, ManualClock};
use maru::domain::{SessionId, UserId};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const NOW_MS: u64 = 1_800_000_000_000;
const DAY_MS: u64 = 86_400_000;

fn open(dir: &Path, algorithm: Algorithm) -> (Tokens, Arc<ManualClock>) {
    let (clock, hand) = Clock::manual(NOW_MS);
    (
        Tokens::open(&dir.join("keys"), algorithm, clock).expect("keys"),
        hand,
    )
}

fn grant() -> Grant {
    Grant {
        user_id: UserId(4097),
        session_id: SessionId(8192),
        jti: "a-name-nobody-guesses".into(),
        issued_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 30 * DAY_MS,
    }
}

fn b64(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signs what it is told with the secret in the directory.
fn sign(dir: &TempDir, header: Value, claims: &Value) -> String {
    let (_, secret) = only_secret(dir);
    let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let key = EncodingKey::from_secret(&secret);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, Jwt::HS256).expect("signature");
    format!("{message}.{signature}")
}

fn only_secret(dir: &TempDir) -> (String, Vec<u8>) {
    let entry = std::fs::read_dir(dir.path().join("keys"))
        .expect("keys")
        .next()
        .expect("a key")
        .expect("an entry");
    let name = entry.file_name().into_string().expect("a name");
    let kid = name
        .strip_prefix("hs256-")
        .and_then(|n| n.strip_suffix(".key"))
        .expect("a kid");
    let text = std::fs::read_to_string(entry.path()).expect("a key");
    (
        kid.to_owned(),
        // The second line is the file's checksum.
        URL_SAFE_NO_PAD
            .decode(text.lines().next().unwrap_or_default())
            .expect("a secret"),
    )
}

fn good_claims() -> Value {
    json!({
        "iss": "maru", "aud": "maru", "sub": "4097", "sid": "8192", "jti": "j",
        "iat": NOW_MS / 1000, "exp": NOW_MS / 1000 + 60,
    })
}

#[test]
fn what_was_signed_is_verified_with_both_algorithms() {
    for algorithm in [Algorithm::HS256, Algorithm::EdDSA] {
        let dir = tempfile::tempdir().expect("a directory");
        let (tokens, _) = open(dir.path(), algorithm);
        let token = tokens.issue(&grant()).expect("token");
        let expected = Verified {
            user_id: UserId(4097),
            session_id: SessionId(8192),
            jti: "a-name-nobody-guesses".into(),
            expires_at_ms: NOW_MS + 30 * DAY_MS,
        };
        assert_eq!(tokens.verify(&token), Ok(expected.clone()));
        let (again, _) = open(dir.path(), algorithm);
        assert_eq!(again.verify(&token), Ok(expected), "after a restart");
        let header = jsonwebtoken::decode_header(&token).expect("header");
        assert_eq!(
            header.alg,
            if algorithm == Algorithm::HS256 {
                Jwt::HS256
            } else {
                Jwt::EdDSA
            }
        );
    }
}

#[test]
fn a_flipped_bit_anywhere_is_seen() {
    let dir = tempfile::tempdir().expect("a directory");
    let (tokens, _) = open(dir.path(), Algorithm::HS256);
    let token = tokens.issue(&grant()).expect("token");
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).expect("ascii");
        assert!(tokens.verify(&altered).is_err(), "byte {at}");
    }
}

#[test]
fn forged_headers() {
    let dir = tempfile::tempdir().expect("a directory");
    let (tokens, _) = open(dir.path(), Algorithm::HS256);
    let (kid, _) = only_secret(&dir);
    let claims = good_claims();
    let good = sign(
        &dir,
        json!({"alg": "HS256", "typ": "JWT", "kid": kid}),
        &claims,
    );
    assert!(
        tokens.verify(&good).is_ok(),
        "the table below differs from this in one thing each"
    );

    let unsigned = |alg: &str| {
        let header = json!({"alg": alg, "kid": kid});
        format!("{}.{}.", b64(header.to_string()), b64(claims.to_string()))
    };
    let table = [
        (unsigned("none"), TokenError::WrongAlgorithm),
        (unsigned("None"), TokenError::WrongAlgorithm),
        (unsigned("HS256"), TokenError::Forged),
        (
            sign(&dir, json!({"alg": "none", "kid": kid}), &claims),
            TokenError::WrongAlgorithm,
        ),
        (
            sign(&dir, json!({"alg": "HS512", "kid": kid}), &claims),
            TokenError::WrongAlgorithm,
        ),
        (
            sign(&dir, json!({"alg": "EdDSA", "kid": kid}), &claims),
            TokenError::WrongAlgorithm,
        ),
        (
            sign(&dir, json!({"alg": "hs256", "kid": kid}), &claims),
            TokenError::WrongAlgorithm,
        ),
        (
            sign(&dir, json!({"alg": "HS256"}), &claims),
            TokenError::UnknownKey,
        ),
        (
            sign(&dir, json!({"alg": "HS256", "kid": "other"}), &claims),
            TokenError::UnknownKey,
        ),
        (
            sign(&dir, json!({"alg": "HS256", "kid": "../keys/x"}), &claims),
            TokenError::UnknownKey,
        ),
        (
            sign(&dir, json!({"alg": "HS256", "kid": 7}), &claims),
            TokenError::Malformed,
        ),
        (
            sign(&dir, json!({"kid": kid}), &claims),
            TokenError::Malformed,
        ),
        (
            sign(
                &dir,
                json!({"alg": "HS256", "kid": kid, "crit": ["b64"]}),
                &claims,
            ),
            TokenError::Malformed,
        ),
        (String::new(), TokenError::Malformed),
        ("a.b".into(), TokenError::Malformed),
        ("..".into(), TokenError::Malformed),
        (format!("{good}.x"), TokenError::Malformed),
        (good.replacen('.', "..", 1), TokenError::Malformed),
        (format!("{good}="), TokenError::Malformed),
        ("x".repeat(5000), TokenError::Malformed),
        (
            format!("{}.{}", good, "x".repeat(5000)),
            TokenError::Malformed,
        ),
    ];
    for (token, expected) in table {
        assert_eq!(tokens.verify(&token), Err(expected), "{token}");
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let dir = tempfile::tempdir().expect("a directory");
    let (tokens, _) = open(dir.path(), Algorithm::EdDSA);
    let jwks = serde_json::to_value(tokens.jwks().expect("public keys")).expect("json");
    let kid = jwks["keys"][0]["kid"].as_str().expect("kid").to_owned();
    let public = URL_SAFE_NO_PAD
        .decode(jwks["keys"][0]["x"].as_str().expect("x"))
        .expect("base64");
    let mut header = Header::new(Jwt::HS256);
    header.kid = Some(kid);
    let forged = jsonwebtoken::encode(&header, &good_claims(), &EncodingKey::from_secret(&public));
    assert_eq!(
        tokens.verify(&forged.expect("token")),
        Err(TokenError::WrongAlgorithm)
    );
}

#[test]
fn every_claim_is_required_and_ours() {
    let dir = tempfile::tempdir().expect("a directory");
    let (tokens, _) = open(dir.path(), Algorithm::HS256);
    let (kid, _) = only_secret(&dir);
    let header = || json!({"alg": "HS256", "kid": kid});
    for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        let mut claims = good_claims();
        claims.as_object_mut().expect("object").remove(claim);
        assert_eq!(
            tokens.verify(&sign(&dir, header(), &claims)),
            Err(TokenError::WrongClaims),
            "no {claim}"
        );
        claims[claim] = Value::Null;
        assert_eq!(
            tokens.verify(&sign(&dir, header(), &claims)),
            Err(TokenError::WrongClaims),
            "null {claim}"
        );
    }
    for (claim, value) in [
        ("iss", json!("somebody")),
        ("iss", json!(["maru"])),
        ("aud", json!("somebody")),
        ("aud", json!(["maru", "somebody"])),
        ("sub", json!(4097)),
        ("sub", json!("-1")),
        ("sub", json!("admin")),
        ("sid", json!("")),
        ("jti", json!(1)),
        ("exp", json!("1900000000")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("iat", json!(NOW_MS)),
    ] {
        let mut claims = good_claims();
        claims[claim] = value.clone();
        let found = tokens.verify(&sign(&dir, header(), &claims));
        assert_eq!(found, Err(TokenError::WrongClaims), "{claim}: {value}");
    }
}

#[test]
fn expiry_has_five_seconds_of_leeway() {
    let dir = tempfile::tempdir().expect("a directory");
    let (tokens, hand) = open(dir.path(), Algorithm::HS256);
    let token = tokens.issue(&grant()).expect("token");
    hand.advance_ms(30 * DAY_MS + 4_999);
    assert!(tokens.verify(&token).is_ok());
    hand.advance_ms(1);
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
}

#[test]
fn outside_all_reasons_are_one() {
    let outside = TokenError::OUTSIDE;
    for reason in [TokenError::Forged, TokenError::Expired, TokenError::Revoked] {
        assert_ne!(reason.to_string(), outside);
    }
}
