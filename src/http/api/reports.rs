//! Reports of browsers that a page broke the content security policy: counted, a few of them logged.

use crate::domain::{Code, Refusal};
use crate::http::{
    answers::Done,
    app::App,
    handler::{Call, Part},
    openapi::Doc,
};
use parking_lot::Mutex;
use serde::Deserialize;
use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

const REPORT_BYTES: usize = 32 * 1024;
/// Anybody can send reports, so the log takes few.
const LOGGED_EVERY: Duration = Duration::from_secs(60);

/// The body of a report.
pub struct Report(bytes::Bytes);

impl Part for Report {
    fn describe(_: &mut Doc) {}
    async fn take(call: &mut Call) -> Result<Report, Refusal> {
        let body = std::mem::take(&mut call.body);
        let bytes = crate::http::body::read(&call.parts.headers, body, REPORT_BYTES).await?;
        Ok(Report(bytes))
    }
}

/// What is looked at in either of the two forms.
#[derive(Deserialize)]
struct Violation {
    #[serde(alias = "effectiveDirective", alias = "effective-directive")]
    #[serde(rename = "violated-directive", default)]
    directive: String,
    #[serde(alias = "blockedURL", rename = "blocked-uri", default)]
    blocked: String,
}

pub async fn receive(app: App, Report(bytes): Report) -> Result<Done, Refusal> {
    let violations = violations(&bytes).ok_or_else(|| {
        Refusal::new(
            Code::BadRequest,
            "This is no report of a broken content security policy.",
        )
    })?;
    let reports = &app.services().load.policy_reports;
    reports.fetch_add(violations.len() as u64, Relaxed);
    static LOGGED_AT: Mutex<Option<Instant>> = Mutex::new(None);
    let mut logged_at = LOGGED_AT.lock();
    if let Some(Violation { directive, blocked }) = violations.first()
        && logged_at.is_none_or(|at| at.elapsed() >= LOGGED_EVERY)
    {
        *logged_at = Some(Instant::now());
        let (directive, blocked) = (shown(directive), shown(blocked));
        tracing::warn!(%directive, %blocked, "a browser reported a broken content security policy");
    }
    Ok(Done)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// `report-uri` sends one object, `report-to` a list.
fn violations(bytes: &[u8]) -> Option<Vec<Violation>> {
    #[derive(Deserialize)]
    struct One {
        #[serde(rename = "csp-report")]
        report: Violation,
    }
    #[derive(Deserialize)]
    struct Listed {
        body: Violation,
    }
    // The list first: a list would also be read as an object's fields in their order.
    if let Ok(listed) = serde_json::from_slice::<Vec<Listed>>(bytes) {
        return Some(listed.into_iter().map(|listed| listed.body).collect());
    }
    let One { report } = serde_json::from_slice(bytes).ok()?;
    Some(vec![report])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let one = br#"{"csp-report":{"violated-directive":"img-src","blocked-uri":"data"}}"#;
        let listed = br#"[{"type":"csp-violation","body":{"effectiveDirective":"img-src","blockedURL":"data"}}]"#;
        for text in [&one[..], &listed[..]] {
            let found = violations(text).expect("reads");
            assert_eq!(
                (&*found[0].directive, &*found[0].blocked),
                ("img-src", "data")
            );
        }
        assert!(violations(b"{}").is_none());
    }
}
