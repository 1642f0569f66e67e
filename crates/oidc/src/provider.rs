//! One provider, and the two steps with it.

use crate::claims::{Claims, Identity, More};
use crate::discovery::Discovery;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use maru_outbound::{Answer, Client, Request};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;
use url::Url;

/// What it says of itself is asked again after so long.
const FRESH: Duration = Duration::from_secs(3600);
/// Keys that are not known are asked for at most so often.
const BETWEEN: Duration = Duration::from_secs(10);
const LEEWAY_S: u64 = 60;
/// Signed by the provider's private key; a secret that both know would let it be forged here.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Why nobody was signed in. One sentence each.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the provider {0} does not answer: {1}; sign in with a password meanwhile")]
    Away(String, String),
    #[error("the provider says that it is {found}, and not {expected}; mend --oidc-issuer")]
    OtherIssuer { found: String, expected: String },
    #[error("what the provider {0} says of itself cannot be used: {1}")]
    Unusable(String, String),
    #[error("the provider did not sign you in: {0}")]
    Denied(String),
    #[error("this sign-in was begun elsewhere or too long ago; begin it again")]
    Stale,
    #[error("the provider's token is not to be trusted: {0}")]
    Untrusted(String),
}

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Exactly as the provider writes it.
    pub issuer: String,
    pub client_id: String,
    /// Public clients have none.
    pub client_secret: Option<String>,
    pub scopes: String,
}

/// Clones are the same provider.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: Settings,
    client: Client,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    discovery: Arc<Discovery>,
    keys: Arc<JwkSet>,
    at: Instant,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    pub kept: Kept,
}

/// What comes back with the browser, and must be its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// Somebody who came back from the provider.
#[derive(Clone, Debug)]
pub struct Redeemed {
    pub identity: Identity,
    /// The provider's token, for the end of the session there.
    pub token: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Provider {
    pub fn new(settings: Settings, client: Client) -> Provider {
        Provider(Arc::new(Inner {
            settings,
            client,
            known: Mutex::default(),
        }))
    }

    /// The host, for people.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.0.settings.issuer).ok();
        let host = url.and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// `random` gives a text that nobody can guess, another one each time.
    pub async fn begin(
        &self,
        redirect_uri: &str,
        mut random: impl FnMut() -> String,
    ) -> Result<Begun, OidcError> {
        let known = self.known(FRESH).await?;
        let kept = Kept {
            state: random(),
            nonce: random(),
            verifier: random(),
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(kept.verifier.as_bytes()));
        let endpoint = &known.discovery.authorization_endpoint;
        let mut url = Url::parse(endpoint)
            .map_err(|error| self.unusable(format!("its authorization_endpoint: {error}")))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.0.settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &self.0.settings.scopes)
            .append_pair("state", &kept.state)
            .append_pair("nonce", &kept.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(Begun {
            url: url.into(),
            kept,
        })
    }

    /// Who came back with this code. `state` is what came with it.
    pub async fn redeem(
        &self,
        redirect_uri: &str,
        kept: &Kept,
        state: &str,
        code: &str,
    ) -> Result<Redeemed, OidcError> {
        if !bool::from(kept.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(OidcError::Stale);
        }
        let known = self.known(FRESH).await?;
        let tokens = self
            .exchange(&known.discovery, redirect_uri, kept, code)
            .await?;
        let token = tokens.id_token;
        let mut claims = match self.verified(&known.keys, &token) {
            // Keys are changed now and then.
            Err(OidcError::Untrusted(_)) if known.at.elapsed() >= BETWEEN => {
                let known = self.known(Duration::ZERO).await?;
                self.verified(&known.keys, &token)?
            }
            verified => verified?,
        };
        let untrusted = |why: &str| OidcError::Untrusted(why.to_owned());
        let nonce = claims.nonce.as_deref().unwrap_or_default();
        if !bool::from(kept.nonce.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(untrusted("it is of another sign-in"));
        }
        let is_ours = claims.azp.as_deref() == Some(self.0.settings.client_id.as_str());
        if (claims.aud.len() > 1 || claims.azp.is_some()) && !is_ours {
            return Err(untrusted("it is meant for another program"));
        }
        if claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(untrusted("it names nobody"));
        }
        if let (Some(url), Some(access)) = (&known.discovery.userinfo_endpoint, tokens.access_token)
        {
            claims.complete(self.more_of(url, &access).await?)?;
        }
        Ok(Redeemed {
            identity: claims.identity(),
            token,
        })
    }

