//! One message to one browser, as RFC 8030 has it.

use super::audience::Push;
use crate::domain::push::PushCommand;
use crate::domain::{Actor, Command, UserId};
use crate::engine::Engine;
use crate::outbound::{Answer, Bounds, Client, Request, Url};
use crate::push::{Receiver, Vapid};
use crate::state::records::PushRecord;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// Requests at the same time.
const AT_ONCE: usize = 32;
/// Waiting and under way; beyond, what comes is not sent.
const ALL: usize = 4_096;
/// A push service keeps it for a browser that sleeps: longer, and nobody wants to be told any more.
const TTL_S: u32 = 24 * 3600;
/// Waits between tries.
const RETRIES_S: [u64; 4] = [2, 15, 60, 300];
const RETRY_MAX_S: u64 = 600;
const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(15),
    body_bytes: 4_096,
    cut: true,
    redirects: 0,
};

#[derive(Clone)]
pub struct Sender {
    engine: Engine,
    client: Client,
    vapid: Arc<Vapid>,
    subject: Arc<str>,
    at_once: Arc<Semaphore>,
    all: Arc<Semaphore>,
}

/// What is to be done after a try.
#[derive(Debug, PartialEq)]
enum Next {
    Done,
    /// The browser is gone.
    Drop,
    /// It will not be taken, however often it is sent.
    GiveUp,
    Again(Option<u64>),
}

impl Sender {
    pub fn new(engine: Engine, client: Client, vapid: Arc<Vapid>, subject: String) -> Sender {
        Sender {
            engine,
            client,
            vapid,
            subject: subject.into(),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            all: Arc::new(Semaphore::new(ALL)),
        }
    }

    /// Sends in the background.
    pub fn take(&self, pushes: Vec<Push>) {
        for Push {
            user,
            to,
            topic,
            is_urgent,
            body,
        } in pushes
        {
            let Ok(plain) = serde_json::to_vec(&body) else {
                continue;
            };
            let plain: Arc<[u8]> = plain.into();
            for push in to {
                let Ok(place) = Arc::clone(&self.all).try_acquire_owned() else {
                    tracing::warn!("too many pushes wait; one is not sent");
                    return;
                };
                let (sender, topic, plain) = (self.clone(), topic.clone(), plain.clone());
                tokio::spawn(async move {
                    sender.deliver(user, &push, &topic, is_urgent, &plain).await;
                    drop(place);
                });
            }
        }
    }

    async fn deliver(
        &self,
        user: UserId,
        push: &PushRecord,
        topic: &str,
        is_urgent: bool,
        plain: &[u8],
    ) {
        let mut waits = RETRIES_S.into_iter();
        loop {
            let next = {
                let Ok(_turn) = self.at_once.acquire().await else {
                    return;
                };
                self.attempt(push, topic, is_urgent, plain).await
            };
            match next {
                Next::Done | Next::GiveUp => return,
                Next::Drop => {
                    let drop = Command::Push(PushCommand::Drop {
                        user,
                        endpoint: Some(push.endpoint.clone()),
                    });
                    // If it does not come into the log now, the next push finds it again.
                    let _ = self.engine.submit(Actor::System, drop).await;
                    return;
                }
                Next::Again(after_s) => {
                    let Some(wait_s) = waits.next() else { return };
                    let wait_s = after_s.unwrap_or(wait_s).min(RETRY_MAX_S);
                    sleep(Duration::from_secs(wait_s)).await;
                }
            }
        }
    }

    async fn attempt(&self, push: &PushRecord, topic: &str, is_urgent: bool, plain: &[u8]) -> Next {
        let sealed = Receiver::new(&push.p256dh, &push.auth).and_then(|to| to.seal(plain));
        let Ok(sealed) = sealed else {
            return Next::Drop;
        };
        let Some(audience) = origin(&push.endpoint) else {
            return Next::Drop;
        };
        let now_s = self.engine.now().0 / 1_000;
        let Ok(authorization) = self.vapid.authorization(&audience, &self.subject, now_s) else {
            return Next::Again(None);
        };
        let request = Request::post(&push.endpoint)
            .header("ttl", &TTL_S.to_string())
            .header("urgency", if is_urgent { "high" } else { "normal" })
            .header("topic", topic)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("authorization", &authorization)
            .body(sealed)
            .bounds(BOUNDS);
        match self.client.send(request).await {
            Ok(answer) => judge(&answer, &audience),
            Err(error) if error.is_passing() => {
                tracing::debug!(%error, "a push is tried again");
                Next::Again(None)
            }
            Err(error) => {
                tracing::warn!(%error, "a push cannot be sent");
                Next::GiveUp
            }
        }
    }
}

fn judge(answer: &Answer, service: &str) -> Next {
    let status = answer.status;
    if status.is_success() {
        return Next::Done;
    }
    match status.as_u16() {
        404 | 410 => Next::Drop,
        429 | 500..=599 => {
            let after = answer.headers.get("retry-after");
            Next::Again(after.and_then(|value| value.to_str().ok()?.trim().parse().ok()))
        }
        _ => {
            tracing::warn!(%status, service, "a push service does not take a push");
            Next::GiveUp
        }
    }
}

/// `https://push.example:8443`, for the token.
fn origin(endpoint: &str) -> Option<String> {
    let origin = Url::parse(endpoint).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{HeaderMap, StatusCode};

    fn judged(status: u16, retry_after: Option<&str>) -> Next {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert("retry-after", value.parse().expect("a value"));
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers,
            body: Default::default(),
            is_cut: false,
            url: Url::parse("https://push.example/").expect("a URL"),
        };
        judge(&answer, "push.example")
    }

    #[test]
    fn an_answer_says_what_to_do() {
        assert_eq!(judged(201, None), Next::Done);
        assert_eq!(judged(410, None), Next::Drop);
        assert_eq!(judged(404, None), Next::Drop);
        assert_eq!(judged(413, None), Next::GiveUp);
        assert_eq!(judged(429, Some("7")), Next::Again(Some(7)));
        assert_eq!(judged(503, Some("tomorrow")), Next::Again(None));
    }

    #[test]
    fn the_token_is_for_the_origin_alone() {
        assert_eq!(
            origin("https://push.example:8443/send/abc?x=1").as_deref(),
            Some("https://push.example:8443")
        );
        assert_eq!(origin("data:text/plain,a"), None);
    }
}
