//! One certificate: an order, the names shown to lead here, a key, the chain.

use crate::client::ByOutbound;
use crate::error::{is_nonce, is_unknown_account, words};
use crate::store::Store;
use crate::{AcmeError, Settings};
use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Error, ExternalAccountKey,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use maru_tls::Certificate;
use parking_lot::Mutex;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a name is shown to lead here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Http01,
    TlsAlpn01,
}

impl Way {
    pub(crate) fn port(self) -> u16 {
        match self {
            Way::Http01 => 80,
            Way::TlsAlpn01 => 443,
        }
    }

    fn challenge(self) -> ChallengeType {
        match self {
            Way::Http01 => ChallengeType::Http01,
            Way::TlsAlpn01 => ChallengeType::TlsAlpn01,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Http01 => "HTTP-01",
            Way::TlsAlpn01 => "TLS-ALPN-01",
        })
    }
}

/// Texts that port 80 answers with while somebody looks (RFC 8555, 8.3). Clones are the same.
#[derive(Clone, Default)]
pub struct Answers {
    by_token: Arc<Mutex<HashMap<String, String>>>,
}

impl Answers {
    pub fn find(&self, token: &str) -> Option<String> {
        self.by_token.lock().get(token).cloned()
    }
}

/// Takes back what was shown.
struct Showing<'a> {
    answers: &'a Answers,
    certificate: &'a Certificate,
    tokens: Vec<String>,
    names: Vec<String>,
}

impl Drop for Showing<'_> {
    fn drop(&mut self) {
        let mut shown = self.answers.by_token.lock();
        for token in &self.tokens {
            shown.remove(token);
        }
        for name in &self.names {
            self.certificate.end_challenge(name);
        }
    }
}

pub struct Issuer<'a> {
    pub settings: &'a Settings,
    pub client: &'a ByOutbound,
    pub store: &'a Store,
    pub answers: &'a Answers,
    pub certificate: &'a Certificate,
}

/// Looking takes seconds; whoever takes longer is asked again later.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

