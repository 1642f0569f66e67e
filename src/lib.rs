//! Maru: a chat that a small team downloads and runs as one binary.
//!
//! One ordered log of commands is the only way to change what is durable, and the only thing an
//! acknowledgement waits for. A door turns bytes into a command and fixes everything in it that
//! depends on a clock or on chance; one thread applies the entries in order; readers, sockets and
//! the search index follow.
//!
//! ```text
//!  bytes                      Draft                 Entry(seq)                     Applied(seq, outcome, events)
//!  http ────┐                                                                   ┌─> waiter        ─> the door that asked
//!  socketio ┼─> Command ─> engine.submit ─> Log.append ─> Log.read ─> apply ────┼─> live hub      ─> every socket that may see it
//!  cli ─────┘                                (a file)              (redb txn)   └─> search index  ─> tantivy + lindera
//!  reads: door ─> engine's reader (redb MVCC) / search              signals and tokens: door ─> cache
//! ```
//!
//! # The modules
//! Those with a crate of their own stand in `crates/`; the others in `src/`.
//!
//! What a chat is:
//! - [`domain`]: nouns, commands, events, rules and limits. Uses nothing.
//!
//! Where a message goes through, in this order:
//! - [`http`]: which bytes are which command? The API, the web app, server-sent events, the chat
//!   over Socket.IO.
//! - [`socketio`]: how do Socket.IO clients talk? Engine.IO and Socket.IO; knows nothing of chat.
//! - [`resp`]: how do Redis clients use the cache? RESP on a port of its own; knows nothing of chat.
//! - [`auth`]: who is it, and may they? Passwords, tokens, throttles, the guard.
//! - [`engine`]: how is a command done? Submit, append, apply, answer; the only thing doors hold.
//! - [`log`]: what was said, in which order, and is it on disk?
//! - [`state`]: what follows from it? redb is the snapshot, the log is its tail.
//! - [`live`]: who hears of it, and what did they miss?
//! - [`search`]: where was it said? Tantivy with Korean morphemes; derived, can be rebuilt.
//! - [`dictionary`]: which morphemes are there? mecab-ko-dic, embedded.
//! - [`files`]: what was uploaded: kept by content, typed by content, shown small.
//! - [`imports`]: what do other programs write? Their files and payloads as lines and texts.
//! - [`webhooks`]: which URLs want to hear of it? Events are delivered at least once, in order.
//! - [`streams`]: how does a Redis client read the log of events? As streams, by an access token.
//! - [`push`]: how does a push service know this server, and only one browser read a push?
//! - [`notify`]: who is told of a message while they are away, and how?
//! - [`previews`]: what do pages say that messages link to?
//! - [`outbound`]: how are other servers asked? One HTTP client, guarded against being sent inside.
//! - [`archive`]: what form has a backup?
//! - [`mail`]: how does a letter reach somebody? SMTP.
//! - [`oidc`]: who is it, if a provider of OpenID Connect says so?
//! - [`passkeys`]: how does a key that a device keeps show whose it is? WebAuthn.
//! - [`replica`]: what lies in a second place, and how is it reached? A folder, or a bucket of S3.
//! - [`cache`]: keys with deadlines and publish/subscribe: sessions, throttles, presence. Here, or
//!   behind the same trait in a Redis elsewhere.
//! - [`cluster`]: how are several nodes one? The order from one Redis Stream, the log on every node.
//!
//! Around them:
//! - [`config`]: what do flags, environment and file mean?
//! - [`tls`]: what does a server show of itself? Certificates, taken anew when they change.
//! - [`acme`]: how does it get them? ACME, as Let's Encrypt speaks it.
//! - [`metrics`]: what is counted and timed, and how does Prometheus read it?
//! - [`ops`]: what does a running server need? The data directory and its lock, the control
//!   server, backups, history in and out, verification, health, systemd.
//! - [`node`]: the modules of one data directory, opened in the right order and connected.
//! - [`cli`]: one file per subcommand.
//!
//! Which module may use which other is a table in `tests/tidy.rs`, and a test.
//!
//! # Glossary
//! - **audience**: who may hear an event; decided in apply.
//! - **checkpoint**: a durable commit of the state; the log before it is not replayed.
//! - **door**: a module that turns bytes from outside into commands: http, socketio, resp, cli.
//! - **draft, entry**: a command with its actor and time; the same with its place in the log.
//! - **epoch**: a number that changes when positions before it mean nothing any more.
//! - **event, signal**: what others hear of an entry, with a `seq`; what passes without a log.
//! - **journal**: the events after the last positions, for clients that resume.
//! - **node**: one process on one data directory.
//! - **outcome, refusal**: what a command answers: done, or why not.
//! - **subscriber**: one open socket or stream in the hub.
//!
//! # What happens when …
//! **a message is posted.** 1. A socket's packet reaches [`http`]'s chat, which checks shape and
//! author and makes a draft with the time in it. 2. [`engine`] queues it; one thread appends all
//! that is queued to the [`log`] and syncs once. 3. The applier takes the batch into [`state`], in
//! one transaction that also keeps the position. 4. The door that asked gets its outcome and
//! acknowledges. 5. The events go to [`live`], which writes one frame for all receivers, and to
//! [`search`].
//!
//! **a laptop wakes up.** 1. Its client reconnects with `{epoch, since}`. 2. [`live`] registers the
//! socket and holds what comes in. 3. It reads the retained events after `since` that this person
//! may see. 4. It merges both by position: each once, in order. 5. If `since` is too old or from
//! another epoch, it says `resync`, and the client starts over.
//!
//! **the machine loses power.** 1. The log's last frames may be torn; they were not acknowledged, so
//! they are cut, and that is reported. 2. redb opens at its last checkpoint. 3. The log is replayed
//! from there: apply has no clock and no chance in it, so the state is the same. 4. The sessions in
//! the cache are brought in line with the state. 5. The index catches up from its own position
//! while the doors are open already.
#![doc = include_str!("growth.md")]
pub mod auth;
pub mod cli;
pub mod config;
pub mod engine;
pub mod http;
pub mod live;
pub mod node;
pub mod notify;
pub mod ops;
pub mod previews;
pub mod streams;
pub mod webhooks;

pub use maru_acme as acme;
pub use maru_archive as archive;
pub use maru_cache as cache;
pub use maru_cluster as cluster;
pub use maru_dictionary as dictionary;
pub use maru_domain as domain;
pub use maru_files as files;
pub use maru_imports as imports;
pub use maru_log as log;
pub use maru_mail as mail;
pub use maru_metrics as metrics;
pub use maru_oidc as oidc;
pub use maru_outbound as outbound;
pub use maru_passkeys as passkeys;
pub use maru_push as push;
pub use maru_replica as replica;
pub use maru_resp as resp;
pub use maru_search as search;
pub use maru_socketio as socketio;
pub use maru_state as state;
pub use maru_tls as tls;
