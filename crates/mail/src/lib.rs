//! Letters to people, by SMTP.
//!
//! `smtps://user:password@host` speaks TLS from the start, `smtp://…?tls=required` after STARTTLS,
//! `smtp://host` not at all, which is for a mail server on this machine. A letter is plain text.
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(
        "smtp-url cannot be used: {0}; give one such as smtps://user:password@mail.example.org"
    )]
    Url(String),
    #[error("smtp-from `{0}` is no address of mail; give one such as Maru <maru@example.org>")]
    From(String),
    #[error("`{0}` is no address of mail")]
    To(String),
    #[error("the letter cannot be written: {0}")]
    Letter(String),
    #[error("the mail server does not take it: {0}")]
    Refused(String),
}

/// Longer than this nobody waits for a mail server.
const PATIENCE: Duration = Duration::from_secs(30);

/// Each letter has a connection of its own: letters are few, and none is kept open for them.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Arc<Mailbox>,
}

pub struct Letter<'a> {
    pub to: &'a str,
    pub subject: &'a str,
    pub text: String,
}

impl Mailer {
    /// `roots` are certificates (PEM) that are trusted besides Mozilla's.
    pub fn new(url: &str, from: &str, roots: Option<&str>) -> Result<Mailer, MailError> {
        // What is wrong with it may hold the password: only the kind is told.
        let bad = |_| MailError::Url("it is not of this form".to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(bad)?
            .timeout(Some(PATIENCE));
        if let Some(tls) = roots.map(|roots| tls(url, roots)).transpose()?.flatten() {
            builder = builder.tls(tls);
        }
        let from = from.parse().map_err(|_| MailError::From(from.to_owned()))?;
        Ok(Mailer {
            transport: builder.hello_name(hello(&from)).build(),
            from: Arc::new(from),
        })
    }

    pub async fn send(&self, letter: Letter<'_>) -> Result<(), MailError> {
        let to: Mailbox = address(letter.to)?;
        let message = Message::builder()
            .from((*self.from).clone())
            .to(to)
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .map_err(|error| MailError::Letter(error.to_string()))?;
        let sent = self.transport.send(message).await;
        sent.map(drop)
            .map_err(|error| MailError::Refused(error.to_string()))
    }
}

/// One plain address, without a name.
pub fn is_address(text: &str) -> bool {
    address(text).is_ok_and(|mailbox| mailbox.name.is_none())
}

fn address(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|_| MailError::To(text.to_owned()))
}

/// By the domain that letters come from: the machine's own name is nobody's business.
fn hello(from: &Mailbox) -> ClientId {
    ClientId::Domain(from.email.domain().to_owned())
}

/// As the URL says, with further roots.
fn tls(url: &str, roots: &str) -> Result<Option<Tls>, MailError> {
    let bad = |why: String| MailError::Url(why);
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    let mut parameters = TlsParameters::builder(host.to_owned());
    for part in roots.split_inclusive("-----END CERTIFICATE-----") {
        if part.contains("-----BEGIN CERTIFICATE-----") {
            let root = Certificate::from_pem(part.as_bytes());
            let root = root.map_err(|error| bad(error.to_string()))?;
            parameters = parameters.add_root_certificate(root);
        }
    }
    let parameters = parameters.build().map_err(|error| bad(error.to_string()))?;
    Ok(match scheme {
        "smtps" => Some(Tls::Wrapper(parameters)),
        _ if rest.contains("tls=required") => Some(Tls::Required(parameters)),
        _ if rest.contains("tls=opportunistic") => Some(Tls::Opportunistic(parameters)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_urls() {
        for good in ["kim@example.org", "kim+maru@sub.example.org"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "kim",
            "Kim <kim@example.org>",
            "a@b\r\nBcc: c@d",
            "a@b, c@d",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        let new = |url, from| Mailer::new(url, from, None).map(drop);
        let from = "Maru <maru@example.org>";
        assert!(new("smtp://127.0.0.1:2525", from).is_ok());
        assert!(matches!(
            new("smtp://127.0.0.1", "nobody"),
            Err(MailError::From(_))
        ));
        let error = new("imap://user:secret@host", from).expect_err("refused");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
