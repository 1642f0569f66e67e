//! `maru serve`

use super::certificates;
use super::clustered;
use super::doors::{self, Doors};
use super::metrics_port::MetricsPort;
use super::redis_port::RedisPort;
use super::target::{self, Opened};
use super::{logging, term};
use crate::acme::{Answers, Renewal};
use crate::cluster::Entered;
use crate::config::{Config, ListenAt, Sandbox};
use crate::domain::{Code, Role};
use crate::engine::Engine;
use crate::http::{self, App, Settings};
use crate::node::{self, Plan, STATE_CACHE_BYTES};
use crate::ops::admin::AdminCommands;
use crate::ops::data_dir::DataDir;
use crate::ops::replicate::{self, Replicator};
use crate::ops::request::Reply;
use crate::ops::sandbox::{self, Confined};
use crate::ops::systemd::Notifier;
use crate::ops::{control, control_server, process, words};
use crate::streams::{Later, Streams};
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The first administrator's link works for so long.
const SETUP_S: u64 = 30 * 60;
/// Whoever sent SIGTERM waits 10 seconds.
const LONGEST_STOP: Duration = Duration::from_millis(9500);

pub fn run(config: Config) -> anyhow::Result<()> {
    logging::start(config.log_format, &config.log_level)?;
    process::prepare();
    // Before there are other threads, which would not be held.
    confine(&config);
    target::runtime()?.block_on(serve(config))
}

