//! Tokens, bots, consumers and slash commands. Hooks have a file of their own.

use super::users::tell_user;
use super::{Stop, Work};
use crate::read::{Lookup, Programs, require};
use crate::records::{ConsumerRecord, SlashRecord, TokenRecord, UserRecord};
use crate::table::Readable;
use maru_domain::program::{Scope, SlashCommand};
use maru_domain::{
    Actor, Code, Effect, Outcome, Position, ProgramCommand, ProgramOutcome, Refusal, Role,
    SessionId, Timestamp, TokenId, UserId, limits,
};

/// The parts of a new token.
pub(super) struct NewToken<'a> {
    pub user: UserId,
    pub name: &'a str,
    pub digest: &'a str,
    pub scopes: &'a [Scope],
    pub expires_at: Option<Timestamp>,
}

/// How far a consumer has come.
struct Commit<'a> {
    name: &'a str,
    position: Position,
    epoch: u64,
    back: bool,
}

pub(super) fn given(outcome: ProgramOutcome) -> Outcome {
    Outcome::Program(Box::new(outcome))
}

impl Work<'_, '_> {
    pub(super) fn program(&mut self, command: &ProgramCommand) -> Result<Outcome, Stop> {
        match command {
            ProgramCommand::CreateToken {
                user,
                name,
                digest,
                scopes,
                expires_at,
            } => {
                self.need_owner_of(*user)?;
                let new = NewToken {
                    user: *user,
                    name,
                    digest,
                    scopes,
                    expires_at: *expires_at,
                };
                self.need_room_for_token(*user)?;
                self.add_token(&new)
                    .map(|token| given(ProgramOutcome::Token(token)))
            }
            ProgramCommand::RevokeToken { token } => {
                let missing = || Refusal::not_found("token");
                let record = self.tables.token_record(*token)?.ok_or_else(missing)?;
                self.need_owner_of(record.user).map_err(|stop| match stop {
                    Stop::Refused(_) => missing().into(),
                    stop @ Stop::Broken(_) => stop,
                })?;
                self.drop_token(*token, &record)?;
                Ok(Outcome::Done)
            }
            ProgramCommand::CreateBot {
                username,
                display_name,
                name,
                digest,
                scopes,
                expires_at,
            } => {
                let bot = self.add_bot(username, display_name.as_deref())?;
                let new = NewToken {
                    user: bot,
                    name,
                    digest,
                    scopes,
                    expires_at: *expires_at,
                };
                let token = self.add_token(&new)?;
                let user = self.user_record(bot)?.view(bot);
                Ok(given(ProgramOutcome::Bot(user, token)))
            }
            ProgramCommand::RemoveBot { bot } => self.remove_bot(*bot),
            ProgramCommand::CreateHook {
                room,
                name,
                digest,
                username,
            } => self.create_hook(*room, name, digest, username),
            ProgramCommand::RotateHook { hook, digest } => self.rotate_hook(*hook, digest),
            ProgramCommand::DeleteHook { hook } => self.delete_hook(*hook),
            ProgramCommand::CreateWebhook { .. } => self.create_webhook(command),
            ProgramCommand::MoveWebhook {
                webhook,
                position,
                epoch,
                failure,
                from,
            } => self.move_webhook(*webhook, (*position, *epoch), failure.as_ref(), *from),
            ProgramCommand::DeleteWebhook { webhook } => self.delete_webhook(*webhook),
            ProgramCommand::Commit {
                consumer,
                position,
                epoch,
                back,
            } => self.commit(&Commit {
                name: consumer,
                position: *position,
                epoch: *epoch,
                back: *back,
            }),
            ProgramCommand::DeleteConsumer { consumer } => {
                let user = self.person()?;
                let key = (consumer.as_str(), user.0);
                require(self.tables.consumers.get(key)?, "consumer")?;
                self.tables.consumers.remove(key)?;
                Ok(Outcome::Done)
            }
            ProgramCommand::SetSlashCommand(command) => self.set_slash_command(command),
            ProgramCommand::DropSlashCommand { name } => {
                let missing = || Refusal::not_found("command");
                let record = self.tables.slash_commands.get(name.as_str())?;
                let record = record.ok_or_else(missing)?;
                self.need_owner_of(record.bot)?;
                self.tables.slash_commands.remove(name.as_str())?;
                Ok(Outcome::Done)
            }
        }
    }

