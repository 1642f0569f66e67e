//! Where a browser wants to be told of news while no page is open.

use super::{Refusal, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// Of one person; a new one takes the oldest one's place.
pub const PUSHES: usize = 20;
const ENDPOINT_BYTES: usize = 2_048;
const KEY_BYTES: usize = 128;
const USER_AGENT_BYTES: usize = 512;

/// What may be done with subscriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PushCommand {
    /// The same endpoint again is the same subscription, with new keys.
    Subscribe(NewPush),
    /// One endpoint of somebody, or all of theirs.
    Drop {
        user: UserId,
        endpoint: Option<String>,
    },
}

impl PushCommand {
    pub fn checked(self) -> Result<PushCommand, Refusal> {
        Ok(match self {
            PushCommand::Subscribe(new) => PushCommand::Subscribe(new.checked()?),
            drop @ PushCommand::Drop { .. } => drop,
        })
    }
}

/// A subscription as the browser gives it. Whether its keys are keys is checked by who reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPush {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    /// It ends with this session.
    pub session: Option<SessionId>,
    pub user_agent: String,
}

impl NewPush {
    pub fn checked(mut self) -> Result<NewPush, Refusal> {
        let is_url = ["https://", "http://"]
            .iter()
            .any(|scheme| self.endpoint.len() > scheme.len() && self.endpoint.starts_with(scheme));
        if self.endpoint.len() > ENDPOINT_BYTES {
            return Err(Refusal::too_long("endpoint", ENDPOINT_BYTES, "bytes"));
        }
        if !is_url || !self.endpoint.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::invalid(
                "endpoint",
                "`endpoint` is the URL of a push service.",
            ));
        }
        for (name, key) in [("keys.p256dh", &self.p256dh), ("keys.auth", &self.auth)] {
            if key.len() > KEY_BYTES {
                return Err(Refusal::too_long(name, KEY_BYTES, "bytes"));
            }
        }
        while self.user_agent.len() > USER_AGENT_BYTES {
            self.user_agent.pop();
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url() {
        let at = |endpoint: &str| NewPush {
            endpoint: endpoint.to_owned(),
            p256dh: String::new(),
            auth: String::new(),
            session: None,
            user_agent: "x".repeat(600),
        };
        let good = at("https://push.example/send/abc").checked().expect("good");
        assert_eq!(good.user_agent.len(), USER_AGENT_BYTES);
        for bad in ["", "https://", "ftp://a/b", "https://a/b c", "https://a/가"] {
            assert!(at(bad).checked().is_err(), "{bad}");
        }
        assert!(
            at(&format!("https://a/{}", "x".repeat(3_000)))
                .checked()
                .is_err()
        );
    }
}
