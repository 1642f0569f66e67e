//! What every handler can reach.

use super::{
    assets::Assets, chat::Chat, guard::Caller, services::Services, sign_in::SignedIn, sso::Sso,
};
use crate::auth::credentials::Cookie;
use crate::auth::forwarded;
use crate::auth::origin::{NotAnOrigin, Origins};
use crate::config::{Network, Origin, PublicUrl, Signup};
use crate::domain::{Actor, Command, Outcome, Position, Refusal, Timestamp, UserId};
use crate::engine::Engine;
use crate::mail::Mailer;
use crate::state::{self, Reader};
use axum::http::{HeaderMap, HeaderValue, header};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A device that is not used for so long is a stranger's.
const DEVICE_MAX_AGE_S: u64 = 400 * 24 * 3600;

/// What the door has to be told.
#[derive(Clone)]
pub struct Settings {
    /// What the people who run the server call it.
    pub name: String,
    pub signup: Signup,
    /// Where people reach the server, if that is not where it listens.
    pub public_url: Option<PublicUrl>,
    /// Origins besides the server's own whose pages may use it.
    pub origins: Vec<Origin>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The provider that people may sign in through.
    pub sso: Option<Sso>,
    /// Who sends letters.
    pub mail: Option<Mailer>,
    /// People reach the server by TLS, which it speaks itself.
    pub is_tls: bool,
    /// How long rooms without a rule of their own keep messages; for ever if `None`.
    pub retention_days: Option<u32>,
    /// What messages said before they were edited is kept, for administrators.
    pub edit_history: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: "Maru".to_owned(),
            signup: Signup::Invite,
            public_url: None,
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            sso: None,
            mail: None,
            is_tls: false,
            retention_days: None,
            edit_history: false,
        }
    }
}

/// The application behind the door. Clones are the same application.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
    /// Who asks, where it is known: for shares of what is bounded.
    asking: UserId,
}

struct Inner {
    services: Services,
    settings: Settings,
    origins: Arc<Origins>,
    cookie: Cookie,
    assets: Assets,
    chat: Chat,
    /// Once there is an administrator there always is one: the last one has to stay.
    has_admin: AtomicBool,
}

impl App {
    /// Needs a tokio runtime: the chat's timers begin here.
    pub fn new(services: Services, settings: Settings) -> Result<App, NotAnOrigin> {
        let public_url = settings.public_url.as_ref().map(ToString::to_string);
        let allowed: Vec<String> = settings
            .origins
            .iter()
            .map(|origin| origin.as_str().to_owned())
            .collect();
        let origins = Arc::new(Origins::new(public_url.as_deref(), &allowed)?);
        let cookie = if settings.is_tls {
            Cookie::secure()
        } else {
            Cookie::of(public_url.as_deref())
        };
        let chat = Chat::new(&services, &settings, origins.clone(), cookie);
        let inner = Inner {
            services,
            settings,
            origins,
            cookie,
            assets: Assets::default(),
            chat,
            has_admin: AtomicBool::new(false),
        };
        Ok(App {
            inner: Arc::new(inner),
            asking: UserId(0),
        })
    }

    /// The same application, asked by this person.
    pub fn asked_by(&self, person: UserId) -> App {
        App {
            inner: Arc::clone(&self.inner),
            asking: person,
        }
    }

    /// Whether somebody manages the node. Looks through all accounts until somebody does.
    pub fn has_admin(&self) -> Result<bool, Refusal> {
        if self.inner.has_admin.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let found = self.read()?.has_admin()?;
        self.inner.has_admin.store(found, Ordering::Relaxed);
        Ok(found)
    }

    pub fn services(&self) -> &Services {
        &self.inner.services
    }

    pub fn engine(&self) -> &Engine {
        &self.inner.services.engine
    }

    pub fn origins(&self) -> &Origins {
        &self.inner.origins
    }

    pub fn cookie(&self) -> Cookie {
        self.inner.cookie
    }

    /// The cookie that begins a session in a browser.
    pub fn session_cookie(&self, signed_in: &SignedIn) -> HeaderValue {
        let left_ms = signed_in.expires_at.0 - self.engine().now().0;
        let max_age_s = u64::try_from(left_ms / 1000).unwrap_or(0);
        visible(&self.cookie().set(&signed_in.token, max_age_s))
    }

    /// The cookie by which the device is known when it signs in again.
    pub fn device_cookie(&self, device: &str) -> HeaderValue {
        visible(&self.cookie().set_device(device, DEVICE_MAX_AGE_S))
    }

    /// The cookie that ends it.
    pub fn no_cookie(&self) -> HeaderValue {
        visible(&self.cookie().clear())
    }

    /// Where people reach the server: as it was configured, else as this request did.
    pub fn base_url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.settings().public_url {
            return url.to_string();
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let scheme = if self.settings().is_tls {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", host.unwrap_or("localhost"))
    }

    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Who sends letters, if letters are sent.
    pub fn mail(&self) -> Option<&Mailer> {
        self.settings().mail.as_ref()
    }

    /// The provider that people may sign in through.
    pub fn sso(&self) -> Option<&Sso> {
        self.settings().sso.as_ref()
    }

    pub fn assets(&self) -> &Assets {
        &self.inner.assets
    }

    pub fn chat(&self) -> &Chat {
        &self.inner.chat
    }

    /// People reach the server by https.
    pub fn is_https(&self) -> bool {
        let url = self.settings().public_url.as_ref();
        self.settings().is_tls || url.is_some_and(|url| url.origin().is_https())
    }

    /// Does what the caller asks; answered when it is durable and every reader sees it.
    pub async fn submit(&self, caller: &Caller, command: Command) -> Result<Outcome, Refusal> {
        let actor = Actor::User(caller.user.id);
        let command = command.asked_from(caller.origin.clone());
        self.engine().submit(actor, command).await
    }

    /// As [`Services::here`].
    pub async fn here(&self) -> Result<Position, Refusal> {
        self.services().here().await
    }

    /// The state as it is now, for small reads.
    pub fn read(&self) -> Result<Reader, Refusal> {
        self.engine().read()
    }

    /// A read that grows with the data, off the threads that serve sockets; only so many at once.
    pub async fn big_read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> state::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = self.clone();
        let lists = &self.services().load.lists;
        let read = move || Ok(read(&app.read()?)?);
        lists.run(self.asking, read).await
    }

    /// The position behind everything that came before a time; read off the disk.
    pub async fn position_at(&self, at: Timestamp) -> Result<Position, Refusal> {
        let engine = self.engine().clone();
        let lists = &self.services().load.lists;
        lists
            .run(self.asking, move || engine.position_before(at))
            .await
    }

    /// Where a request comes from: behind a trusted proxy, whom the proxy names.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |address| self.is_proxy(address);
        let fields = |name| {
            let values = headers.get_all(name).iter();
            values.map(HeaderValue::as_bytes)
        };
        forwarded::client(
            peer,
            fields("x-forwarded-for"),
            fields("forwarded"),
            trusted,
        )
    }

    /// Whether an address may be anybody's, because requests of others come from it.
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        let proxies = &self.settings().trusted_proxies;
        proxies.iter().any(|network| network.contains(address))
    }
}

/// Tokens and attributes are ASCII; what is not would be no cookie of ours.
fn visible(cookie: &str) -> HeaderValue {
    HeaderValue::from_str(cookie).unwrap_or(HeaderValue::from_static(""))
}
