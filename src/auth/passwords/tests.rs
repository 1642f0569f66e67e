use super::*;

/// As cheap as argon2 gets, so that tests are about behaviour.
fn quick(running: usize, waiting: usize) -> Hasher {
    Hasher::with(
        Params::new(8, 1, 1, None).expect("params"),
        running,
        waiting,
    )
}

#[test]
fn what_a_password_must_be() {
    let long = "가".repeat(85) + "a";
    let table = [
        ("", Err(Unfit::TooShort)),
        ("seven77", Err(Unfit::TooShort)),
        ("마루방", Ok(())),
        (long.as_str(), Ok(())),
        (&"x1y".repeat(86), Err(Unfit::TooLong)),
        ("jinsu.kim", Err(Unfit::SameAsName)),
        ("JINSU.KIM", Err(Unfit::SameAsName)),
        ("password", Err(Unfit::TooCommon)),
        ("Password123", Err(Unfit::TooCommon)),
        ("iloveyou", Err(Unfit::TooCommon)),
        ("aaaaaaaaaa", Err(Unfit::TooCommon)),
        ("abcabcabcab", Err(Unfit::TooCommon)),
        ("12345678", Err(Unfit::TooCommon)),
        ("987654321", Err(Unfit::TooCommon)),
        ("qwertyuiop", Err(Unfit::TooCommon)),
        ("1qaz2wsx", Err(Unfit::TooCommon)),
        ("asdfghjkl;", Err(Unfit::TooCommon)),
        ("correct horse battery staple", Ok(())),
        ("q7fW!z2p", Ok(())),
    ];
    for (typed, expected) in table {
        assert_eq!(Password::new(typed).check("Jinsu.Kim"), expected, "{typed}");
    }
}

#[test]
fn the_list_is_folded_long_enough_and_has_no_doubles() {
    let lines: Vec<&str> = include_str!("../common_passwords.txt").lines().collect();
    assert!(lines.len() >= 1000, "{}", lines.len());
    assert_eq!(COMMON.len(), lines.len());
    for line in lines {
        assert!(
            line.len() >= MIN_BYTES,
            "{line} is refused for its length already"
        );
        assert_eq!(line.to_lowercase(), line);
    }
}

#[tokio::test]
async fn composed_and_decomposed_letters_are_one_password() {
    let hasher = quick(1, 1);
    let composed = Password::new("비밀번호를 안다");
    let decomposed: String = "비밀번호를 안다"
        .chars()
        .flat_map(|c| c.to_string().nfd().collect::<Vec<_>>())
        .collect();
    assert_ne!(decomposed, "비밀번호를 안다");
    let stored = hasher.hash(&composed).await.expect("hash");
    let verdict = hasher
        .verify(&Password::new(&decomposed), Some(&stored))
        .await
        .expect("verify");
    assert_eq!(
        verdict,
        Verdict {
            right: true,
            rehash: false
        }
    );
}

#[tokio::test]
async fn wrong_missing_and_broken_hashes_are_a_no() {
    let hasher = quick(2, 2);
    let password = Password::new("correct horse");
    let stored = hasher.hash(&password).await.expect("hash");
    assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_ne!(
        stored,
        hasher.hash(&password).await.expect("hash"),
        "salted"
    );
    let huge =
        "$argon2id$v=19$m=4000000,t=2,p=1$c29tZXNhbHQ$eP4eyR+zqlZX1y5xCFTkw9m5GYx0L5YWwvCFvtlbLow";
    for (typed, hash) in [
        ("correct horsf", Some(stored.as_str())),
        ("correct horse", None),
        ("correct horse", Some("")),
        ("correct horse", Some("plain text")),
        ("correct horse", Some(huge)),
    ] {
        let verdict = hasher
            .verify(&Password::new(typed), hash)
            .await
            .expect("verify");
        assert_eq!(
            verdict,
            Verdict {
                right: false,
                rehash: false
            },
            "{typed} {hash:?}"
        );
    }
}

#[tokio::test]
async fn raised_parameters_ask_for_a_new_hash() {
    let password = Password::new("correct horse");
    let stored = quick(1, 1).hash(&password).await.expect("hash");
    let stronger = Hasher::with(Params::new(16, 1, 1, None).expect("params"), 1, 1);
    let verdict = stronger
        .verify(&password, Some(&stored))
        .await
        .expect("verify");
    assert_eq!(
        verdict,
        Verdict {
            right: true,
            rehash: true
        }
    );
}

#[tokio::test]
async fn the_defaults_are_what_was_promised() {
    let stored = Hasher::default()
        .hash(&Password::new("correct horse"))
        .await
        .expect("hash");
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let hasher = quick(1, 1);
    let held = hasher
        .0
        .running
        .clone()
        .acquire_owned()
        .await
        .expect("permit");
    let password = Password::new("correct horse");
    let mut waits = Box::pin(hasher.hash(&password));
    assert!(futures_util::poll!(waits.as_mut()).is_pending());
    assert!(matches!(
        hasher.hash(&password).await,
        Err(HashError::Busy { .. })
    ));
    drop(held);
    assert!(waits.await.is_ok());
    assert!(
        hasher.hash(&password).await.is_ok(),
        "places are given back"
    );
}

#[test]
fn a_password_does_not_show_itself() {
    assert_eq!(
        format!("{:?}", Password::new("secret words")),
        "Password(***)"
    );
}
