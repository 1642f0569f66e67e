//! The page that Prometheus reads, on a listener of its own: it says nothing of anybody, but it
//! is not everybody's.

use super::backup::BackupSource;
use crate::cache::Embedded;
use crate::metrics::{self, Format, MetricKind, Readings, Registry};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Folders of few files, whatever is in them.
const FOLDERS: &[&str] = &["log", "events", "index", "cache"];

/// Of all files in a folder and in those below it: the index has one for each generation.
fn size_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size_bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Where the figures come from.
#[derive(Clone)]
pub struct MetricsPage {
    pub registry: Arc<Registry>,
    pub cache: Arc<Embedded>,
    pub backup: BackupSource,
    /// The data directory.
    pub dir: PathBuf,
    /// When the certificate in force ends, in seconds since 1970.
    pub valid_until: Option<Arc<dyn Fn() -> i64 + Send + Sync>>,
    /// What the doors know.
    pub doors: Arc<dyn Fn(&mut Readings) + Send + Sync>,
}

/// Answers `/metrics` until `stop`.
pub async fn serve(
    listener: TcpListener,
    page: MetricsPage,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new().route("/metrics", get(show)).with_state(page);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn show(State(page): State<MetricsPage>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT);
    let format = Format::asked(accept.and_then(|accept| accept.to_str().ok()));
    // Sizes of files are looked up: off the threads that serve sockets.
    let text = tokio::task::spawn_blocking(move || page.text(format)).await;
    match text {
        Ok(text) => ([(header::CONTENT_TYPE, format.content_type())], text).into_response(),
        Err(_) => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl MetricsPage {
    fn text(&self, format: Format) -> String {
        let mut readings = Readings::default();
        let version = Some(("version", env!("CARGO_PKG_VERSION").to_owned()));
        readings.add(
            "maru_build_info",
            "The version that runs",
            MetricKind::Gauge,
            version,
            1.0,
        );
        (self.doors)(&mut readings);
        self.cache_figures(&mut readings);
        self.disk_figures(&mut readings);
        self.backup.figures(&mut readings);
        if let Some(valid_until) = &self.valid_until {
            readings.gauge(
                "maru_tls_certificate_expiry_timestamp_seconds",
                "When the certificate in force ends, in seconds since 1970",
                valid_until() as f64,
            );
        }
        process(&mut readings);
        metrics::render(&self.registry, &readings, format)
    }

    fn cache_figures(&self, to: &mut Readings) {
        let stats = self.cache.stats();
        let keys: u64 = stats.keys.iter().map(|(keys, _)| keys).sum();
        to.gauge("maru_cache_keys", "Keys in the cache", keys as f64);
        to.gauge(
            "maru_cache_used_bytes",
            "Memory that keys and values use",
            stats.used_bytes as f64,
        );
        let counters = [
            (
                "maru_cache_hits_total",
                "Reads that found their key",
                stats.hits,
            ),
            (
                "maru_cache_misses_total",
                "Reads that did not",
                stats.misses,
            ),
            (
                "maru_cache_expired_total",
                "Keys that ended by their deadline",
                stats.expired,
            ),
            (
                "maru_cache_evicted_total",
                "Keys that had to go for want of memory",
                stats.evicted,
            ),
            (
                "maru_cache_changes_total",
                "Keys that were made, changed or removed",
                stats.changes,
            ),
        ];
        for (name, help, count) in counters {
            to.counter(name, help, count as f64);
        }
        if let Some(disk) = self.cache.disk_status() {
            let fails = if disk.error.is_some() || disk.last_rewrite_failed {
                1.0
            } else {
                0.0
            };
            to.gauge(
                "maru_cache_failing",
                "Whether the cache's files cannot be written",
                fails,
            );
        }
    }

    fn disk_figures(&self, to: &mut Readings) {
        if let Ok(stat) = rustix::fs::statvfs(&self.dir) {
            let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize) as f64;
            to.gauge(
                "maru_disk_free_bytes",
                "Free on the disk of the data directory",
                bytes(stat.f_bavail),
            );
            to.gauge(
                "maru_disk_size_bytes",
                "Size of the disk of the data directory",
                bytes(stat.f_blocks),
            );
        }
        if let Ok(state) = std::fs::metadata(self.dir.join("state.redb")) {
            to.gauge(
                "maru_state_file_bytes",
                "Size of the state's file",
                state.len() as f64,
            );
        }
        self.folder_figures(to);
    }

    /// Folders may lie on disks of their own.
    fn folder_figures(&self, to: &mut Readings) {
        let mut folders: Vec<(&str, u64)> = FOLDERS
            .iter()
            .map(|name| (*name, size_bytes(&self.dir.join(name))))
            .collect();
        // There may be many uploads: the state has counted them.
        let read = self.backup.engine.read();
        if let Some(bytes) = read.ok().and_then(|read| read.files_bytes().ok()) {
            folders.push(("files", bytes));
        }
        for (name, bytes) in folders {
            to.add(
                "maru_folder_bytes",
                "What a folder of the data directory holds",
                MetricKind::Gauge,
                Some(("folder", name.to_owned())),
                bytes as f64,
            );
        }
        for name in FOLDERS.iter().chain(&["files"]) {
            if let Ok(stat) = rustix::fs::statvfs(self.dir.join(name)) {
                to.add(
                    "maru_folder_free_bytes",
                    "Free on the disk that a folder of the data directory lies on",
                    MetricKind::Gauge,
                    Some(("folder", (*name).to_owned())),
                    stat.f_bavail.saturating_mul(stat.f_frsize) as f64,
                );
            }
        }
    }
}

/// What every Prometheus client tells of its process.
fn process(to: &mut Readings) {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        return;
    };
    // The name in parentheses may hold anything.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_ascii_whitespace()
        .collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    let page = rustix::param::page_size() as f64;
    if let (Some(user), Some(system)) = (field(11), field(12)) {
        to.counter(
            "process_cpu_seconds_total",
            "Processor time that was used",
            (user + system) as f64 / ticks,
        );
    }
    if let Some(pages) = field(21) {
        to.gauge(
            "process_resident_memory_bytes",
            "Resident memory",
            pages as f64 * page,
        );
    }
    if let Some(bytes) = field(20) {
        to.gauge(
            "process_virtual_memory_bytes",
            "Virtual memory",
            bytes as f64,
        );
    }
    if let (Some(began), Some(boot)) = (field(19), boot_time()) {
        to.gauge(
            "process_start_time_seconds",
            "When the process began, in seconds since 1970",
            boot + began as f64 / ticks,
        );
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        to.gauge("process_open_fds", "Open files", open.count() as f64);
    }
    if let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        to.gauge("process_max_fds", "Files that may be open", limit as f64);
    }
}

fn boot_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}
