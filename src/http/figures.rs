//! Figures of the door and of what is behind it, for whoever asks now.

use super::app::App;
use crate::metrics::{Kind, Readings};
use std::sync::atomic::Ordering::Relaxed;

impl App {
    /// Adds what the door knows.
    pub fn figures(&self, to: &mut Readings) {
        self.engine_figures(to);
        self.search_figures(to);
        self.socket_figures(to);
        let reports = self.services().load.policy_reports.load(Relaxed);
        to.counter(
            "maru_policy_reports_total",
            "Reports of browsers that a page broke the content security policy",
            reports as f64,
        );
    }

    fn engine_figures(&self, to: &mut Readings) {
        let engine = self.engine();
        let (metrics, status) = (engine.metrics(), engine.status());
        let ready = if engine.ready().is_ok() { 1.0 } else { 0.0 };
        to.gauge("maru_ready", "Whether writes are taken", ready);
        to.gauge(
            "maru_applied_seq",
            "Position of the last command that reads see",
            status.seq.0 as f64,
        );
        let quiet = engine.pulse().quiet_for().as_secs_f64();
        to.gauge(
            "maru_applier_quiet_seconds",
            "Since the applier last got on; it does at least once a second",
            quiet,
        );
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Relaxed) as f64;
        to.counter(
            "maru_commands_total",
            "Commands applied",
            count(&metrics.entries),
        );
        to.counter(
            "maru_commands_refused_total",
            "Commands that the rules refused",
            count(&metrics.refused),
        );
        to.counter(
            "maru_batches_total",
            "Batches of commands applied",
            count(&metrics.batches),
        );
        to.counter(
            "maru_checkpoints_total",
            "Times that the state was made durable",
            count(&metrics.checkpoints),
        );
        to.gauge(
            "maru_log_bytes",
            "Size of the log that is kept",
            count(&metrics.log_bytes),
        );
        to.gauge(
            "maru_journal_bytes",
            "Size of the events that are kept for clients that come back",
            count(&metrics.journal_bytes),
        );
        let (taken, all) = engine.in_flight();
        to.gauge(
            "maru_queue_places_taken",
            "Places that commands under way take",
            taken as f64,
        );
        to.gauge(
            "maru_queue_places",
            "Places for commands under way; beyond, they wait",
            all as f64,
        );
    }

    fn search_figures(&self, to: &mut Readings) {
        let search = &self.services().search;
        let seq = self.engine().status().seq.0;
        let lag = seq.saturating_sub(search.visible_seq().0);
        to.gauge(
            "maru_index_lag_commands",
            "Commands that the search index has not seen yet",
            lag as f64,
        );
        to.gauge(
            "maru_index_lag_seconds",
            "Since the search index last had all that was said",
            self.services().index_lag.seconds(lag == 0),
        );
    }

    fn socket_figures(&self, to: &mut Readings) {
        let (subscribers, online) = self.engine().live().count();
        to.gauge(
            "maru_subscribers",
            "Sockets and streams that hear events",
            subscribers as f64,
        );
        to.gauge(
            "maru_users_online",
            "People who have one of those open",
            online as f64,
        );
        let (open, wire) = self.chat().figures();
        to.gauge("maru_sockets", "Open Socket.IO connections", open as f64);
        to.counter(
            "maru_sockets_opened_total",
            "Socket.IO connections that were opened",
            wire.opened as f64,
        );
        to.counter(
            "maru_sockets_refused_total",
            "Socket.IO connections that were refused",
            wire.refused as f64,
        );
        to.counter(
            "maru_socket_messages_received_total",
            "Messages that came in over Socket.IO",
            wire.messages_in as f64,
        );
        to.counter(
            "maru_socket_messages_sent_total",
            "Messages that went out over Socket.IO",
            wire.messages_out as f64,
        );
        to.counter(
            "maru_socket_sent_bytes_total",
            "Bytes that went out over Socket.IO",
            wire.bytes_out as f64,
        );
        for (reason, closed) in &wire.closed {
            to.add(
                "maru_sockets_closed_total",
                "Socket.IO connections that ended, by reason",
                Kind::Counter,
                Some(("reason", reason.as_str().to_owned())),
                *closed as f64,
            );
        }
    }
}

/// Since when the index is behind.
#[derive(Clone, Default)]
pub struct IndexLag(std::sync::Arc<parking_lot::Mutex<Option<std::time::Instant>>>);

impl IndexLag {
    /// Seconds since it was last seen with everything.
    fn seconds(&self, is_level: bool) -> f64 {
        let mut behind = self.0.lock();
        if is_level {
            *behind = None;
            return 0.0;
        }
        let since = behind.get_or_insert_with(std::time::Instant::now);
        since.elapsed().as_secs_f64()
    }
}
