//! What a request shows of itself: a token in `Authorization`, cookies. Pure functions over the
//! bytes of header fields, of which there may be several; one odd part does not spoil the rest.

use super::origin::origin_of;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// So many cookies of the session's name are looked at.
const CANDIDATES: usize = 4;

/// What the `Authorization` fields of a request hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer<'a> {
    /// No token. Other schemes are for others, such as a proxy that asks for a password itself.
    None,
    Token(&'a str),
    /// Meant as a token, but none.
    Malformed,
}

/// The token of these `Authorization` fields.
pub fn bearer<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Bearer<'a> {
    let mut found = Bearer::None;
    for field in fields {
        let field = field.trim_ascii();
        let scheme_end = field.iter().position(|&b| b == b' ' || b == b'\t');
        let (scheme, token) = field.split_at(scheme_end.unwrap_or(field.len()));
        if !scheme.eq_ignore_ascii_case(b"bearer") {
            continue;
        }
        let token = std::str::from_utf8(token.trim_ascii());
        match (token, found) {
            (Ok(token), Bearer::None) if is_token(token) => found = Bearer::Token(token),
            (Ok(token), Bearer::Token(other)) if token == other => {}
            _ => return Bearer::Malformed,
        }
    }
    found
}

/// An access token in a form that other programs send: `Basic` with it as the password, `ApiKey`
/// with it as the key. Other passwords are nobody's here.
pub fn wrapped<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    for field in fields {
        let text = std::str::from_utf8(field.trim_ascii()).ok()?;
        let (scheme, value) = text.split_once(' ')?;
        let value = value.trim();
        let is_known =
            scheme.eq_ignore_ascii_case("basic") || scheme.eq_ignore_ascii_case("apikey");
        if !is_known {
            continue;
        }
        let decoded = STANDARD.decode(value).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let inner = decoded.as_deref().unwrap_or(value);
        let token = inner.split_once(':').map_or(inner, |(_, token)| token);
        if super::access::is_access(token) && is_token(token) {
            return Some(token.to_owned());
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The cookies of the server: their names and how they are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    secure: bool,
}

impl Cookie {
    /// Over https, names that browsers accept only with `Secure`, for this host alone. Cookies of
    /// such names would be dropped over http, so there plain ones.
    pub fn of(public_url: Option<&str>) -> Cookie {
        let secure = public_url
            .and_then(origin_of)
            .is_some_and(|origin| origin.starts_with("https://"));
        Cookie { secure }
    }

    /// Where TLS is spoken.
    pub fn secure() -> Cookie {
        Cookie { secure: true }
    }

    /// The name of the session's.
    pub fn name(self) -> &'static str {
        if self.secure {
            "__Host-maru"
        } else {
            "maru_session"
        }
    }

    /// The name of the one by which a device is known that signed in before.
    pub fn device_name(self) -> &'static str {
        if self.secure {
            "__Host-maru-device"
        } else {
            "maru_device"
        }
    }

    /// The name of the one that is kept while a provider is asked.
    pub fn sign_in_name(self) -> &'static str {
        if self.secure {
            "__Host-maru-sign-in"
        } else {
            "maru_sign_in"
        }
    }

    /// The name of the one that says through which provider's sign-in the session began.
    pub fn provider_name(self) -> &'static str {
        if self.secure {
            "__Host-maru-provider"
        } else {
            "maru_provider"
        }
    }

    /// The `Set-Cookie` header that keeps that.
    pub fn set_provider(self, sealed: &str, max_age_s: u64) -> String {
        self.set_named(self.provider_name(), sealed, max_age_s)
    }

    /// What was kept of it, in these `Cookie` fields.
    pub fn find_provider<'a>(self, fields: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
        named(self.provider_name(), fields)
    }

    /// The `Set-Cookie` header that keeps it.
    pub fn set_sign_in(self, sealed: &str, max_age_s: u64) -> String {
        self.set_named(self.sign_in_name(), sealed, max_age_s)
    }

    /// What was kept, in these `Cookie` fields.
    pub fn find_sign_in<'a>(self, fields: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
        named(self.sign_in_name(), fields)
    }

    /// The `Set-Cookie` header that begins a session.
    pub fn set(self, token: &str, max_age_s: u64) -> String {
        self.set_named(self.name(), token, max_age_s)
    }

    /// The `Set-Cookie` header that makes a device known.
    pub fn set_device(self, device: &str, max_age_s: u64) -> String {
        self.set_named(self.device_name(), device, max_age_s)
    }

    /// The `Set-Cookie` header that ends a session.
    pub fn clear(self) -> String {
        self.set_named(self.name(), "", 0)
    }

    fn set_named(self, name: &str, value: &str, max_age_s: u64) -> String {
        format!("{name}={value}; {}; Max-Age={max_age_s}", self.attributes())
    }

    /// What may be the session's token in these `Cookie` fields. Somebody else may have put there a
    /// cookie of the same name, for a path or for a whole domain: which one counts is known to
    /// whoever looks the sessions up.
    pub fn find<'a>(self, fields: impl Iterator<Item = &'a [u8]>) -> Vec<&'a str> {
        let mut found = Vec::new();
        for value in values(self.name(), fields).filter(|value| !value.is_empty()) {
            if found.len() < CANDIDATES && !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }

    /// The device's name in these `Cookie` fields.
    pub fn find_device<'a>(self, fields: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
        named(self.device_name(), fields)
    }

    fn attributes(self) -> &'static str {
        if self.secure {
            "HttpOnly; SameSite=Lax; Path=/; Secure"
        } else {
            "HttpOnly; SameSite=Lax; Path=/"
        }
    }
}