    /// Where a browser ends the session at the provider, which then sends it back; nothing where the
    /// provider has no such place. `token`: what [`Provider::redeem`] gave, where that is known still.
    pub async fn sign_out_url(
        &self,
        token: Option<&str>,
        back: &str,
    ) -> Result<Option<String>, OidcError> {
        let known = self.known(FRESH).await?;
        let Some(endpoint) = &known.discovery.end_session_endpoint else {
            return Ok(None);
        };
        let mut url = Url::parse(endpoint)
            .map_err(|error| self.unusable(format!("its end_session_endpoint: {error}")))?;
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("id_token_hint", token);
        }
        url.query_pairs_mut()
            .append_pair("client_id", &self.0.settings.client_id)
            .append_pair("post_logout_redirect_uri", back);
        Ok(Some(url.into()))
    }

    /// What the token does not say: many providers put only the subject into it.
    async fn more_of(&self, url: &str, access_token: &str) -> Result<More, OidcError> {
        let request = Request::get(url).header("authorization", &format!("Bearer {access_token}"));
        let answer = self.ok(request).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| self.unusable(format!("what it says of people: {error}")))
    }

    async fn exchange(
        &self,
        discovery: &Discovery,
        redirect_uri: &str,
        kept: &Kept,
        code: &str,
    ) -> Result<Tokens, OidcError> {
        let request = self.token_request(discovery, redirect_uri, kept, code);
        let answer = self.send(request).await?;
        if !answer.status.is_success() {
            let failure: Option<Failure> = serde_json::from_slice(&answer.body).ok();
            return Err(OidcError::Denied(failure.map_or_else(
                || format!("it answered with status {}", answer.status.as_u16()),
                |failure| format!("{} {}", failure.error, failure.error_description),
            )));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|_| OidcError::Untrusted("it gave none".to_owned()))
    }

    /// The exchange of a code, with the secret where the provider wants it.
    fn token_request(
        &self,
        discovery: &Discovery,
        redirect_uri: &str,
        kept: &Kept,
        code: &str,
    ) -> Request {
        let Settings {
            client_id,
            client_secret,
            ..
        } = &self.0.settings;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", &kept.verifier);
        let in_body = client_secret.is_none() || discovery.wants_secret_in_body();
        if in_body {
            form.append_pair("client_id", client_id);
            if let Some(secret) = client_secret {
                form.append_pair("client_secret", secret);
            }
        }
        let request = Request::post(discovery.token_endpoint.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form.finish());
        match client_secret {
            Some(secret) if !in_body => {
                let part = |text: &str| -> String {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                let both = STANDARD.encode(format!("{}:{}", part(client_id), part(secret)));
                request.header("authorization", &format!("Basic {both}"))
            }
            _ => request,
        }
    }

    fn verified(&self, keys: &JwkSet, token: &str) -> Result<Claims, OidcError> {
        let untrusted = |why: String| OidcError::Untrusted(why);
        let header = decode_header(token).map_err(|error| untrusted(error.to_string()))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(untrusted(format!("it is signed with {:?}", header.alg)));
        }
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY_S;
        validation.set_issuer(&[&self.0.settings.issuer]);
        validation.set_audience(&[&self.0.settings.client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let candidates = keys.keys.iter().filter(|key| match &header.kid {
            Some(kid) => key.common.key_id.as_ref() == Some(kid),
            None => true,
        });
        let mut why = "its key is none of the provider's".to_owned();
        for key in candidates {
            let Ok(key) = DecodingKey::from_jwk(key) else {
                continue;
            };
            match decode::<Claims>(token, &key, &validation) {
                Ok(decoded) => return Ok(decoded.claims),
                Err(error) => why = error.to_string(),
            }
        }
        Err(untrusted(why))
    }

    /// What the provider says of itself, not older than this.
    async fn known(&self, fresh: Duration) -> Result<Known, OidcError> {
        let held = self.0.known.lock().clone();
        if let Some(known) = held.filter(|known| known.at.elapsed() < fresh) {
            return Ok(known);
        }
        let issuer = &self.0.settings.issuer;
        let answer = self.ok(Request::get(Discovery::url(issuer))).await?;
        let discovery: Discovery = serde_json::from_slice(&answer.body)
            .map_err(|error| self.unusable(error.to_string()))?;
        if discovery.issuer != *issuer {
            return Err(OidcError::OtherIssuer {
                found: discovery.issuer,
                expected: issuer.clone(),
            });
        }
        let answer = self.ok(Request::get(discovery.jwks_uri.clone())).await?;
        let keys: JwkSet = serde_json::from_slice(&answer.body)
            .map_err(|error| self.unusable(format!("its keys: {error}")))?;
        let known = Known {
            discovery: Arc::new(discovery),
            keys: Arc::new(keys),
            at: Instant::now(),
        };
        *self.0.known.lock() = Some(known.clone());
        Ok(known)
    }

    async fn ok(&self, request: Request) -> Result<Answer, OidcError> {
        let answer = self
            .send(request.header("accept", "application/json"))
            .await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            let why = format!("it answered with status {}", answer.status.as_u16());
            Err(OidcError::Away(self.host(), why))
        }
    }

    async fn send(&self, request: Request) -> Result<Answer, OidcError> {
        let sent = self.0.client.send(request).await;
        sent.map_err(|error| OidcError::Away(self.host(), error.to_string()))
    }

    fn unusable(&self, why: String) -> OidcError {
        OidcError::Unusable(self.host(), why)
    }
}