    /// Accounts belong to their person; bots also to whoever made them, and all to administrators.
    pub(super) fn need_owner_of(&self, user: UserId) -> Result<(), Stop> {
        let record = self.user_record(user)?;
        let is_own = match self.actor {
            Actor::System => true,
            Actor::User(actor) => actor == user || record.bot_of == Some(actor),
        };
        // Administrators manage bots; a person's tokens are the person's alone, or the machine's.
        if is_own || (record.bot_of.is_some() && self.is_admin()?) {
            Ok(())
        } else {
            Err(Refusal::not_found("user").into())
        }
    }

    fn need_room_for_token(&self, user: UserId) -> Result<(), Stop> {
        if self.tables.token_ids(user)?.len() >= limits::TOKENS_PER_USER {
            return Err(Refusal {
                limit: Some(limits::TOKENS_PER_USER as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "There are too many tokens already; revoke one that is not used.",
                )
            }
            .into());
        }
        Ok(())
    }

    fn add_token(&mut self, new: &NewToken<'_>) -> Result<maru_domain::Token, Stop> {
        let id = TokenId(self.new_id());
        let record = TokenRecord {
            user: new.user,
            name: new.name.to_owned(),
            digest: new.digest.to_owned(),
            scopes: new.scopes.to_vec(),
            created_at: self.at,
            expires_at: new.expires_at,
        };
        self.tables.token_digests.put(new.digest, &id.0)?;
        self.tables.user_tokens.put((new.user.0, id.0), &())?;
        if let Some(end) = new.expires_at {
            self.tables.token_ends.put((end.0, id.0), &())?;
        }
        self.tables.tokens.put(id.0, &record)?;
        Ok(record.view(id))
    }

    fn drop_token(&mut self, id: TokenId, record: &TokenRecord) -> Result<(), Stop> {
        self.tables.tokens.remove(id.0)?;
        self.tables.token_digests.remove(record.digest.as_str())?;
        self.tables.user_tokens.remove((record.user.0, id.0))?;
        if let Some(end) = record.expires_at {
            self.tables.token_ends.remove((end.0, id.0))?;
        }
        self.effects.push(Effect::TokenEnded {
            user: record.user,
            token: SessionId(id.0),
        });
        Ok(())
    }

    fn drop_tokens(&mut self, user: UserId) -> Result<(), Stop> {
        for id in self.tables.token_ids(user)? {
            if let Some(record) = self.tables.token_record(id)? {
                self.drop_token(id, &record)?;
            }
        }
        Ok(())
    }

    /// Forgets tokens that are over, at most `max`; how many.
    pub(super) fn sweep_tokens(&mut self, max: usize) -> Result<usize, Stop> {
        let over = self.tables.token_ends.range(..=(self.at.0, u64::MAX))?;
        let over = over.take(max).map(|row| Ok(row?.0));
        let over = over.collect::<crate::Result<Vec<_>>>()?;
        for &(at, id) in &over {
            self.tables.token_ends.remove((at, id))?;
            if let Some(record) = self.tables.token_record(TokenId(id))? {
                self.drop_token(TokenId(id), &record)?;
            }
        }
        Ok(over.len())
    }

    /// A bot of the actor, with its account.
    pub(super) fn add_bot(
        &mut self,
        username: &str,
        display_name: Option<&str>,
    ) -> Result<UserId, Stop> {
        let owner = match self.actor {
            Actor::System => UserId(0),
            Actor::User(user) => user,
        };
        if self
            .actor_record
            .as_ref()
            .is_some_and(|user| user.bot_of.is_some())
        {
            return Err(Refusal::forbidden("A bot makes no bots; sign in as a person.").into());
        }
        if self.tables.user_named(username)?.is_some() {
            return Err(Refusal {
                field: Some("username".into()),
                ..Refusal::new(Code::NameTaken, "This user name is taken; choose another.")
            }
            .into());
        }
        if self.tables.bot_ids(owner)?.len() >= limits::BOTS_PER_USER {
            return Err(Refusal {
                limit: Some(limits::BOTS_PER_USER as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "You have too many bots already; remove one that is not used.",
                )
            }
            .into());
        }
        let id = UserId(self.new_id());
        let record = UserRecord {
            username: username.to_owned(),
            display_name: display_name.unwrap_or(username).to_owned(),
            role: Role::Member,
            created_at: self.at,
            disabled: false,
            password_hash: None,
            status: None,
            avatar: None,
            bot_of: Some(owner),
        };
        self.name_user(id, username)?;
        self.save_user(id, &record)?;
        self.tables.bots.put((owner.0, id.0), &())?;
        tell_user(self, record.view(id));
        Ok(id)
    }

