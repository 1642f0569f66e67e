//! When a certificate is asked for: there is none, or a third of its time is left.

use crate::client::ByOutbound;
use crate::issue::{Answers, Issuer};
use crate::store::{Store, Tries};
use crate::window::{self, Planned};
use crate::{AcmeError, Settings};
use maru_outbound::Client;
use maru_tls::{Certificate, Validity, day};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long to wait after tries that failed.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After the first one; each further one doubles it.
    pub first: Duration,
    pub longest: Duration,
}

impl Default for Pace {
    /// Let's Encrypt lets five tries an hour fail.
    fn default() -> Pace {
        Pace {
            first: Duration::from_secs(15 * 60),
            longest: Duration::from_secs(12 * 3600),
        }
    }
}

/// A clock that was set, or a machine that slept, is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Where it could not be asked when to renew.
const ASK_AGAIN: Duration = Duration::from_secs(3600);
/// Numbers that were used up are asked for anew so often before a try has failed.
const NONCES: u32 = 5;

/// How it went. Clones are the same.
#[derive(Clone, Default)]
pub struct Status {
    tries: Arc<Mutex<Tries>>,
}

impl Status {
    /// Tries that failed since the last one that did not.
    pub fn failed(&self) -> u32 {
        self.tries.lock().failed
    }
}

pub struct Renewal {
    settings: Settings,
    client: ByOutbound,
    store: Store,
    certificate: Arc<Certificate>,
    answers: Answers,
    status: Status,
}

impl Renewal {
    pub fn new(
        settings: Settings,
        client: Client,
        certificate: Arc<Certificate>,
        answers: Answers,
    ) -> Renewal {
        let store = Store {
            folder: settings.folder.clone(),
        };
        let status = Status {
            tries: Arc::new(Mutex::new(store.tries())),
        };
        Renewal {
            client: ByOutbound::new(client),
            settings,
            store,
            certificate,
            answers,
            status,
        }
    }

    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Asks for certificates as they are due, for ever.
    pub async fn run(self) {
        // Whoever mended something and starts again waits no longer than after one failed try.
        let mut not_before = match self.status.failed() {
            0 => 0,
            _ => self.status.tries.lock().last + seconds(self.settings.pace.first),
        };
        let mut asked: Option<(Instant, Planned)> = None;
        loop {
            self.ask_when(&mut asked).await;
            let planned = asked.as_ref().map(|(_, planned)| planned);
            let due = due(self.certificate.validity(), planned).max(not_before);
            let wait = u64::try_from(due - now()).unwrap_or(0);
            if wait > 0 {
                tokio::time::sleep(Duration::from_secs(wait).min(LOOK_EVERY)).await;
                continue;
            }
            // With a time of their own they know the certificate.
            let is_known = asked
                .as_ref()
                .is_some_and(|(_, planned)| planned.at.is_some());
            match self.renew(is_known).await {
                Ok(until) => {
                    tracing::info!("a new certificate is in force, until {}", day(until));
                    not_before = 0;
                }
                Err(error) => {
                    let wait = self.failed(&error);
                    not_before = now() + seconds(wait);
                    let before = match self.certificate.validity() {
                        Some(held) => format!("the one in force ends on {}", day(held.until)),
                        None => "until then nobody can connect by https".to_owned(),
                    };
                    let minutes = wait.as_secs().div_ceil(60);
                    tracing::error!("{error}; it is tried again in {minutes} minutes; {before}");
                }
            }
        }
    }