/// The value of a cookie. Two values of one name are nobody's: one was put there by somebody else.
fn named<'a>(name: &str, fields: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
    let mut values = values(name, fields).filter(|value| !value.is_empty());
    let value = values.next()?;
    values.all(|other| other == value).then_some(value)
}

fn values<'a>(name: &str, fields: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a str> {
    let pairs = fields.flat_map(|field| field.split(|&b| b == b';'));
    pairs.filter_map(move |pair| {
        let pair = pair.trim_ascii();
        let at = pair.iter().position(|&b| b == b'=')?;
        if pair[..at].trim_ascii_end() != name.as_bytes() {
            return None;
        }
        let value = std::str::from_utf8(pair[at + 1..].trim_ascii_start()).unwrap_or_default();
        let bare = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        Some(bare.unwrap_or(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields<'a>(fields: &'a [&'a str]) -> impl Iterator<Item = &'a [u8]> {
        fields.iter().map(|field| field.as_bytes())
    }

    #[test]
    fn only_bearer_is_a_token() {
        for (shown, token) in [
            (&["Bearer a.b"][..], Bearer::Token("a.b")),
            (&["bearer \t a.b "], Bearer::Token("a.b")),
            (&["Basic dXNlcjpwYXNz", "Bearer a.b"], Bearer::Token("a.b")),
            (&["Bearer a", "Bearer a"], Bearer::Token("a")),
            (&[], Bearer::None),
            (&["Basic dXNlcjpwYXNz"], Bearer::None),
            (&["Digest username=\"한글\""], Bearer::None),
            (&["Negotiate"], Bearer::None),
            (&[""], Bearer::None),
            (&["a.b"], Bearer::None),
            (&["Bearer"], Bearer::Malformed),
            (&["Bearer "], Bearer::Malformed),
            (&["Bearer a b"], Bearer::Malformed),
            (&["Bearer 한글"], Bearer::Malformed),
            (&["Bearer a", "Bearer b"], Bearer::Malformed),
        ] {
            assert_eq!(bearer(fields(shown)), token, "{shown:?}");
        }
    }

    #[test]
    fn cookies_are_bound_to_their_host() {
        let secure = Cookie::of(Some("https://chat.example.com"));
        assert_eq!(
            secure.set("t", 60),
            "__Host-maru=t; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=60"
        );
        let plain = Cookie::of(Some("http://127.0.0.1:8080"));
        assert_eq!(plain, Cookie::of(None));
        assert_eq!(
            plain.clear(),
            "maru_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
        assert!(secure.find(fields(&["maru_session=a"])).is_empty());
    }

    #[test]
    fn cookies_of_others_hide_nothing() {
        let plain = Cookie::of(None);
        for shown in [
            &["a=1; maru_session=tok.en=; b=2"][..],
            &["other=한글; maru_session=tok.en="],
            &["other=1", "maru_session=tok.en=; x"],
            &["maru_session=tok.en=", "maru_session=tok.en="],
            &["=;;,; maru_session=\"tok.en=\""],
        ] {
            assert_eq!(plain.find(fields(shown)), ["tok.en="], "{shown:?}");
        }
        let bytes = [&b"other=\xff\xfe; maru_session=a"[..]];
        assert_eq!(plain.find(bytes.into_iter()), ["a"]);
        for shown in [
            &[""][..],
            &["a=1"],
            &["maru_session="],
            &["xmaru_session=a"],
            &["maru_session=한글\u{0}"],
        ] {
            let found = plain.find(fields(shown));
            assert!(found.iter().all(|found| !found.is_ascii()), "{shown:?}");
        }
        for shown in [
            &["maru_session=a; maru_session=b"][..],
            &["maru_session=a", "maru_session=; maru_session=b"],
            &["maru_session=a; maru_session=b; maru_session=\"a\""],
        ] {
            assert_eq!(plain.find(fields(shown)), ["a", "b"], "{shown:?}");
        }
        let many: String = (0..9).map(|n| format!("maru_session={n};")).collect();
        assert_eq!(plain.find(fields(&[&many])).len(), CANDIDATES);
        let devices = ["maru_device=a; maru_device=b"];
        assert_eq!(plain.find_device(fields(&devices)), None);
        assert_eq!(plain.find_device(fields(&["maru_device=d"])), Some("d"));
    }
}
