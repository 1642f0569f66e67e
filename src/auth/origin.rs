//! Whether a browser's request comes from our own pages. Pure functions.
//!
//! Browsers send cookies along with requests that other sites make. So a request that carries the
//! session by cookie and changes something, and every WebSocket upgrade, must prove where it comes
//! from. A request with an `Authorization` header proves itself: other sites cannot set that.

/// What of a request matters here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The `Host` header.
    pub host: Option<&'a str>,
    /// The `Origin` header.
    pub origin: Option<&'a str>,
    /// The `Sec-Fetch-Site` header.
    pub fetch_site: Option<&'a str>,
}

/// Whose pages may act for the user.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    public: Option<String>,
    allowed: Vec<String>,
}

/// Why a request is refused (403).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// A page that may not act for the user.
    #[error("the request comes from a page of another site")]
    OtherSite,
}

/// A public URL that is not `http(s)://host[:port]`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin; write it as https://chat.example.com or http://localhost:3000")]
pub struct NotAnOrigin(String);

impl Origins {
    /// From the configured public URL (its path is ignored) and further allowed origins, as
    /// browsers and app shells write them.
    pub fn new(public_url: Option<&str>, allowed: &[String]) -> Result<Origins, NotAnOrigin> {
        let parse = |text: &str| origin_of(text).ok_or_else(|| NotAnOrigin(text.to_owned()));
        Ok(Origins {
            public: public_url.map(parse).transpose()?,
            allowed: allowed.to_vec(),
        })
    }

    /// Whether a request that acts by cookie, or asks for a WebSocket, comes from a page that may.
    ///
    /// Browsers send `Origin` with every WebSocket and every unsafe method, and `Sec-Fetch-Site`
    /// where they leave it out; a request with neither was not made by a page.
    pub fn check(&self, asked: Asked<'_>) -> Result<(), Foreign> {
        match (asked.origin, asked.fetch_site) {
            (Some(origin), _) => self.admit(asked, origin),
            (None, None | Some("same-origin")) => Ok(()),
            (None, Some(_)) => Err(Foreign::OtherSite),
        }
    }

    /// Whether cross-origin requests from this origin may be answered (CORS).
    pub fn allows(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == origin)
    }

    fn admit(&self, asked: Asked<'_>, origin: &str) -> Result<(), Foreign> {
        if self.allows(origin) || self.public.as_deref() == Some(origin) {
            return Ok(());
        }
        if asked.fetch_site.is_some_and(|site| site != "same-origin") {
            return Err(Foreign::OtherSite);
        }
        // Otherwise the page must have been loaded from the very address that the request went to.
        // The scheme is not known here (a proxy may have taken TLS off), except for the public URL.
        let (Some(host), true) = (asked.host, origin_of(origin).as_deref() == Some(origin)) else {
            return Err(Foreign::OtherSite);
        };
        let scheme = origin.split("://").next().unwrap_or_default();
        let asked_of = origin_of(&format!("{scheme}://{host}"));
        let wrong_scheme = self
            .public
            .as_deref()
            .is_some_and(|public| authority(public) == authority(origin));
        if asked_of.as_deref() == Some(origin) && !wrong_scheme {
            Ok(())
        } else {
            Err(Foreign::OtherSite)
        }
    }
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

/// `scheme://host[:port]` as browsers write it in `Origin`, of a URL.
pub fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    let (name, port) = split_port(authority);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let bracketed = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .is_some_and(|name| name.parse::<std::net::Ipv6Addr>().is_ok());
    let name_is_good = bracketed || (!name.is_empty() && name.chars().all(plain));
    let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (name_is_good && port_is_good).then(|| format!("{scheme}://{authority}"))
}

/// Host and port of an authority.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (authority, None),
    }
}

/// A name or address that means this very machine.
pub fn is_loopback(host: &str) -> bool {
    let (name, _) = split_port(host);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_one_way() {
        for (url, origin) in [
            (
                "https://Chat.Example.com/rooms?x#y",
                Some("https://chat.example.com"),
            ),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("HTTPS://a:443/", Some("https://a")),
            ("http://a:443", Some("http://a:443")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("ftp://a", None),
            ("https://", None),
            ("https://user@a", None),
            ("https://a:0", None),
            ("https://a:99999", None),
            ("https://a b", None),
            ("null", None),
        ] {
            assert_eq!(origin_of(url).as_deref(), origin, "{url}");
        }
    }

    #[test]
    fn only_our_own_pages_may_act() {
        let allowed = ["http://localhost:3000", "capacitor://localhost", "file://"];
        let public = Origins::new(
            Some("https://chat.example.com/"),
            &allowed.map(str::to_owned),
        )
        .expect("origins");
        let bare = Origins::default();
        let ask = |host, origin, fetch_site| Asked {
            host,
            origin,
            fetch_site,
        };
        let (chat, lan) = (Some("chat.example.com"), Some("10.0.0.5:8080"));
        let good = [
            (
                &public,
                ask(chat, Some("https://chat.example.com"), Some("same-origin")),
            ),
            (&public, ask(lan, Some("https://chat.example.com"), None)),
            (
                &public,
                ask(chat, Some("http://localhost:3000"), Some("cross-site")),
            ),
            (
                &public,
                ask(chat, Some("capacitor://localhost"), Some("cross-site")),
            ),
            (&public, ask(chat, Some("file://"), None)),
            (&public, ask(lan, Some("http://10.0.0.5:8080"), None)),
            (&bare, ask(lan, Some("http://10.0.0.5:8080"), None)),
            (
                &bare,
                ask(chat, Some("https://chat.example.com"), Some("same-origin")),
            ),
            (
                &bare,
                ask(
                    Some("chat.example.com:443"),
                    Some("https://chat.example.com"),
                    None,
                ),
            ),
            (&bare, ask(lan, None, Some("same-origin"))),
            (&bare, ask(lan, None, None)),
        ];
        for (origins, asked) in good {
            assert_eq!(origins.check(asked), Ok(()), "{asked:?}");
        }
        let bad = [
            (
                &public,
                ask(chat, Some("https://evil.example"), Some("cross-site")),
            ),
            (&public, ask(chat, Some("https://evil.example"), None)),
            (&public, ask(chat, Some("http://chat.example.com"), None)),
            (
                &public,
                ask(chat, Some("https://chat.example.com:444"), None),
            ),
            (
                &public,
                ask(chat, Some("https://chat.example.com.evil.example"), None),
            ),
            (&public, ask(chat, Some("null"), None)),
            (&public, ask(chat, Some(""), None)),
            (&public, ask(chat, Some("http://localhost:3001"), None)),
            (&public, ask(chat, None, Some("cross-site"))),
            (&public, ask(chat, None, Some("same-site"))),
            (&public, ask(chat, None, Some("none"))),
            (&bare, ask(lan, Some("http://10.0.0.5:8081"), None)),
            (
                &bare,
                ask(lan, Some("http://10.0.0.5:8080"), Some("same-site")),
            ),
            (&bare, ask(None, Some("http://10.0.0.5:8080"), None)),
            (&bare, ask(Some("null"), Some("null"), None)),
            (&bare, ask(chat, Some("capacitor://localhost"), None)),
            (&public, ask(chat, Some("ionic://localhost"), None)),
        ];
        for (origins, asked) in bad {
            assert_eq!(origins.check(asked), Err(Foreign::OtherSite), "{asked:?}");
        }
    }
}
