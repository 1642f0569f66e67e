//! One attempt to deliver one event.

use super::sign;
use crate::domain::Timestamp;
use crate::outbound::{Bounds, Client, Request, header};
use crate::state::WebhookRecord;
use std::time::Duration;

/// The other side has so long.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of its answer only the status counts.
const ANSWER_BYTES: usize = 16 << 10;

/// When to try again after so many attempts: quickly at first, over four days in all.
const RETRY_AFTER_S: &[u64] = &[
    1, 5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400,
];

/// What became of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt {
    Taken,
    /// Try again, not before what the other side asks for.
    Failed {
        reason: String,
        not_before_s: Option<u64>,
    },
    /// Never again.
    Refused(String),
}

/// Seconds until the next attempt; none where it is given up.
pub fn retry_after_s(attempts: u32) -> Option<u64> {
    RETRY_AFTER_S
        .get(attempts.saturating_sub(1) as usize)
        .copied()
}

/// An event as it is sent. The id is the same in every attempt.
pub struct Delivery<'a> {
    pub id: &'a str,
    pub body: &'a str,
}

pub async fn attempt(
    client: &Client,
    hook: &WebhookRecord,
    delivery: &Delivery<'_>,
    now: Timestamp,
) -> Attempt {
    let timestamp_s = now.0.div_euclid(1000);
    let body = delivery.body.as_bytes();
    let Some(signature) = sign(&hook.secret, delivery.id, timestamp_s, body) else {
        return Attempt::Refused("its secret cannot sign".to_owned());
    };
    let request = Request::post(hook.url.as_str())
        .header("content-type", "application/json")
        .header("webhook-id", delivery.id)
        .header("webhook-timestamp", &timestamp_s.to_string())
        .header("webhook-signature", &signature)
        .body(body.to_vec())
        .bounds(Bounds {
            total: PATIENCE,
            body_bytes: ANSWER_BYTES,
            cut: true,
            ..Bounds::default()
        });
    let answer = match client.send(request).await {
        Ok(answer) => answer,
        Err(error) if error.is_passing() => {
            return Attempt::Failed {
                reason: error.to_string(),
                not_before_s: None,
            };
        }
        Err(error) => return Attempt::Refused(error.to_string()),
    };
    let status = answer.status;
    if status.is_success() {
        return Attempt::Taken;
    }
    if status.as_u16() == 410 {
        return Attempt::Refused("it answered 410: it wants nothing more".to_owned());
    }
    let not_before_s = answer
        .headers
        .get(header::RETRY_AFTER)
        .filter(|_| matches!(status.as_u16(), 429 | 503))
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(|seconds: u64| seconds.min(86_400));
    Attempt::Failed {
        reason: format!("it answered {}", status.as_u16()),
        not_before_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_go_on_for_days_and_end() {
        let waits: Vec<u64> = (1..).map_while(retry_after_s).collect();
        assert!(waits.is_sorted());
        assert!(waits.iter().sum::<u64>() > 4 * 86_400 - 20_000);
        assert_eq!(retry_after_s(waits.len() as u32 + 1), None);
    }
}
