//! Figures of the door and of what is behind it, for whoever asks now.

use super::app::App;
use crate::domain::Position;
use crate::metrics::{MetricKind, Readings};
use crate::state::WebhookRecord;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

/// Consumers that have a figure of their own.
const NAMED: usize = 200;

impl App {
    /// Adds what the door knows.
    pub fn figures(&self, to: &mut Readings) {
        self.engine_figures(to);
        self.search_figures(to);
        self.socket_figures(to);
        self.program_figures(to);
        self.cluster_figures(to);
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

    /// How far programs are behind. Names are those of programs; of several people's consumers with
    /// one name the slowest is told.
    fn program_figures(&self, to: &mut Readings) {
        let Ok(read) = self.engine().read() else {
            return;
        };
        let live = self.engine().live();
        let (epoch, end) = (live.epoch(), live.published().entry().0);
        let behind = |of: u64, position: Position| {
            if of == epoch {
                end.saturating_sub(position.entry().0)
            } else {
                end
            }
        };
        let mut consumers = BTreeMap::<String, u64>::new();
        for consumer in read.all_consumers().unwrap_or_default() {
            let lag = behind(consumer.epoch, consumer.position);
            let slowest = consumers.entry(consumer.name).or_default();
            *slowest = lag.max(*slowest);
        }
        for (name, lag) in consumers.into_iter().take(NAMED) {
            to.add(
                "maru_consumer_lag_commands",
                "Commands that a consumer has not committed yet",
                MetricKind::Gauge,
                Some(("consumer", name)),
                lag as f64,
            );
        }
        let webhooks = read.all_webhooks().unwrap_or_default();
        let is_dead = |hook: &WebhookRecord| {
            let failure = hook.failure.as_ref();
            failure.is_some_and(|failure| failure.retry_at.is_none())
        };
        let (dead, alive): (Vec<_>, Vec<_>) =
            webhooks.into_iter().partition(|(_, hook)| is_dead(hook));
        let lags = alive
            .iter()
            .map(|(_, hook)| behind(hook.epoch, hook.position));
        to.gauge(
            "maru_webhook_lag_commands",
            "Commands that the slowest outgoing webhook has not delivered yet",
            lags.max().unwrap_or(0) as f64,
        );
        to.gauge(
            "maru_webhooks_dead",
            "Outgoing webhooks that were given up, until somebody replays them",
            dead.len() as f64,
        );
    }

    /// What `/readyz` names, counted.
    fn cluster_figures(&self, to: &mut Readings) {
        let Some(peers) = &self.services().peers else {
            return;
        };
        let shared = peers.shared();
        to.gauge(
            "maru_cluster_nodes",
            "Nodes that live, this one with them",
            shared.living().len() as f64 + 1.0,
        );
        for (lack, nodes) in shared.lack_counts() {
            to.add(
                "maru_cluster_lacks",
                "Other nodes with which something does not work though writes are taken",
                MetricKind::Gauge,
                Some(("what", lack.name().to_owned())),
                nodes as f64,
            );
        }
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
                MetricKind::Counter,
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
