use super::*;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

struct Made {
    dir: TempDir,
}

impl Made {
    fn new() -> Made {
        let made = Made {
            dir: TempDir::new().expect("a directory"),
        };
        made.put("chat.example", -1, 30);
        made
    }

    fn cert(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    /// A certificate of this name, valid from and until so many days from now.
    fn put(&self, name: &str, from: i64, until: i64) {
        let day = |days: i64| time::OffsetDateTime::now_utc() + time::Duration::days(days);
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = day(from);
        params.not_after = day(until);
        let key = KeyPair::generate().expect("a key");
        let cert = params.self_signed(&key).expect("signed");
        std::fs::write(self.cert(), cert.pem()).expect("written");
        std::fs::write(self.key(), key.serialize_pem()).expect("written");
    }

    fn open(&self) -> Result<Certificate, TlsError> {
        Certificate::open(&self.cert(), &self.key(), Some("chat.example"))
    }

    fn error(&self) -> String {
        self.open().err().expect("refused").to_string()
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let made = Made::new();
    let good = made.open().expect("good");
    let left = good.valid_until() - now();
    assert!((29 * 86_400..=30 * 86_400).contains(&left), "{left}");

    let key = std::fs::read(made.key()).expect("there");
    made.put("chat.example", -1, 30);
    std::fs::write(made.key(), key).expect("written");
    assert!(made.error().contains("made together"));
    made.put("chat.example", -30, -1);
    assert!(made.error().contains("not valid any more"));
    made.put("chat.example", 1, 30);
    assert!(made.error().contains("not valid yet"));
    made.put("other.example", -1, 30);
    assert!(made.error().contains("not of chat.example"));
    std::fs::write(made.cert(), "no certificate").expect("written");
    assert!(made.error().contains("holds no certificate"));
    std::fs::remove_file(made.cert()).expect("removed");
    assert!(made.error().contains("cannot be read"));
    made.put("chat.example", -1, 30);
    std::fs::write(made.key(), "secret text").expect("written");
    let error = made.error();
    assert!(
        error.contains("no private key") && !error.contains("secret text"),
        "{error}"
    );
}

#[test]
fn a_new_one_is_taken_and_a_bad_one_changes_nothing() {
    let made = Made::new();
    let certificate = made.open().expect("good");
    let before = certificate.valid_until();
    assert!(certificate.refresh().is_none());
    made.put("chat.example", -1, 60);
    certificate.refresh().expect("changed").expect("good");
    let renewed = certificate.valid_until();
    assert!(renewed > before);
    made.put("chat.example", -60, -3);
    let error = certificate.refresh().expect("changed").expect_err("bad");
    assert!(matches!(error, TlsError::Expired { .. }));
    assert_eq!(certificate.valid_until(), renewed);
    assert!(certificate.refresh().is_none(), "told once");
}
