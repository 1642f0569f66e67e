//! Alertmanager's webhook, version 4, and Grafana's, which is the same with more.

use super::{BadPayload, Post, link, text};
use serde_json::Value;
use std::fmt::Write as _;

/// Alerts that are listed.
const ALERTS: usize = 20;

pub fn read(value: &Value) -> Result<Post, BadPayload> {
    let Some(alerts) = value.get("alerts").and_then(Value::as_array) else {
        return older_grafana(value);
    };
    let status = text(value, "/status");
    let sign = |status: &str| if status == "resolved" { "✅" } else { "🔥" };
    let name = match text(value, "/commonLabels/alertname") {
        "" => match text(value, "/groupLabels/alertname") {
            "" => text(value, "/title"),
            name => name,
        },
        name => name,
    };
    let firing = alerts
        .iter()
        .filter(|alert| text(alert, "/status") != "resolved")
        .count();
    let count = match status {
        "resolved" => "RESOLVED".to_owned(),
        _ => format!("FIRING:{firing}"),
    };
    let url = text(value, "/externalURL");
    let mut out = format!("{} **[{count}] {}**", sign(status), link(name, url));
    let summary = text(value, "/commonAnnotations/summary");
    if !summary.is_empty() {
        let _ = write!(out, "\n{summary}");
    }
    for alert in alerts.iter().take(ALERTS) {
        let own = |field: &str| {
            let own = text(alert, &format!("/annotations/{field}"));
            if own == text(value, &format!("/commonAnnotations/{field}")) && field == "summary" {
                ""
            } else {
                own
            }
        };
        let _ = write!(
            out,
            "\n- {} {}",
            sign(text(alert, "/status")),
            labels(alert)
        );
        for words in [own("summary"), own("description")] {
            if !words.is_empty() {
                let _ = write!(out, " — {words}");
            }
        }
        let source = match text(alert, "/generatorURL") {
            "" => text(alert, "/panelURL"),
            url => url,
        };
        if !source.is_empty() {
            let _ = write!(out, " ({})", link("source", source));
        }
    }
    if alerts.len() > ALERTS {
        let _ = write!(out, "\n- … and {} more", alerts.len() - ALERTS);
    }
    if alerts.is_empty() && name.is_empty() && summary.is_empty() {
        return Err(BadPayload::NoText);
    }
    Post::of(out)
}

fn labels(alert: &Value) -> String {
    let labels = alert.get("labels").and_then(Value::as_object);
    let words: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("`{}`", words.join(" ").replace('`', "'"))
    }
}

/// Grafana before its own alerting: one rule, one message.
fn older_grafana(value: &Value) -> Result<Post, BadPayload> {
    let title = match text(value, "/title") {
        "" => text(value, "/ruleName"),
        title => title,
    };
    if title.is_empty() {
        return Err(BadPayload::Invalid);
    }
    let mut out = format!("**{}**", link(title, text(value, "/ruleUrl")));
    let state = text(value, "/state");
    if !state.is_empty() {
        let _ = write!(out, ": {state}");
    }
    let message = text(value, "/message");
    if !message.is_empty() {
        let _ = write!(out, "\n{message}");
    }
    Post::of(out)
}