    fn remove_bot(&mut self, id: UserId) -> Result<Outcome, Stop> {
        let missing = || Refusal::not_found("bot");
        let mut record = self.tables.user_record(id)?.ok_or_else(missing)?;
        let Some(owner) = record.bot_of else {
            return Err(missing().into());
        };
        self.need_owner_of(id)?;
        self.drop_tokens(id)?;
        let rows = self.tables.slash_commands.rows()?;
        let of_bot = rows.filter_map(|row| match row {
            Ok((name, record)) => (record.bot == id).then_some(Ok(name)),
            Err(error) => Some(Err(error)),
        });
        for name in of_bot.collect::<crate::Result<Vec<_>>>()? {
            self.tables.slash_commands.remove(name.as_str())?;
        }
        self.tables.bots.remove((owner.0, id.0))?;
        record.disabled = true;
        self.save_user(id, &record)?;
        self.drop_sessions(id, None)?;
        tell_user(self, record.view(id));
        Ok(Outcome::Done)
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Outcome, Stop> {
        let user = self.person()?;
        let key = (commit.name, user.0);
        let held = self.tables.consumers.get(key)?;
        match &held {
            Some(held)
                if !commit.back
                    && held.epoch == commit.epoch
                    && commit.position < held.position =>
            {
                return Err(Refusal {
                    field: Some("seq".into()),
                    limit: Some(held.position.0),
                    ..Refusal::new(
                        Code::Conflict,
                        format!(
                            "This consumer has committed {} already, and a commit moves forward \
                             only; to go back, send `reset`.",
                            held.position
                        ),
                    )
                }
                .into());
            }
            Some(_) => {}
            None => {
                let rows = self.tables.consumers.rows()?;
                let mut own = 0;
                for row in rows {
                    own += usize::from(row?.0.1 == user.0);
                }
                if own >= limits::CONSUMERS_PER_USER {
                    return Err(Refusal {
                        limit: Some(limits::CONSUMERS_PER_USER as u64),
                        ..Refusal::new(
                            Code::Conflict,
                            "You have too many consumers already; delete one that is not used.",
                        )
                    }
                    .into());
                }
            }
        }
        let record = ConsumerRecord {
            position: commit.position,
            epoch: commit.epoch,
            committed_at: self.at,
        };
        self.tables.consumers.put(key, &record)?;
        let view = record.view(commit.name.to_owned(), user);
        Ok(given(ProgramOutcome::Consumer(view)))
    }

    fn set_slash_command(&mut self, command: &SlashCommand) -> Result<Outcome, Stop> {
        let bot = self.user_record(command.bot_id)?;
        if bot.bot_of.is_none() {
            return Err(Refusal::invalid("bot_id", "Only a bot answers commands.").into());
        }
        self.need_owner_of(command.bot_id)?;
        let name = command.name.as_str();
        let mut own = 0;
        for row in self.tables.slash_commands.rows()? {
            let (taken, record) = row?;
            own += usize::from(record.bot == command.bot_id && taken != name);
            if taken == name && record.bot != command.bot_id {
                return Err(Refusal {
                    field: Some("name".into()),
                    ..Refusal::new(
                        Code::NameTaken,
                        "Another bot has this command; choose another name.",
                    )
                }
                .into());
            }
        }
        if own >= limits::SLASH_COMMANDS_PER_BOT {
            return Err(
                Refusal::too_long("name", limits::SLASH_COMMANDS_PER_BOT, "commands").into(),
            );
        }
        let record = SlashRecord {
            bot: command.bot_id,
            description: command.description.clone(),
            usage: command.usage.clone(),
        };
        self.tables.slash_commands.put(name, &record)?;
        Ok(Outcome::Done)
    }
}