    /// Asks when the one in force is to be renewed, as often as was said.
    async fn ask_when(&self, asked: &mut Option<(Instant, Planned)>) {
        let Some(der) = self.certificate.shown().into_iter().next() else {
            return;
        };
        let name = window::identifier_of(&der).map(|name| name.to_string());
        let is_fresh = asked.as_ref().is_some_and(|(since, planned)| {
            since.elapsed() < planned.ask_again
                && name.as_ref().is_none_or(|name| *name == planned.name)
        });
        if is_fresh {
            return;
        }
        let directory = &self.settings.directory;
        match window::ask(self.client.client(), directory, &der).await {
            Ok(planned) => {
                let before = asked.as_ref().and_then(|(_, planned)| planned.at);
                if let Some(at) = planned.at.filter(|at| Some(*at) != before) {
                    let why = planned.why.as_deref().unwrap_or("no reason is told");
                    tracing::info!("the certificate is to be renewed on {} ({why})", day(at));
                }
                *asked = Some((Instant::now(), planned));
            }
            Err(error) => {
                tracing::debug!("when to renew is not told: {error}");
                // What was said before holds; the time left decides otherwise.
                let before = asked.take().map(|(_, planned)| planned);
                let planned = Planned {
                    name: name.unwrap_or_default(),
                    at: before.as_ref().and_then(|before| before.at),
                    why: before.and_then(|before| before.why),
                    ask_again: ASK_AGAIN,
                };
                *asked = Some((Instant::now(), planned));
            }
        }
    }

    /// Gets one and shows it; when it ends, in seconds since 1970.
    async fn renew(&self, is_known: bool) -> Result<i64, AcmeError> {
        let issuer = Issuer {
            settings: &self.settings,
            client: &self.client,
            store: &self.store,
            answers: &self.answers,
            certificate: &self.certificate,
        };
        let ways = &self.settings.ways;
        let failed = self.status.failed() as usize;
        let way = ways.get(failed % ways.len().max(1));
        let way = *way.ok_or_else(|| AcmeError::Broken("no port is open for it".to_owned()))?;
        let mut nonces = 0;
        let pem = loop {
            let before = self.certificate.shown().into_iter().next();
            let before = before.filter(|_| is_known);
            let replaces = before.and_then(|der| window::identifier_of(&der));
            match issuer.issue(way, replaces).await {
                Err(error) if error.is_nonce() && nonces < NONCES => nonces += 1,
                done => break done?,
            }
        };
        let name = self.settings.names.first().map_or("", String::as_str);
        self.store.keep_certificate(name, &pem)?;
        if let Some(Err(error)) = self.certificate.refresh() {
            return Err(AcmeError::Broken(error.to_string()));
        }
        self.note(Tries::default());
        Ok(self.certificate.valid_until())
    }

    /// Counts it; how long to wait.
    fn failed(&self, error: &AcmeError) -> Duration {
        let failed = self.status.failed().saturating_add(1);
        self.note(Tries {
            failed,
            last: now(),
            why: error.to_string(),
        });
        let Pace { first, longest } = self.settings.pace;
        let wait = first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        let asked = error.retry_after().unwrap_or_default();
        wait.min(longest)
            .max(asked.min(Duration::from_secs(7 * 86_400)))
    }

    fn note(&self, tries: Tries) {
        let mut held = self.status.tries.lock();
        if *held != tries {
            if let Err(error) = self.store.keep_tries(&tries) {
                tracing::warn!("{error}");
            }
            *held = tries;
        }
    }
}

/// Before a third of its time is left, or when whoever gave it says so, while it is valid; in seconds
/// since 1970.
fn due(validity: Option<Validity>, planned: Option<&Planned>) -> i64 {
    let Some(Validity { from, until }) = validity else {
        return 0;
    };
    let own = until - (until - from) / 3;
    match planned.and_then(|planned| planned.at) {
        // A day is left for tries that fail, a third of what lives for days.
        Some(at) => at.min(until - ((until - from) / 3).min(86_400)),
        None => own,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, seconds)
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_is_left() {
        let day = 86_400;
        let held = Validity {
            from: 100 * day,
            until: 190 * day,
        };
        assert_eq!(due(Some(held), None), 160 * day);
        assert_eq!(due(None, None), 0);
        let planned = |at| Planned {
            name: String::new(),
            at: Some(at),
            why: None,
            ask_again: ASK_AGAIN,
        };
        // Sooner, because it is to be revoked; later; and never too late.
        for (said, expected) in [(101, 101), (170, 170), (200, 189)] {
            let found = due(Some(held), Some(&planned(said * day)));
            assert_eq!(found, expected * day, "{said}");
        }
    }
}
