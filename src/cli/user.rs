//! `maru user …`

use super::password::PasswordArgs;
use super::{target, term};
use crate::config::Config;
use crate::domain::{Role, User};
use crate::ops::request::{Reply, Request};

#[derive(Debug, clap::Args)]
pub struct UserArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account; the password is asked for, or read from where a flag says
    Add {
        /// The name to sign in with
        name: String,
        /// What the account may do: admin or member
        #[arg(long, default_value = "member")]
        role: Role,
        /// The name that others see [default: the name]
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List all accounts
    List,
    /// Set a password and end all sessions of the account
    Passwd {
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Change what an account may do
    Role {
        name: String,
        /// admin or member
        role: Role,
    },
    /// Close an account: its sessions end at once, its messages stay
    Disable {
        name: String,
        /// Open it again
        #[arg(long)]
        undo: bool,
    },
    /// Empty an account for good: name, settings, sessions, and on choice what was written
    Erase {
        name: String,
        /// Deletes the account's messages, too
        #[arg(long)]
        messages: bool,
    },
    /// Remove an account's app, passkeys and recovery codes: the password alone signs in again
    ResetFactors { name: String },
    /// Print a link by which somebody sets a new password, once, within a day
    Reset { name: String },
    /// Print a link for everybody who has no password yet, such as people of an imported history; each
    /// works once, within two weeks
    Claim,
}

pub fn run(config: &Config, args: UserArgs) -> anyhow::Result<()> {
    let request = match args.action {
        Action::Add {
            name: username,
            role,
            display_name,
            password,
        } => Request::AddUser {
            username,
            display_name,
            role,
            password: password.read()?,
        },
        Action::List => Request::ListUsers,
        Action::Passwd {
            name: username,
            password,
        } => Request::SetPassword {
            username,
            password: password.read()?,
        },
        Action::Role {
            name: username,
            role,
        } => Request::SetRole { username, role },
        Action::Disable {
            name: username,
            undo,
        } => Request::SetDisabled {
            username,
            disabled: !undo,
        },
        Action::Erase {
            name: username,
            messages,
        } => Request::EraseUser { username, messages },
        Action::ResetFactors { name: username } => Request::ResetFactors { username },
        Action::Reset { name: username } => Request::ResetLink { username },
        Action::Claim => Request::ClaimLinks,
    };
    match target::ask(config, "user", request)? {
        Reply::Users { users } => list(&users)?,
        Reply::User { user } => term::say(describe(&user))?,
        Reply::Link { link } => term::say(link)?,
        Reply::Links { links } => {
            for (username, link) in links {
                term::say(format_args!("{username}\t{link}"))?;
            }
        }
        Reply::Erased { messages } => term::say(format_args!(
            "the account is erased, and {messages} messages with it; backups made before still hold them"
        ))?,
        _ => term::say("done")?,
    }
    Ok(())
}

fn list(users: &[User]) -> std::io::Result<()> {
    use std::io::Write;
    let width = users
        .iter()
        .map(|user| user.username.chars().count())
        .max()
        .unwrap_or(0)
        .max(8);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{:<width$}  role    made        name", "username")?;
    for user in users {
        let day = user.created_at.to_string();
        let day = day.get(..10).unwrap_or(&day);
        let state = if user.disabled { " (disabled)" } else { "" };
        let User {
            username,
            role,
            display_name,
            ..
        } = user;
        let role = role.to_string();
        writeln!(
            out,
            "{username:<width$}  {role:<6}  {day}  {display_name}{state}"
        )?;
    }
    out.flush()
}

fn describe(user: &User) -> String {
    let state = if user.disabled { ", disabled" } else { "" };
    format!("{} ({}{state})", user.username, user.role)
}