impl Issuer<'_> {
    /// Key and chain as one PEM text.
    /// `replaces`: the one before, where it is asked for by whoever gave it.
    pub async fn issue(
        &self,
        way: Way,
        replaces: Option<CertificateIdentifier<'static>>,
    ) -> Result<String, AcmeError> {
        let account = self.account().await?;
        let names = &self.settings.names;
        let identifiers: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
        let mut new = NewOrder::new(&identifiers);
        if let Some(replaces) = replaces {
            new = new.replaces(replaces);
        }
        let ordered = account.new_order(&new).await;
        if let Err(error) = &ordered
            && is_unknown_account(error)
        {
            self.store.forget_account();
        }
        let mut order = ordered.map_err(|error| self.refused(error))?;
        let mut showing = Showing {
            answers: self.answers,
            certificate: self.certificate,
            tokens: Vec::new(),
            names: Vec::new(),
        };
        self.show(&mut order, way, &mut showing).await?;
        let ready = order.poll_ready(&PATIENCE).await;
        match ready {
            Ok(OrderStatus::Ready | OrderStatus::Valid) => {}
            Ok(_) => return Err(self.not_ready(&mut order, way).await),
            Err(error) => {
                return Err(match error {
                    Error::Timeout(_) => self.refused(error),
                    error if is_nonce(&error) => self.refused(error),
                    _ => self.not_ready(&mut order, way).await,
                });
            }
        }
        drop(showing);
        let broken = |error: rcgen::Error| AcmeError::Broken(error.to_string());
        let key = KeyPair::generate().map_err(broken)?;
        let mut params = CertificateParams::new(names.clone()).map_err(broken)?;
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).map_err(broken)?;
        let finalized = order.finalize_csr(request.der()).await;
        finalized.map_err(|error| self.refused(error))?;
        let chain = order.poll_certificate(&PATIENCE).await;
        let chain = chain.map_err(|error| self.refused(error))?;
        Ok(format!("{}{chain}", key.serialize_pem()))
    }

    /// The one that is kept, else a new one.
    async fn account(&self) -> Result<Account, AcmeError> {
        let directory = &self.settings.directory;
        let builder = Account::builder_with_http(Box::new(self.client.clone()));
        let kept = self.store.account(directory);
        if let Some(credentials) = kept.and_then(|kept| serde_json::from_value(kept).ok()) {
            let account = builder.from_credentials(credentials).await;
            return account.map_err(|error| self.away(&error));
        }
        let contact = self.settings.email.as_ref();
        let contact: Vec<String> = contact
            .map(|mail| format!("mailto:{mail}"))
            .into_iter()
            .collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let new = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let external = self.settings.external.as_ref();
        let external = external.map(|held| ExternalAccountKey::new(held.id.clone(), &held.key));
        let made = builder
            .create(&new, directory.clone(), external.as_ref())
            .await;
        let (account, credentials) = made.map_err(|error| match error {
            Error::Api(_) => self.refused(error),
            error => self.away(&error),
        })?;
        let credentials = serde_json::to_value(&credentials);
        let credentials = credentials.map_err(|error| AcmeError::Broken(error.to_string()))?;
        self.store.keep_account(directory, credentials)?;
        Ok(account)
    }

    /// Puts up what will be looked at, and says so.
    async fn show(
        &self,
        order: &mut Order,
        way: Way,
        showing: &mut Showing<'_>,
    ) -> Result<(), AcmeError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|error| self.refused(error))?;
            // Shown not long ago.
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let name = match authorization.identifier().identifier {
                Identifier::Dns(name) => name.clone(),
                _ => {
                    return Err(AcmeError::Broken(
                        "it asks for something else than a name".into(),
                    ));
                }
            };
            let Some(mut challenge) = authorization.challenge(way.challenge()) else {
                let why = format!("it does not look by {way}");
                return Err(AcmeError::Elsewhere { name, way, why });
            };
            let answer = challenge.key_authorization();
            match way {
                Way::Http01 => {
                    let token = challenge.token.clone();
                    let answer = answer.as_str().to_owned();
                    self.answers.by_token.lock().insert(token.clone(), answer);
                    showing.tokens.push(token);
                }
                Way::TlsAlpn01 => {
                    let (cert, key) = certificate_with(&name, answer.digest().as_ref())
                        .map_err(|error| AcmeError::Broken(error.to_string()))?;
                    let put_up = self.certificate.answer_challenge(&name, cert, key);
                    put_up.map_err(AcmeError::Broken)?;
                    showing.names.push(name);
                }
            }
            let ready = challenge.set_ready().await;
            ready.map_err(|error| self.refused(error))?;
        }
        Ok(())
    }

    /// Which name was not found here, and why.
    async fn not_ready(&self, order: &mut Order, way: Way) -> AcmeError {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let Ok(mut authorization) = authorization else {
                break;
            };
            let Ok(state) = authorization.refresh().await else {
                break;
            };
            let failed = state
                .challenges
                .iter()
                .find_map(|asked| asked.error.clone());
            let why = failed.as_ref().map(words);
            if let (Some(why), Identifier::Dns(name)) = (why, authorization.identifier().identifier)
            {
                let name = name.clone();
                return AcmeError::Elsewhere { name, way, why };
            }
        }
        AcmeError::Elsewhere {
            name: self.settings.names.join(", "),
            way,
            why: "no reason was given".to_owned(),
        }
    }

    fn away(&self, error: &Error) -> AcmeError {
        AcmeError::Away {
            directory: self.settings.directory.clone(),
            why: error.to_string(),
        }
    }

    fn refused(&self, error: Error) -> AcmeError {
        let is_nonce = is_nonce(&error);
        let why = match &error {
            Error::Api(problem) => words(problem),
            Error::Other(_) => return self.away(&error),
            error => error.to_string(),
        };
        AcmeError::Refused {
            directory: self.settings.directory.clone(),
            names: self.settings.names.join(", "),
            why,
            retry_after: self.client.retry_after(),
            is_nonce,
        }
    }
}

/// The certificate that answers by TLS-ALPN-01 (RFC 8737), and its key.
fn certificate_with(name: &str, digest: &[u8]) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let cert = params.self_signed(&key)?;
    Ok((cert.der().to_vec(), key.serialize_der()))
}
