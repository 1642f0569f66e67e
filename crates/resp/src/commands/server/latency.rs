//! LATENCY: moments when a command took long, and how long each command takes.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::index::{Row, Table};
use super::super::super::table::{ADMIN, Command, LOADING, NOSCRIPT, STALE};
use std::fmt::Write;

const FLAGS: u32 = ADMIN | NOSCRIPT | LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("doctor", 2, FLAGS, doctor).says("2.8.13", "What took long lately, in words."),
    Command::plain("graph", 3, FLAGS, graph)
        .says("2.8.13", "Spikes of one kind, drawn.")
        .written("event"),
    Command::plain("help", 2, LOADING | STALE, help).says("2.8.13", "What the subcommands do."),
    Command::plain("histogram", -2, FLAGS, histogram)
        .says("7.0.0", "How long commands took, and how often.")
        .written("[command...]"),
    Command::plain("history", 3, FLAGS, history)
        .says("2.8.13", "Spikes of one kind.")
        .written("event"),
    Command::plain("latest", 2, FLAGS, latest).says("2.8.13", "The last spike of each kind."),
    Command::plain("reset", -2, FLAGS, reset)
        .says("2.8.13", "Forgets the spikes.")
        .written("[event...]"),
];

fn history(call: &mut Call<'_>) -> Answer {
    let event = event(call);
    let samples: Vec<(u64, u64)> =
        event.map_or_else(Vec::new, |it| it.samples.iter().copied().collect());
    call.out.array(samples.len());
    for (at_s, ms) in samples {
        call.out.array(2);
        call.out.integer(at_s as i64);
        call.out.integer(ms as i64);
    }
    Ok(())
}

fn event<'c>(call: &'c Call<'_>) -> Option<&'c super::super::super::latency::Event> {
    let name = String::from_utf8_lossy(call.args[2]).to_ascii_lowercase();
    call.world.spikes.events.get(name.as_str())
}

fn latest(call: &mut Call<'_>) -> Answer {
    let events = &call.world.spikes.events;
    call.out.array(events.len());
    for (name, event) in events {
        let (at_s, ms) = event.samples.back().copied().unwrap_or_default();
        call.out.array(4);
        call.out.bulk(name.as_bytes());
        call.out.integer(at_s as i64);
        call.out.integer(ms as i64);
        call.out.integer(event.max_ms as i64);
    }
    Ok(())
}

fn histogram(call: &mut Call<'_>) -> Answer {
    let table = Table::get();
    let mut rows: Vec<&Row> = Vec::new();
    match call.args.len() {
        2 => rows.extend(table.rows()),
        _ => {
            for row in call.args[2..].iter().filter_map(|name| table.named(name)) {
                rows.push(row);
                rows.extend(table.subcommands(row));
            }
        }
    }
    rows.retain(|row| call.world.stats.rows[row.id].times.is_some());
    let out = &mut *call.out;
    out.map(rows.len());
    for row in rows {
        let Some(times) = &call.world.stats.rows[row.id].times else {
            continue;
        };
        out.bulk(row.full_name.as_bytes());
        out.map(2);
        out.bulk(b"calls");
        out.integer(times.count as i64);
        out.bulk(b"histogram_usec");
        let lines = times.cumulative();
        out.map(lines.len());
        for (limit_us, count) in lines {
            out.integer(limit_us as i64);
            out.integer(count as i64);
        }
    }
    Ok(())
}

fn reset(call: &mut Call<'_>) -> Answer {
    let events = &mut call.world.spikes.events;
    let before = events.len();
    match call.args.len() {
        2 => events.clear(),
        _ => {
            for name in &call.args[2..] {
                events.retain(|known, _| !name.eq_ignore_ascii_case(known.as_bytes()));
            }
        }
    }
    let removed = before - events.len();
    call.out.count(removed);
    Ok(())
}

fn doctor(call: &mut Call<'_>) -> Answer {
    let mut text = String::new();
    if call.world.settings.spikes_from.is_none() {
        text.push_str(
            "Spikes are not collected: CONFIG SET latency-monitor-threshold <milliseconds> begins it. LATENCY \
             HISTOGRAM tells how long each command takes anyway.\n",
        );
    } else if call.world.spikes.events.is_empty() {
        text.push_str("Nothing took longer than the threshold so far.\n");
    }
    for (name, event) in &call.world.spikes.events {
        let sum: u64 = event.samples.iter().map(|(_, ms)| ms).sum();
        let mean = sum / (event.samples.len() as u64).max(1);
        let _ = writeln!(
            text,
            "{name}: {} spikes, {mean} ms on average, {} ms at most. SLOWLOG GET may name the commands.",
            event.samples.len(),
            event.max_ms
        );
    }
    call.out.verbatim("txt", &text);
    Ok(())
}

/// A column of stars for each spike, against the longest.
fn graph(call: &mut Call<'_>) -> Answer {
    let Some(event) = event(call) else {
        return Err(Failure::of(format!(
            "ERR No samples available for event '{}'",
            String::from_utf8_lossy(call.args[2])
        )));
    };
    const ROWS: u64 = 4;
    let samples: Vec<u64> = event.samples.iter().map(|(_, ms)| *ms).collect();
    let mut text = format!(
        "{} - high {} ms, low {} ms (all time high {} ms)\n{}\n",
        String::from_utf8_lossy(call.args[2]).to_ascii_lowercase(),
        samples.iter().max().unwrap_or(&0),
        samples.iter().min().unwrap_or(&0),
        event.max_ms,
        "-".repeat(80),
    );
    let max = samples.iter().max().copied().unwrap_or(1).max(1);
    for row in (0..ROWS).rev() {
        let stars = samples
            .iter()
            .map(|ms| if ms * ROWS > row * max { '*' } else { ' ' });
        let line: String = stars.collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    call.out.verbatim("txt", &text);
    Ok(())
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "LATENCY", SUBCOMMANDS)
}
