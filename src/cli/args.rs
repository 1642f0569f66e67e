//! What can be typed, and where each flag also comes from.

use super::{
    audit, backup, bench, cluster, completions, config, export, healthcheck, import, invite,
    restore, retention, token, user, version,
};
use crate::config::{PlaceArgs, ServeArgs};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

/// A team chat in one binary. Everything it knows lies in one directory.
#[derive(Debug, Parser)]
#[command(
    name = "maru",
    version,
    max_term_width = 100,
    propagate_version = false,
    arg_required_else_help = true,
    after_help = "Every flag can also be set in the environment: --data-dir is MARU_DATA_DIR.\n\
                  The settings of `serve` can also stand in maru.toml: data-dir = \"/var/lib/maru\".\n\
                  Flags win over the environment, the environment over the file."
)]
pub struct Cli {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    ///
    /// Makes the data directory where there is none. Prints one line when it is ready, and, as
    /// long as nobody has an account, a link for the first administrator that works once, within
    /// 30 minutes. SIGTERM ends it: no new connections, clients are told to come back, what is
    /// begun is finished. A second signal ends it at once; no acknowledged message is lost either way.
    Serve(Box<ServeArgs>),

    /// Manage accounts
    User(user::UserArgs),

    /// Manage access tokens of people and bots
    Token(token::TokenArgs),

    /// Invite people
    Invite(invite::InviteArgs),

    /// Load history from a file
    ///
    /// Each line is a JSON object: {"id":"…","room":"…","user":"…","sent_at":"…","text":"…"}, and
    /// optionally display_name, edited_at and reply_to (the id of an earlier line). The file may
    /// be packed with gzip. Missing rooms are made as public ones, missing users without a
    /// password. The same id twice is one message, so a file can be loaded again.
    ///
    /// All lines are read before the first is kept: if one is bad, it is named and nothing is
    /// loaded, unless --skip-bad-lines is given.
    Import(import::ImportArgs),

    /// Write all messages of public rooms to the standard output
    ///
    /// One JSON object a line, in the order in which they came, as `import` reads them. Private and
    /// direct rooms are left out: a line does not say who may read it.
    Export(export::ExportArgs),

    /// Write everything into one archive, also while the server runs
    ///
    /// One moment of all: accounts, rooms, history, files, the cache, and the keys that tokens are
    /// signed with. The archive is as secret as the data directory. The search index is left out;
    /// it is built anew.
    Backup(backup::BackupArgs),

    /// Bring a backup into an empty data directory
    ///
    /// Everything is verified before anything is put in place. Everybody signs in anew, unless
    /// --keep-sessions is given.
    Restore(restore::RestoreArgs),

    /// Verify the settings
    Config(config::ConfigArgs),

    /// Show who did what of what concerns administrators and security
    Audit(audit::AuditArgs),

    /// Remove messages that are older than their rooms keep them, or count them
    ///
    /// The server does this once a day by itself.
    Retention(retention::RetentionArgs),

    /// Verify log, state and search index against each other
    ///
    /// Exit status 0: all agree; 1: something is wrong, and it is named.
    Check {
        /// Sets aside what is damaged, with the server stopped; says what is lost with it
        #[arg(long)]
        repair: bool,
    },

    /// Several servers as one, over a Redis
    Cluster(cluster::ClusterArgs),

    /// Build the search index anew
    ///
    /// Beside a running server the old index answers until the new one takes over.
    Reindex,

    /// Load a server and print what it does
    ///
    /// Speaks Socket.IO and HTTP as any client would, to this server or to another one with the
    /// same events.
    Bench(Box<bench::BenchArgs>),

    /// Ask a server whether it is well
    ///
    /// Exit status 0: it is. For containers and scripts.
    Healthcheck(healthcheck::HealthcheckArgs),

    /// Print the version, or the licences of what is inside
    Version(version::VersionArgs),

    /// Print a completion script for a shell
    ///
    /// For example: maru completions bash > /etc/bash_completion.d/maru
    Completions(completions::CompletionsArgs),
}

/// The command line with an environment variable for every flag, named in one place only.
pub fn command_line() -> clap::Command {
    let command = Cli::command().mut_args(with_variable);
    command.mut_subcommands(with_variables)
}

fn with_variables(command: clap::Command) -> clap::Command {
    let is_serve = command.get_name() == "serve";
    let command = command.mut_args(with_variable);
    let command = match is_serve {
        true => command,
        // Beside `serve` the variables are only noise in the help.
        false => command.mut_args(|arg| arg.hide_env(true)),
    };
    command.mut_subcommands(with_variables)
}

fn with_variable(arg: Arg) -> Arg {
    let Some(flag) = arg
        .get_long()
        .filter(|flag| !["help", "version"].contains(flag))
    else {
        return arg;
    };
    let name = format!("MARU_{}", flag.to_ascii_uppercase().replace('-', "_"));
    // clap borrows names for as long as the process lives; there are a few dozen, once.
    let name: &'static str = Box::leak(name.into_boxed_str());
    arg.env(name).hide_env_values(true)
}

/// What `serve` would be told by the environment alone.
pub fn serve_args_from_env() -> Result<ServeArgs, clap::Error> {
    use clap::Args;
    let command = ServeArgs::augment_args(clap::Command::new("maru")).mut_args(with_variable);
    let matches = command.try_get_matches_from(["maru"])?;
    ServeArgs::from_arg_matches(&matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command_line().debug_assert();
    }

    #[test]
    fn every_flag_has_a_variable() {
        let command = command_line();
        let serve = command.find_subcommand("serve").expect("it is there");
        let arg = |id: &str| {
            serve
                .get_arguments()
                .find(|arg| arg.get_id() == id)
                .cloned()
        };
        let variable = |id| arg(id).and_then(|arg| arg.get_env().map(|name| name.to_owned()));
        assert_eq!(
            variable("public_url").as_deref(),
            Some("MARU_PUBLIC_URL".as_ref())
        );
        assert_eq!(variable("fsync").as_deref(), Some("MARU_FSYNC".as_ref()));
    }

    #[test]
    fn the_place_can_stand_on_either_side() {
        for line in [
            ["maru", "--data-dir", "d", "user", "list"],
            ["maru", "user", "list", "--data-dir", "d"],
        ] {
            let matches = command_line()
                .try_get_matches_from(line)
                .expect("understood");
            let cli = Cli::from_arg_matches(&matches).expect("understood");
            assert_eq!(cli.place.data_dir.as_deref(), Some("d".as_ref()));
        }
    }
}
