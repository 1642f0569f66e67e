//! What a request shows of itself: a token in `Authorization`, cookies. Pure functions over the
//! bytes of header fields, of which there may be several; one odd part does not spoil the rest.

use super::origin::origin_of;
use base64::{Engine as _, engine::general_purpose::STANDARD};

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

    /// The session's token in these `Cookie` fields.
    pub fn find<'a>(self, fields: impl Iterator<Item = &'a [u8]>) -> Option<&'a str> {
        named(self.name(), fields)
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
    let mut found = None;
    for pair in fields.flat_map(|field| field.split(|&b| b == b';')) {
        let pair = pair.trim_ascii();
        let Some(at) = pair.iter().position(|&b| b == b'=') else {
            continue;
        };
        if pair[..at].trim_ascii_end() != name.as_bytes() {
            continue;
        }
        let value = std::str::from_utf8(pair[at + 1..].trim_ascii_start()).unwrap_or_default();
        let bare = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        let value = bare.unwrap_or(value);
        if found.is_some_and(|other| other != value) {
            return None;
        }
        found = Some(value);
    }
    found.filter(|value| !value.is_empty())
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
        assert_eq!(secure.find(fields(&["maru_session=a"])), None);
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
            assert_eq!(plain.find(fields(shown)), Some("tok.en="), "{shown:?}");
        }
        let bytes = [&b"other=\xff\xfe; maru_session=a"[..]];
        assert_eq!(plain.find(bytes.into_iter()), Some("a"));
        for shown in [
            &[""][..],
            &["a=1"],
            &["maru_session="],
            &["maru_session=a; maru_session=b"],
            &["maru_session=a", "maru_session=b"],
            &["xmaru_session=a"],
            &["maru_session=한글\u{0}"],
        ] {
            let found = plain.find(fields(shown));
            assert!(found.is_none_or(|found| !found.is_ascii()), "{shown:?}");
        }
        assert_eq!(plain.find_device(fields(&["maru_device=d"])), Some("d"));
    }
}
