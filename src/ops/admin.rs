//! The one place where what the command line asks is done, beside a server and without one.

use crate::auth::passwords::{HashError, Hasher, Password, Unfit};
use crate::auth::random;
use crate::cluster::{EnterError, Entered, init};
use crate::domain::factor::FactorCommand;
use crate::domain::{Actor, Code, Command, Manage, Outcome, Refusal, Role, RoomKind, UserId};
use crate::engine::Engine;
use crate::ops::backup::BackupSource;
use crate::ops::check::{self, CheckTarget};
use crate::ops::cluster;
use crate::ops::request::{Reply, Request};
use crate::search::{Search, Stage};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the admin needs to do its work. Clones are the same admin.
#[derive(Clone)]
pub struct AdminCommands {
    pub engine: Engine,
    pub passwords: Hasher,
    pub target: CheckTarget,
    pub backup: BackupSource,
    /// Where people reach the server, without a path.
    pub base_url: String,
    pub data_dir: PathBuf,
    /// In clustered mode.
    pub cluster: Option<Arc<Entered>>,
}

impl AdminCommands {
    pub async fn answer(&self, request: Request) -> Result<Reply, Refusal> {
        match request {
            Request::AddUser {
                username,
                display_name,
                role,
                password,
            } => self.add_user(username, display_name, role, password).await,
            Request::ListUsers => Ok(Reply::Users {
                users: self.engine.read()?.users()?,
            }),
            Request::SetPassword { username, password } => {
                let user = self.user_named(&username)?;
                let password_hash = self.hash(&username, &password).await?;
                let keep = None;
                self.change(
                    user,
                    Command::SetPassword {
                        user,
                        password_hash,
                        keep,
                    },
                )
                .await
            }
            Request::SetRole { username, role } => {
                let user = self.user_named(&username)?;
                self.change(user, Command::SetRole { user, role }).await
            }
            Request::SetDisabled { username, disabled } => {
                let user = self.user_named(&username)?;
                self.change(user, Command::SetDisabled { user, disabled })
                    .await
            }
            Request::CreateInvite {
                role,
                expires_in_s,
                uses,
            } => self.invite(role, expires_in_s, uses, false).await,
            Request::CreateToken {
                username,
                label,
                scopes,
                expires_in_s,
            } => {
                self.create_token(username, label, scopes, expires_in_s)
                    .await
            }
            Request::ListTokens { username } => self.list_tokens(&username),
            Request::RevokeToken { id } => self.revoke_token(id).await,
            Request::ClosedRooms { rooms } => self.closed_rooms(rooms),
            Request::Cluster => {
                let Some(entered) = self.cluster.clone() else {
                    let text = "This server is the only one: it was started without --redis-url.";
                    return Err(Refusal::new(Code::NotFound, text));
                };
                let told = tokio::task::spawn_blocking(move || cluster::tell(&entered)).await;
                let nodes = told.map_err(|_| broke_down())?;
                Ok(Reply::Cluster { nodes })
            }
            Request::ClusterInit { redis_url } => {
                if self.cluster.is_some() {
                    let text = "This server is one of a cluster already.";
                    return Err(Refusal::new(Code::Conflict, text));
                }
                let (log, dir) = (self.target.log.clone(), self.data_dir.clone());
                let begun = tokio::task::spawn_blocking(move || init::init(&redis_url, &dir, &log));
                let begun = begun.await.map_err(|_| broke_down())?;
                let failed = |error: EnterError| Refusal::new(Code::Invalid, error.to_string());
                Ok(Reply::ClusterBegun {
                    seq: begun.map_err(failed)?.0,
                })
            }
            Request::Health { ready } => {
                if ready {
                    self.engine.ready()?;
                }
                Ok(Reply::Done)
            }
            Request::Audit {
                user,
                action,
                after,
                limit,
            } => self.audit(user, action, after, limit).await,
            Request::EraseUser { username, messages } => self.erase_user(&username, messages).await,
            Request::ResetFactors { username } => {
                let user = self.user_named(&username)?;
                let reset = Manage::Factor(FactorCommand::Reset { user });
                self.change(user, Command::Manage(reset)).await
            }
            Request::ResetLink { username } => self.reset_link(&username).await,
            Request::ClaimLinks => self.claim_links().await,
            Request::Retention { dry_run, days } => self.retention(dry_run, days).await,
            Request::Check => {
                let (engine, target) = (self.engine.clone(), self.target.clone());
                let checked = tokio::task::spawn_blocking(move || check::check(&engine, &target));
                let report = checked.await.map_err(|_| broke_down())??;
                Ok(Reply::Checked { report })
            }
            Request::Reindex => {
                let search = self.target.search.clone();
                let done = tokio::task::spawn_blocking(move || reindex(&search));
                done.await.map_err(|_| broke_down())?
            }
        }
    }