/// Writes only where its data are, and runs no program, where the kernel can hold it to that.
fn confine(config: &Config) {
    if config.sandbox == Sandbox::Off {
        return;
    }
    let mut writable = vec![config.data_dir.clone()];
    // A folder may lie on another disk.
    let parts = std::fs::read_dir(&config.data_dir).into_iter().flatten();
    let links = parts.flatten().map(|part| part.path());
    let links = links.filter(|path| path.is_symlink());
    writable.extend(links.filter_map(|path| path.canonicalize().ok()));
    let replica = config.replicate.as_ref();
    writable.extend(replica.and_then(|url| url.strip_prefix("file://").map(Into::into)));
    for at in &config.listen {
        if let ListenAt::Unix(path) = at {
            writable.push(path.parent().unwrap_or(path).to_owned());
        }
    }
    match sandbox::confine(&writable) {
        Ok(Confined::Fully | Confined::Partly) => {
            tracing::debug!("the kernel lets it write in its own places alone");
        }
        Ok(Confined::Not) => tracing::debug!("the kernel has no Landlock; it is not confined"),
        Err(error) => tracing::warn!("it cannot be confined: {error}"),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let stop = on_signals()?;
    let mut dir = DataDir::open_or_create(&config.data_dir, "serve")?.provisional();
    if config.cluster.is_some() {
        // What a node took from others stays.
        dir.keep();
    }
    let notifier = Notifier::from_env();
    let mut doors = Doors::bind(&config, dir.path())?;
    let url = doors.names.first().cloned().unwrap_or_default();
    let redis_port = RedisPort::bind(&config)?;
    let metrics_port = MetricsPort::bind(&config)?;

    let mut redis_port = redis_port;
    let redis_address = redis_port.as_ref().map(|port| port.address);
    // The Redis of a cluster may be this node's own. Otherwise the cache comes last, for it cannot
    // refuse a start.
    let (mut cache, mut of_cluster) = (None, None);
    let streams = Later::default();
    if config.cluster.is_some() {
        let opened = node::open_cache(&Plan {
            dir: dir.path().to_owned(),
            ..Plan::from(&config)
        })?;
        let port = redis_port.take();
        of_cluster = port
            .map(|port| port.open(opened.clone(), streams.clone()))
            .transpose()?;
        cache = Some(opened);
    }
    let cluster = clustered::enter(&config, dir.path(), &doors).await?;
    let opened = Opened::open(dir, &config, STATE_CACHE_BYTES, cluster.clone(), cache).await?;
    if let Some(cluster) = &cluster {
        clustered::follow(cluster, &opened.node).await;
    }
    if let (Some(peers), Some(certificate)) =
        (&opened.node.services.peers, doors.certificate.clone())
    {
        peers.shows(certificate);
    }
    let settings = Settings {
        sso: super::sso::sso(&config)?,
        mail: super::mailer::mailer(&config)?,
        is_tls: doors.certificate.is_some(),
        ..settings(&config)
    };
    let app = App::new(opened.node.services.clone(), settings)?;
    let base_url = match &config.public_url {
        Some(public) => public.to_string(),
        None => doors.base_url.clone(),
    };
    let mut admin = opened.admin(base_url);
    admin.target.waits = false;
    if let Some(path) = &config.words {
        let changed = words::teach(opened.engine(), path).await?;
        tracing::info!(changed, "read the file of words");
    }
    let replicator = replicator(&config, &opened, cluster.as_deref()).await?;
    let replication = replicator
        .as_ref()
        .map(|replicator| replicator.status.clone());
    let control_socket = control::bind(opened.dir.path())
        .context("the control socket cannot be opened in the data directory")?;
    let control = control::serve(
        control_socket,
        control_server::router(admin.clone()),
        stopped(stop.clone()),
    );
    let control = tokio::spawn(control);
    opened
        .dir
        .announce(&url)
        .context("the lock file cannot be written")?;
    let engine = opened.engine().clone();
    let watchdog = tokio::spawn(watchdog(Notifier::from_env(), engine));

    let services = &opened.node.services;
    streams.begin(Streams::new(
        services.engine.clone(),
        opened.node.cache.clone(),
        services.used.clone(),
        tokio::runtime::Handle::current(),
    ));
    let redis_door = redis_port
        .map(|port| port.open(opened.node.cache.clone(), streams.clone()))
        .transpose()?;
    let mut greeting = format!("maru {} listening on {url}", env!("CARGO_PKG_VERSION"));
    for other in doors.names.iter().skip(1) {
        greeting.push_str(&format!("\nAlso listening on {other}"));
    }
    if let Some(address) = redis_address {
        greeting.push_str(&format!("\nThe Redis protocol is served on {address}"));
    }
    if let Some(port) = &metrics_port {
        greeting.push_str(&format!(
            "\nMetrics are served on http://{}/metrics",
            port.address
        ));
    }
    if let Some(link) = setup_link(&admin, cluster.is_some()).await? {
        greeting.push_str("\nNobody has an account yet. The first administrator signs up here, ");
        greeting.push_str(&format!("within 30 minutes: {link}"));
    }
    // Whoever started the server may have closed its standard output after the first line.
    if let Err(error) = term::say(greeting) {
        tracing::warn!(%error, "the standard output takes nothing");
    }
    notifier.ready(&format!("Listening on {url}"));

    let answers = Answers::default();
    let renewal = certificates::renewal(
        &config,
        opened.dir.path(),
        doors.certificate.as_ref(),
        &answers,
    )?;
    let metrics_door = metrics_port.map(|port| {
        port.open(
            &opened,
            &app,
            doors.certificate.clone(),
            renewal.as_ref().map(Renewal::status),
            replication,
            stopped(stop.clone()),
        )
    });
    if let Some(cluster) = cluster {
        clustered::expect_reached(cluster);
    }
    let replicating = replicator.map(|replicator| replicator.spawn(stop.clone()));
    let replicating = replicating.transpose()?;
    let following = match doors.certificate.clone().filter(|_| config.acme.is_none()) {
        Some(certificate) => Some(tokio::spawn(doors::follow(certificate))),
        None => renewal.map(|renewal| tokio::spawn(renewal.run())),
    };
    let leading_on = doors.lead_on(&config, &answers);
    http::serve_all(doors.doors, app, stopped(stop.clone())).await;
    for task in [following, leading_on].into_iter().flatten() {
        task.abort();
    }
    if let Some(door) = metrics_door {
        door.abort();
    }
    notifier.stopping();
    if let Some(replicating) = replicating {
        // It ends by itself, soon.
        let _ = replicating.await;
    }
    watchdog.abort();
    control::unbind(opened.dir.path());
    control.abort();
    drop(redis_door);
    opened.close().await;
    // Others may still need it until this node has said that it leaves.
    drop(of_cluster);
    tracing::info!("stopped");
    Ok(())
}

/// Longer than this a start does not wait for the second place.
const REPLICA_PATIENCE: Duration = Duration::from_secs(5);

/// A place that is another server's, or of a newer version, is refused; one that is away is caught
/// up with when it is back.
async fn replicator(
    config: &Config,
    opened: &Opened,
    cluster: Option<&Entered>,
) -> anyhow::Result<Option<Replicator>> {
    let Some(url) = &config.replicate else {
        return Ok(None);
    };
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose()?;
    let replicator = Replicator {
        place: replicate::place(url, roots.as_deref())?,
        engine: opened.engine().clone(),
        log: opened.node.log.clone(),
        backup: opened.backup.clone(),
        dir: opened.dir.path().to_owned(),
        keep: config.replicate_keep,
        status: Arc::default(),
        cluster: cluster.map(|entered| entered.shared.me.cluster.clone()),
        works: Box::new(node::works(cluster)),
    };
    match tokio::time::timeout(REPLICA_PATIENCE, replicator.claim()).await {
        Ok(Err(error)) if error.is_final() => return Err(error.into()),
        Ok(Err(error)) => tracing::warn!("the replica falls behind: {error}"),
        Ok(Ok(())) => {}
        Err(_) => tracing::warn!("the replica does not answer yet"),
    }
    Ok(Some(replicator))
}

fn settings(config: &Config) -> Settings {
    Settings {
        name: config.name.clone(),
        signup: config.signup,
        public_url: config.public_url.clone(),
        origins: config.origins.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        retention_days: config.retention_days,
        edit_history: config.edit_history,
        is_tls: false,
        sso: None,
        mail: None,
    }
}

/// The link for the first administrator, as long as there is none.
async fn setup_link(admin: &AdminCommands, of_many: bool) -> anyhow::Result<Option<String>> {
    if admin.engine.read()?.has_admin()? {
        return Ok(None);
    }
    let made = match admin.invite(Role::Admin, SETUP_S, 1, true).await {
        // Without its Redis a node can be read, and no more.
        Err(refusal) if of_many && refusal.code == Code::ReadOnly => return Ok(None),
        made => made?,
    };
    match made {
        Reply::Invite { link, .. } => Ok(Some(link)),
        _ => Ok(None),
    }
}

/// Writing beyond the limit of a file's size (`setrlimit(2)`).
const SIGXFSZ: i32 = rustix::process::Signal::XFSZ.as_raw();

/// Tells the service manager that commands are still applied; that this task runs says the same of
/// the runtime.
async fn watchdog(notifier: Notifier, engine: Engine) {
    let Some(period) = notifier.watchdog_period() else {
        return;
    };
    let mut ticks = tokio::time::interval(period);
    let mut seen = None;
    loop {
        ticks.tick().await;
        let beats = Some(engine.pulse().beats());
        if beats != seen {
            notifier.alive();
        }
        seen = beats;
    }
}

/// The first SIGTERM or SIGINT asks to stop, the second one ends the process.
fn on_signals() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    // A limit on the size of files then is an error like a full disk, not the end of the process.
    // Installed once, the handler stays.
    drop(signal(SignalKind::from_raw(SIGXFSZ))?);
    let signals = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::spawn(async move {
        let (mut terminate, mut interrupt) = signals;
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; a second signal stops at once");
        // Nobody serves yet: there is nothing to finish, and the log can be replayed again.
        if sender.receiver_count() <= 1 {
            std::process::exit(0);
        }
        let _ = sender.send(true);
        tokio::select! {
            () = either(&mut terminate, &mut interrupt) => std::process::exit(1),
            () = tokio::time::sleep(LONGEST_STOP) => {
                // What was acknowledged is in the log; the rest was never promised.
                tracing::warn!("stopping takes too long; what is left is cut");
                std::process::exit(0);
            }
        }
    });
    Ok(receiver)
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it everything else.
    let _ = stop.wait_for(|is_stopping| *is_stopping).await;
}
