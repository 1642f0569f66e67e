//! Where keys are kept, and how they change.

use maru::auth::keys::{Algorithm, KeyError};
use maru::auth::tokens::{Grant, TokenError, Tokens};
use maru::cache::Clock;
use maru::domain::{SessionId, UserId};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn open(dir: &Path, algorithm: Algorithm) -> Result<Tokens, KeyError> {
    Tokens::open(dir, algorithm, Clock::system())
}

fn grant() -> Grant {
    let now_ms = Clock::system().unix_ms();
    Grant {
        user_id: UserId(1),
        session_id: SessionId(2),
        jti: "j".into(),
        issued_at_ms: now_ms,
        expires_at_ms: now_ms + 60_000,
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

#[test]
fn only_the_servers_user_can_read_them() {
    for algorithm in [Algorithm::HS256, Algorithm::EdDSA] {
        let dir = tempfile::tempdir().expect("a directory");
        let keys = dir.path().join("data/keys");
        open(&keys, algorithm).expect("keys");
        assert_eq!(mode(&keys), 0o700);
        let files: Vec<_> = fs::read_dir(&keys)
            .expect("keys")
            .map(|entry| entry.expect("entry").path())
            .collect();
        assert_eq!(files.len(), 1, "nothing unfinished is left: {files:?}");
        assert_eq!(mode(&files[0]), 0o600);

        fs::set_permissions(&files[0], fs::Permissions::from_mode(0o644)).expect("chmod");
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o755)).expect("chmod");
        open(&keys, algorithm).expect("keys");
        assert_eq!((mode(&keys), mode(&files[0])), (0o700, 0o600));
    }
}

#[test]
fn the_newest_signs_and_all_verify() {
    let dir = tempfile::tempdir().expect("a directory");
    let tokens = open(dir.path(), Algorithm::HS256).expect("keys");
    let first = tokens.issue(&grant()).expect("token");
    tokens.rotate().expect("rotate");
    let second = tokens.issue(&grant()).expect("token");
    let kid = |token: &str| jsonwebtoken::decode_header(token).expect("header").kid;
    assert_ne!(kid(&first), kid(&second));
    assert!(tokens.verify(&first).is_ok() && tokens.verify(&second).is_ok());

    let other = open(dir.path(), Algorithm::EdDSA).expect("keys");
    let third = other.issue(&grant()).expect("token");
    for token in [&first, &second, &third] {
        assert!(
            other.verify(token).is_ok(),
            "changing the algorithm signs nobody out"
        );
    }
    assert_eq!(tokens.verify(&third), Err(TokenError::UnknownKey));
    tokens.reload().expect("reload");
    assert!(tokens.verify(&third).is_ok());
    assert_eq!(
        kid(&tokens.issue(&grant()).expect("token")),
        kid(&second),
        "HS256 is still configured"
    );

    let oldest = kid(&first).expect("kid");
    fs::remove_file(dir.path().join(format!("hs256-{oldest}.key"))).expect("remove");
    tokens.reload().expect("reload");
    assert_eq!(tokens.verify(&first), Err(TokenError::UnknownKey));
    assert!(tokens.verify(&second).is_ok());
}

#[test]
fn foreign_keys_of_the_same_id_do_not_verify() {
    let (ours, theirs) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("a directory"),
    );
    let tokens = open(ours.path(), Algorithm::HS256).expect("keys");
    let name = fs::read_dir(ours.path())
        .expect("keys")
        .next()
        .expect("a key")
        .expect("an entry")
        .file_name();
    fs::write(theirs.path().join(name), "A".repeat(43)).expect("write");
    let forged = open(theirs.path(), Algorithm::HS256)
        .expect("keys")
        .issue(&grant())
        .expect("token");
    assert_eq!(tokens.verify(&forged), Err(TokenError::Forged));
}

#[test]
fn files_that_are_no_keys_are_named() {
    for (name, text) in [
        ("hs256-1.key", "not base64!"),
        ("hs256-1.key", "c2hvcnQ"),
        ("hs256-1.key", ""),
        (
            "ed25519-1.pem",
            "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n",
        ),
        ("ed25519-1.pem", "junk"),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join(name), text).expect("write");
        let error = open(dir.path(), Algorithm::HS256)
            .err()
            .expect("refused")
            .to_string();
        assert!(error.contains(name), "{error}");
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("README"), "nothing to do with keys").expect("write");
    assert!(open(dir.path(), Algorithm::HS256).is_ok());
}

#[test]
fn public_keys_are_published_and_secrets_are_not() {
    let dir = tempfile::tempdir().expect("a directory");
    assert!(
        open(dir.path(), Algorithm::HS256)
            .expect("keys")
            .jwks()
            .is_none()
    );
    let tokens = open(dir.path(), Algorithm::EdDSA).expect("keys");
    let jwks = tokens.jwks().expect("public keys");
    let token = tokens.issue(&grant()).expect("token");
    let kid = jsonwebtoken::decode_header(&token)
        .expect("header")
        .kid
        .expect("kid");
    let text = serde_json::to_string(&jwks).expect("json");
    let json: serde_json::Value = serde_json::from_str(&text).expect("json");
    let key = &json["keys"][0];
    assert_eq!(json["keys"].as_array().map(Vec::len), Some(1), "{text}");
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (
            &"OKP".into(),
            &"Ed25519".into(),
            &"EdDSA".into(),
            &"sig".into()
        )
    );
    assert_eq!(key["kid"], kid);
    assert!(key.get("d").is_none() && key.get("k").is_none(), "{text}");

    let public =
        jsonwebtoken::DecodingKey::from_jwk(jwks.find(&kid).expect("the key")).expect("a key");
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["maru"]);
    let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &public, &validation)
        .expect("verified by others");
    assert_eq!(claims.claims["sub"], "1");
}

/// Or a flipped bit would be another good key, and everybody signed out without a word.
#[test]
fn every_flipped_bit_is_noticed_or_changes_nothing() {
    for algorithm in [Algorithm::HS256, Algorithm::EdDSA] {
        let dir = tempfile::tempdir().expect("a directory");
        let tokens = open(dir.path(), algorithm).expect("keys");
        let token = tokens.issue(&grant()).expect("token");
        let file = fs::read_dir(dir.path()).expect("keys").next();
        let file = file.expect("a key").expect("a key").path();
        let good = fs::read(&file).expect("read");
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &bad).expect("written");
            match open(dir.path(), algorithm) {
                Err(KeyError::Bad { path, .. }) => assert_eq!(path, file),
                Err(error) => panic!("bit {bit}: {error}"),
                Ok(tokens) => assert!(tokens.verify(&token).is_ok(), "bit {bit}"),
            }
        }
    }
}

#[test]
fn a_key_without_a_checksum_is_taken_and_gets_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("hs256-1-old.key");
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    fs::write(&file, secret).expect("written");
    let tokens = open(dir.path(), Algorithm::HS256).expect("keys");
    let token = tokens.issue(&grant()).expect("token");
    let text = fs::read_to_string(&file).expect("read");
    assert!(
        text.starts_with(secret) && text.lines().count() == 2,
        "{text}"
    );
    let again = open(dir.path(), Algorithm::HS256).expect("keys");
    assert!(again.verify(&token).is_ok());
    assert_eq!(fs::read_to_string(&file).expect("read"), text);
}