    /// A link that lets people sign up; one for the setup makes the first administrator only.
    pub async fn invite(
        &self,
        role: Role,
        expires_in_s: u64,
        uses: u32,
        is_setup: bool,
    ) -> Result<Reply, Refusal> {
        let token = random::token().map_err(|_| broke_down())?;
        let expires_in_ms = i64::try_from(expires_in_s)
            .unwrap_or(i64::MAX)
            .saturating_mul(1000);
        let expires_at = self.engine.now().plus_ms(expires_in_ms);
        let digest = random::digest_text(&token);
        let command = Command::CreateInvite {
            digest,
            role,
            expires_at,
            uses,
            is_setup,
        };
        match self.engine.submit(Actor::System, command).await? {
            Outcome::Invite(invite) => {
                let link = format!("{}/signup?invite={token}", self.base_url);
                Ok(Reply::Invite { invite, link })
            }
            _ => Err(broke_down()),
        }
    }

    async fn add_user(
        &self,
        username: String,
        display_name: Option<String>,
        role: Role,
        password: String,
    ) -> Result<Reply, Refusal> {
        let password_hash = Some(self.hash(&username, &password).await?);
        let (invite, session) = (None, None);
        let command = Command::CreateUser {
            username,
            display_name,
            role,
            password_hash,
            invite,
            session,
        };
        match self.engine.submit(Actor::System, command).await? {
            Outcome::User(user) | Outcome::Session { user, .. } => Ok(Reply::User { user }),
            _ => Err(broke_down()),
        }
    }

    async fn change(&self, user: UserId, command: Command) -> Result<Reply, Refusal> {
        self.engine.submit(Actor::System, command).await?;
        match self.engine.read()?.user(user)? {
            Some(user) => Ok(Reply::User { user }),
            None => Ok(Reply::Done),
        }
    }

    pub(super) fn user_named(&self, username: &str) -> Result<UserId, Refusal> {
        let account = self.engine.read()?.account_by_name(username)?;
        let nobody = || {
            let text =
                format!("There is nobody named {username}; `maru user list` shows who there is.");
            Refusal::new(Code::NotFound, text)
        };
        Ok(account.ok_or_else(nobody)?.user.id)
    }

    fn closed_rooms(&self, rooms: Vec<String>) -> Result<Reply, Refusal> {
        let reader = self.engine.read()?;
        let mut closed = Vec::new();
        for name in rooms {
            let Some(id) = reader.room_by_name(&name)? else {
                continue;
            };
            if reader
                .room_record(id)?
                .is_some_and(|room| room.kind != RoomKind::Public)
            {
                closed.push(name);
            }
        }
        Ok(Reply::Rooms { rooms: closed })
    }

    async fn hash(&self, username: &str, typed: &str) -> Result<String, Refusal> {
        let password = Password::new(typed);
        let unfit = |unfit: Unfit| Refusal::invalid("password", unfit.to_string());
        password.check(username).map_err(unfit)?;
        let failed = |error: HashError| Refusal::new(Code::Unavailable, error.to_string());
        self.passwords.hash(&password).await.map_err(failed)
    }
}

/// A look at whether it is done.
const LOOK: Duration = Duration::from_millis(200);

fn reindex(search: &Search) -> Result<Reply, Refusal> {
    let began = Instant::now();
    // What is missing or of another version is built at the start anyway.
    while search.progress().stage == Stage::Opening {
        std::thread::sleep(LOOK);
    }
    if search.progress().stage == Stage::Following {
        search.reindex();
    }
    while !search.wait_settled(LOOK) {
        if search.progress().stop {
            return Err(Refusal::new(Code::Unavailable, "The server is stopping."));
        }
    }
    Ok(Reply::Reindexed {
        messages: search.built(),
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

pub(super) fn broke_down() -> Refusal {
    Refusal::new(Code::Internal, "Something is wrong; the log says what.")
}
