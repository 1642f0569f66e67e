//! The command line: one file per subcommand.
mod args;
mod audit;
mod backup;
pub mod bench;
mod certificates;
mod check;
mod cluster;
mod clustered;
mod completions;
mod config;
mod doors;
mod export;
mod healthcheck;
mod import;
mod invite;
mod keeper;
mod logging;
mod mailer;
mod metrics_port;
mod password;
mod progress;
mod redis_port;
mod reindex;
mod restore;
mod retention;
mod serve;
mod sso;
mod target;
mod term;
mod token;
mod user;
mod version;

use crate::config::{Config, ConfigError, PlaceArgs, ServeArgs};
use args::{Cli, Command};
use clap::FromArgMatches;
use std::process::ExitCode;

/// What was typed cannot be meant. Exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

/// Does what the command line says. Exit status 0: done; 1: failed; 2: usage or configuration.
pub fn run() -> ExitCode {
    // Whatever is written into a data directory is for its owner alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let matches = args::command_line().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has what it wanted: `maru export | head` is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            term::complain(whole(&error));
            let is_usage = error.is::<UsageError>() || error.is::<ConfigError>();
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let place = cli.place;
    match cli.command {
        Command::Serve(args) => serve::run(settings(&place, *args)?),
        Command::User(args) => user::run(&settings_beside(&place)?, args),
        Command::Token(args) => token::run(&settings_beside(&place)?, args),
        Command::Invite(args) => invite::run(&settings_beside(&place)?, args),
        Command::Import(args) => import::run(&settings_beside(&place)?, &args),
        Command::Export(args) => export::run(&settings_beside(&place)?, &args),
        Command::Backup(args) => backup::run(&settings_beside(&place)?, &args),
        Command::Restore(args) => restore::run(&settings_beside(&place)?, &args),
        Command::Config(args) => config::run(&place, args::serve_args_from_env()?, &args),
        Command::Audit(args) => audit::run(&settings_beside(&place)?, args),
        Command::Retention(args) => retention::run(&settings_beside(&place)?, &args),
        Command::Check { repair } => check::run(&settings_beside(&place)?, repair),
        Command::Cluster(args) => cluster::run(&settings_beside(&place)?, &args),
        Command::Reindex => reindex::run(&settings_beside(&place)?),
        Command::Bench(args) => bench::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&place, &args),
        Command::Version(args) => version::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

fn settings(place: &PlaceArgs, args: ServeArgs) -> anyhow::Result<Config> {
    let config = Config::resolve(place, args)?;
    for warning in &config.warnings {
        term::warn(warning);
    }
    Ok(config)
}

/// The settings as a server in the same environment would have them.
fn settings_beside(place: &PlaceArgs) -> anyhow::Result<Config> {
    settings(place, args::serve_args_from_env()?)
}

/// An error with its causes; many say their cause themselves.
fn whole(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.into_iter()
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
