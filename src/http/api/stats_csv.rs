//! Tables of the figures as text that spreadsheets read.

use super::stats::StatsPage;
use crate::domain::Refusal;
use crate::http::{answers::Plain, body::Body, stats::speed::Took};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use std::fmt::Write as _;

pub fn csv(page: &StatsPage, table: &str) -> Result<Plain, Refusal> {
    // A cell that begins like a formula is none in a spreadsheet.
    let cell = |text: &str| {
        let guard = if text.starts_with(['=', '+', '-', '@']) {
            "'"
        } else {
            ""
        };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    let mut out = String::new();
    let _ = match table {
        "days" => {
            out.push_str("date,messages,active,searches\r\n");
            page.days.iter().try_for_each(|row| {
                write!(
                    out,
                    "{},{},{},{}\r\n",
                    row.date, row.messages, row.active, row.searches
                )
            })
        }
        "rooms" => {
            out.push_str("room,messages\r\n");
            page.rooms.iter().try_for_each(|row| {
                write!(
                    out,
                    "{},{}\r\n",
                    cell(row.name.as_deref().unwrap_or("")),
                    row.messages
                )
            })
        }
        "words" => {
            out.push_str("word,count,before\r\n");
            page.words.iter().try_for_each(|row| {
                write!(out, "{},{},{}\r\n", cell(&row.word), row.count, row.before)
            })
        }
        "hours" => {
            out.push_str("weekday,hour,messages\r\n");
            page.hours
                .iter()
                .enumerate()
                .try_for_each(|(weekday, hours)| {
                    hours.iter().enumerate().try_for_each(|(hour, count)| {
                        write!(out, "{},{hour},{count}\r\n", weekday + 1)
                    })
                })
        }
        "speed" => {
            out.push_str("at,latency_count,latency_p50_ms,latency_p95_ms,latency_p99_ms,delivery_count,delivery_p50_ms,delivery_p95_ms,delivery_p99_ms\r\n");
            let took = |took: &Took| {
                let ms = |ms: Option<f64>| ms.map(|ms| ms.to_string()).unwrap_or_default();
                let Took { count, .. } = took;
                format!(
                    "{count},{},{},{}",
                    ms(took.p50_ms),
                    ms(took.p95_ms),
                    ms(took.p99_ms)
                )
            };
            page.speed.rows.iter().try_for_each(|row| {
                let (latency, delivery) = (took(&row.latency), took(&row.delivery));
                write!(out, "{},{latency},{delivery}\r\n", row.at)
            })
        }
        _ => {
            return Err(Refusal::invalid(
                "table",
                "`table` is days, rooms, words, hours or speed.",
            ));
        }
    };
    let mut response = Response::new(Body::from(out));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"stats.csv\""),
    );
    Ok(Plain { response })
}
