//! `maru bench`: a load generator for Socket.IO chat servers.
//!
//! - `args`: what is asked.
//! - `target`: where the server is. `http`: calls of its API. `setup`: an account and rooms.
//! - `wire`: as much of WebSocket and Socket.IO as a client needs, counting without reading JSON.
//! - `connection`: one client. `load`: all of them, in one thread around one epoll.
//! - `search`: questions instead of posts.
//! - `memory`: what the server's process holds. `report`: the figures.
mod args;
mod connection;
mod http;
mod load;
mod memory;
mod report;
mod search;
mod setup;
mod target;
mod wire;

pub use args::BenchArgs;

use anyhow::{Context, Result, bail};
use load::{Load, Plan};
use memory::Process;
use setup::Account;
use target::Target;

/// Runs to the end and prints the figures. Fails if the server lost something.
pub fn run(args: &BenchArgs) -> Result<()> {
    if args
        .rate
        .is_some_and(|rate| !(rate > 0.0 && rate.is_finite()))
    {
        bail!("--rate must be a number above 0");
    }
    raise_open_files(u64::from(args.clients) + 64)?;
    let target = Target::parse(&args.url, &args.path)?;
    let server = match args.pid {
        Some(pid) => Some(
            Process::new(pid).with_context(|| format!("no process {pid} to read the memory of"))?,
        ),
        None => Process::listening_on(target.address),
    };
    // Before anything is asked of it: hashing a password alone takes 20 MB for a while.
    let before = server.and_then(Process::resident_bytes);
    let account = if args.no_setup {
        None
    } else {
        Some(Account::enter(&target, args)?)
    };
    let rooms = match &account {
        Some(account) => account.make_rooms(&target, args.rooms)?,
        None => (1..=u64::from(args.rooms)).collect(),
    };
    if let (Some(searches), Some(account)) = (args.searches, &account) {
        let result = search::run(&target, account, rooms[0], searches);
        let swept = account.leave(&target, &rooms);
        result?.print(args.json)?;
        return swept;
    }
    let result = measure(args, &target, account.as_ref(), &rooms, (server, before));
    let swept = account
        .as_ref()
        .map_or(Ok(()), |account| account.leave(&target, &rooms));
    let report = result?;
    report.print(args.json)?;
    swept?;
    report.verdict()
}

fn measure(
    args: &BenchArgs,
    target: &Target,
    account: Option<&Account>,
    rooms: &[u64],
    (server, before): (Option<Process>, Option<u64>),
) -> Result<report::Report> {
    let plan = Plan {
        token: account.map(|account| account.token.as_str()),
        rooms,
        clients: args.clients as usize,
        messages: if args.idle { 0 } else { args.messages as usize },
        window: args.window as usize,
        rate: args.rate,
        size: args.size as usize,
        timeout: args.timeout,
    };
    let also = args.also.iter();
    let also: Vec<Target> = also
        .map(|url| Target::parse(url, &args.path))
        .collect::<Result<_>>()?;
    let targets: Vec<&Target> = std::iter::once(target).chain(&also).collect();
    if targets.len() > plan.clients {
        bail!("each node needs a client; raise --clients");
    }
    let mut load = Load::new(&targets, &plan)?;
    let connecting = load.connect()?;
    if args.idle {
        load.hold(args.hold)?;
    }
    let idle = server.and_then(Process::resident_bytes);
    let outcome = if args.idle { None } else { Some(load.post()?) };
    let after = server.and_then(Process::resident_bytes);
    Ok(report::Report::new(
        args,
        connecting,
        [before, idle, after],
        outcome,
    ))
}

/// Each client is an open file.
fn raise_open_files(wanted: u64) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if limit.maximum.is_some_and(|maximum| maximum < wanted) {
        bail!(
            "{wanted} open files are needed; raise the limit with `ulimit -Hn {wanted}` or use fewer --clients"
        );
    }
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(wanted),
            maximum: limit.maximum,
        },
    )
    .context("the limit of open files cannot be raised; use fewer --clients")
}
