//! INFO: figures of the server, in sections, by the names that clients know.

macro_rules! lines {
    ($text:expr, $($name:literal: $value:expr),* $(,)?) => {
        $(let _ = write!($text, concat!($name, ":{}\r\n"), $value);)*
    };
}

mod held;

use super::super::super::call::Call;
use super::super::super::failure::Answer;
use super::super::super::index::Table;
use super::super::super::world::REDIS_VERSION;
use maru_cache::{Selector, Txn};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes a section's lines.
type Section = fn(&Call<'_>, &mut String);

/// Sections in their order; the flag says whether they are shown when none is asked for.
const SECTIONS: &[(&str, bool, Section)] = &[
    ("Server", true, server),
    ("Clients", true, clients),
    ("Memory", true, held::memory),
    ("Persistence", true, held::persistence),
    ("Stats", true, stats),
    ("Replication", true, replication),
    ("CPU", true, cpu),
    ("Modules", true, |_, _| {}),
    ("Commandstats", false, commandstats),
    ("Errorstats", true, errorstats),
    ("Latencystats", false, latencystats),
    ("Cluster", true, |_, text| {
        text.push_str("cluster_enabled:0\r\n")
    }),
    ("Keyspace", true, keyspace),
];

pub fn info_within(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    call.seen = Some(txn.stats());
    info(call)
}

pub fn info(call: &mut Call<'_>) -> Answer {
    let asked: Vec<String> = call.args[1..]
        .iter()
        .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
        .collect();
    let has = |name: &str| asked.iter().any(|asked| asked == name);
    let mut text = String::new();
    for (name, by_default, write) in SECTIONS {
        let shown = has("all")
            || has("everything")
            || has(&name.to_ascii_lowercase())
            || (*by_default && (asked.is_empty() || has("default")));
        if shown {
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            let _ = write!(text, "# {name}\r\n");
            write(call, &mut text);
        }
    }
    call.out.verbatim("txt", &text);
    Ok(())
}

fn server(call: &Call<'_>, text: &mut String) {
    let world = &*call.world;
    let uptime_s = world.started.elapsed().as_secs();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    lines!(text,
        "redis_version": REDIS_VERSION,
        "redis_git_sha1": "00000000",
        "redis_git_dirty": 0,
        "redis_build_id": "maru",
        "redis_mode": "standalone",
        "maru_version": env!("CARGO_PKG_VERSION"),
        "os": "Linux",
        "arch_bits": usize::BITS,
        "monotonic_clock": "POSIX clock_gettime",
        "multiplexing_api": "epoll",
        "process_id": std::process::id(),
        "process_supervised": "no",
        "run_id": world.run_id,
        "tcp_port": world.port,
        "server_time_usec": now.as_micros(),
        "uptime_in_seconds": uptime_s,
        "uptime_in_days": uptime_s / 86_400,
        "hz": 10,
        "configured_hz": 10,
        "lru_clock": now.as_secs() & 0xff_ffff,
        "executable": "maru",
        "config_file": "",
        "io_threads_active": 0,
    );
}

fn clients(call: &Call<'_>, text: &mut String) {
    let world = &*call.world;
    let blocked = world
        .clients
        .iter()
        .filter(|(_, client)| client.waiting.is_some());
    let input = world
        .clients
        .iter()
        .map(|(_, client)| client.held.capacity());
    let output = world
        .clients
        .iter()
        .map(|(_, client)| client.backlog_bytes());
    lines!(text,
        "connected_clients": world.clients.len(),
        "cluster_connections": 0,
        "maxclients": world.settings.max_clients,
        "client_recent_max_input_buffer": input.max().unwrap_or(0),
        "client_recent_max_output_buffer": output.max().unwrap_or(0),
        "blocked_clients": blocked.count(),
        "tracking_clients": world.tracked.clients,
        "clients_in_timeout_table": world.waits.len(),
    );
}

fn stats(call: &Call<'_>, text: &mut String) {
    let stats = &call.world.stats;
    let keys = call.cache_stats();
    let [tracked, items, prefixes] = call.world.tracked.counts();
    let [input_kbps, output_kbps] = stats.kilobytes_per_s;
    lines!(text,
        "total_connections_received": stats.connections,
        "total_commands_processed": stats.commands,
        "instantaneous_ops_per_sec": stats.commands_per_s,
        "total_net_input_bytes": stats.input_bytes,
        "total_net_output_bytes": stats.output_bytes,
        "total_net_repl_input_bytes": 0,
        "total_net_repl_output_bytes": 0,
        "instantaneous_input_kbps": format!("{input_kbps:.2}"),
        "instantaneous_output_kbps": format!("{output_kbps:.2}"),
        "instantaneous_input_repl_kbps": "0.00",
        "instantaneous_output_repl_kbps": "0.00",
        "rejected_connections": stats.rejected_connections,
        "sync_full": 0,
        "sync_partial_ok": 0,
        "sync_partial_err": 0,
        "expired_keys": keys.expired,
        "expired_stale_perc": "0.00",
        "expired_time_cap_reached_count": 0,
        "expire_cycle_cpu_milliseconds": 0,
        "evicted_keys": keys.evicted,
        "evicted_clients": stats.evicted_clients,
        "total_eviction_exceeded_time": 0,
        "current_eviction_exceeded_time": 0,
        "keyspace_hits": keys.hits,
        "keyspace_misses": keys.misses,
        "pubsub_channels": call.cache.names_listened_to(Selector::Channel),
        "pubsub_patterns": call.cache.names_listened_to(Selector::Pattern),
        "pubsubshard_channels": call.cache.names_listened_to(Selector::Sharded),
        "latest_fork_usec": 0,
        "total_forks": 0,
        "migrate_cached_sockets": 0,
        "slave_expires_tracked_keys": 0,
        "active_defrag_hits": 0,
        "active_defrag_misses": 0,
        "active_defrag_key_hits": 0,
        "active_defrag_key_misses": 0,
        "total_active_defrag_time": 0,
        "current_active_defrag_time": 0,
        "tracking_total_keys": tracked,
        "tracking_total_items": items,
        "tracking_total_prefixes": prefixes,
        "unexpected_error_replies": 0,
        "total_error_replies": stats.errors.values().sum::<u64>(),
        "dump_payload_sanitizations": 0,
        "total_reads_processed": stats.reads,
        "total_writes_processed": stats.writes,
        "io_threaded_reads_processed": 0,
        "io_threaded_writes_processed": 0,
        "reply_buffer_shrinks": 0,
        "reply_buffer_expands": 0,
        "client_output_buffer_limit_disconnections": stats.slow_subscribers,
        "acl_access_denied_auth": stats.acl_denied[3],
        "acl_access_denied_cmd": stats.acl_denied[0],
        "acl_access_denied_key": stats.acl_denied[1],
        "acl_access_denied_channel": stats.acl_denied[2],
    );
}

fn replication(call: &Call<'_>, text: &mut String) {
    lines!(text,
        "role": "master",
        "connected_slaves": 0,
        "master_failover_state": "no-failover",
        "master_replid": call.world.run_id,
        "master_replid2": "0".repeat(40),
        "master_repl_offset": 0,
        "second_repl_offset": -1,
        "repl_backlog_active": 0,
        "repl_backlog_size": 0,
        "repl_backlog_first_byte_offset": 0,
        "repl_backlog_histlen": 0,
    );
}

/// Of the whole process: the chat runs in it too.
fn cpu(_: &Call<'_>, text: &mut String) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, the name, is in parentheses and may hold spaces.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |at| {
        let field = after.split(' ').nth(at);
        field
            .and_then(|field: &str| field.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    let per_second = rustix::param::clock_ticks_per_second() as f64;
    lines!(text,
        "used_cpu_sys": format!("{:.6}", ticks(13) / per_second),
        "used_cpu_user": format!("{:.6}", ticks(12) / per_second),
        "used_cpu_sys_children": "0.000000",
        "used_cpu_user_children": "0.000000",
    );
}

fn commandstats(call: &Call<'_>, text: &mut String) {
    for row in Table::get().rows() {
        let figures = &call.world.stats.rows[row.id];
        if figures.calls + figures.rejected == 0 {
            continue;
        }
        let usec = figures.nanos / 1000;
        let per_call = figures.nanos as f64 / 1000.0 / figures.calls.max(1) as f64;
        let _ = write!(
            text,
            "cmdstat_{}:calls={},usec={usec},usec_per_call={per_call:.2},rejected_calls={},failed_calls={}\r\n",
            row.full_name, figures.calls, figures.rejected, figures.failed
        );
    }
}

fn errorstats(call: &Call<'_>, text: &mut String) {
    for (code, count) in &call.world.stats.errors {
        let _ = write!(text, "errorstat_{code}:count={count}\r\n");
    }
}

fn latencystats(call: &Call<'_>, text: &mut String) {
    for row in Table::get().rows() {
        let figures = &call.world.stats.rows[row.id];
        let Some(times) = &figures.times else {
            continue;
        };
        let percentiles = call.world.settings.percentiles.iter().map(|percent| {
            let micros = times.percentile(*percent) as f64 / 1000.0;
            format!("p{percent}={micros:.3}")
        });
        let percentiles: Vec<String> = percentiles.collect();
        let percentiles = percentiles.join(",");
        let _ = write!(
            text,
            "latency_percentiles_usec_{}:{percentiles}\r\n",
            row.full_name
        );
    }
}

fn keyspace(call: &Call<'_>, text: &mut String) {
    let stats = call.cache_stats();
    for (db, ((keys, mortal), ttl_ms)) in stats.keys.iter().zip(stats.ttl_ms).enumerate() {
        if *keys > 0 {
            let _ = write!(
                text,
                "db{db}:keys={keys},expires={mortal},avg_ttl={ttl_ms}\r\n"
            );
        }
    }
}
