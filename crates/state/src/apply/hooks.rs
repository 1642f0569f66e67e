//! Webhooks, in both directions.

use super::access::not_archived;
use super::programs::given;
use super::{Stop, Work};
use crate::read::{Lookup, Programs};
use crate::records::{HookRecord, WebhookRecord};
use crate::table::Readable;
use maru_domain::program::WebhookFailure;
use maru_domain::{
    Actor, Code, Effect, HookId, MemberRole, Outcome, Position, ProgramCommand, ProgramOutcome,
    Refusal, RoomId, RoomKind, UserId, WebhookId, limits,
};

/// Names that are tried for the bot of a hook.
const NAMES_TRIED: u32 = 1_000;

impl Work<'_, '_> {
    /// The hook posts as a bot of its own, which is a member of the room.
    pub(super) fn create_hook(
        &mut self,
        room: RoomId,
        name: &str,
        digest: &str,
        username: &str,
    ) -> Result<Outcome, Stop> {
        let (record, member) = self.visible_room(room)?;
        if record.kind == RoomKind::Direct {
            return Err(Refusal::forbidden("A direct room takes no hooks.").into());
        }
        self.need_hooks_of(&record, member.as_ref())?;
        not_archived(&record)?;
        if self.tables.hook_ids(room)?.len() >= limits::HOOKS_PER_ROOM {
            return Err(Refusal {
                limit: Some(limits::HOOKS_PER_ROOM as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "This room has too many hooks already; delete one that is not used.",
                )
            }
            .into());
        }
        let mut free = username.to_owned();
        for n in 2..NAMES_TRIED {
            if self.tables.user_named(&free)?.is_none() {
                break;
            }
            free = format!("{username}-{n}");
        }
        let bot = self.add_bot(&free, Some(name))?;
        self.put_member(room, bot, MemberRole::Member)?;
        self.tell_joined(room, bot)?;
        let id = HookId(self.new_id());
        let record = HookRecord {
            room,
            name: name.to_owned(),
            digest: digest.to_owned(),
            bot,
            created_by: match self.actor {
                Actor::User(user) => user,
                Actor::System => UserId(0),
            },
            created_at: self.at,
        };
        self.tables.hook_digests.put(digest, &id.0)?;
        self.tables.room_hooks.put((room.0, id.0), &())?;
        self.tables.hooks.put(id.0, &record)?;
        Ok(given(ProgramOutcome::Hook(record.view(id))))
    }

    pub(super) fn rotate_hook(&mut self, id: HookId, digest: &str) -> Result<Outcome, Stop> {
        let mut record = self.hook_of_actor(id)?;
        self.tables.hook_digests.remove(record.digest.as_str())?;
        self.tables.hook_digests.put(digest, &id.0)?;
        record.digest = digest.to_owned();
        self.tables.hooks.put(id.0, &record)?;
        Ok(given(ProgramOutcome::Hook(record.view(id))))
    }

    /// Its messages stay; its bot is disabled.
    pub(super) fn delete_hook(&mut self, id: HookId) -> Result<Outcome, Stop> {
        let record = self.hook_of_actor(id)?;
        self.drop_hook(id, &record)?;
        Ok(Outcome::Done)
    }

    pub(super) fn drop_hooks_of(&mut self, room: RoomId) -> Result<(), Stop> {
        for id in self.tables.hook_ids(room)? {
            if let Some(record) = self.tables.hook_record(id)? {
                self.drop_hook(id, &record)?;
            }
        }
        Ok(())
    }

    fn drop_hook(&mut self, id: HookId, record: &HookRecord) -> Result<(), Stop> {
        self.tables.hooks.remove(id.0)?;
        self.tables.hook_digests.remove(record.digest.as_str())?;
        self.tables.room_hooks.remove((record.room.0, id.0))?;
        if let Some(mut bot) = self.tables.user_record(record.bot)? {
            bot.disabled = true;
            if let Some(owner) = bot.bot_of {
                self.tables.bots.remove((owner.0, record.bot.0))?;
            }
            self.save_user(record.bot, &bot)?;
            super::users::tell_user(self, bot.view(record.bot));
        }
        Ok(())
    }

    fn hook_of_actor(&self, id: HookId) -> Result<HookRecord, Stop> {
        let missing = || Refusal::not_found("hook");
        let record = self.tables.hook_record(id)?.ok_or_else(missing)?;
        let (room, member) = self.visible_room(record.room).map_err(|stop| match stop {
            Stop::Refused(_) => missing().into(),
            stop @ Stop::Broken(_) => stop,
        })?;
        self.need_hooks_of(&room, member.as_ref())?;
        Ok(record)
    }

    /// Owners of the room and administrators who may see it.
    fn need_hooks_of(
        &self,
        record: &crate::records::RoomRecord,
        member: Option<&crate::records::MemberRecord>,
    ) -> Result<(), Stop> {
        if self.manages(record, member)? || (member.is_some() && self.is_admin()?) {
            Ok(())
        } else {
            Err(Refusal::forbidden("Only owners of the room manage its hooks.").into())
        }
    }

    pub(super) fn create_webhook(&mut self, command: &ProgramCommand) -> Result<Outcome, Stop> {
        let ProgramCommand::CreateWebhook {
            user,
            name,
            url,
            secret,
            events,
            rooms,
            position,
            epoch,
        } = command
        else {
            return Ok(Outcome::Done);
        };
        self.need_owner_of(*user)?;
        for room in rooms {
            if !self.tables.can_read(*user, *room)? {
                return Err(Refusal {
                    field: Some("room_ids".into()),
                    ..Refusal::not_found("room")
                }
                .into());
            }
        }
        let mut own = 0;
        for row in self.tables.webhooks.rows()? {
            own += usize::from(row?.1.user == *user);
        }
        if own >= limits::WEBHOOKS_PER_USER {
            return Err(Refusal {
                limit: Some(limits::WEBHOOKS_PER_USER as u64),
                ..Refusal::new(
                    Code::Conflict,
                    "You have too many webhooks already; delete one that is not used.",
                )
            }
            .into());
        }
        let id = WebhookId(self.new_id());
        let record = WebhookRecord {
            user: *user,
            name: name.clone(),
            url: url.clone(),
            secret: secret.clone(),
            events: events.clone(),
            rooms: rooms.clone(),
            created_at: self.at,
            position: *position,
            epoch: *epoch,
            failure: None,
        };
        self.tables.webhooks.put(id.0, &record)?;
        self.effects.push(Effect::WebhooksChanged);
        Ok(given(ProgramOutcome::Webhook(record.view(id))))
    }

    pub(super) fn move_webhook(
        &mut self,
        id: WebhookId,
        (position, epoch): (Position, u64),
        failure: Option<&WebhookFailure>,
        from: Option<Position>,
    ) -> Result<Outcome, Stop> {
        let mut record = self.webhook_of_actor(id)?;
        match from {
            // Somebody moved it while this was delivered: what they said counts.
            Some(from) if record.position != from => {
                return Ok(given(ProgramOutcome::Webhook(record.view(id))));
            }
            Some(_) => {}
            None => self.effects.push(Effect::WebhooksChanged),
        }
        record.position = position;
        record.epoch = epoch;
        record.failure = failure.cloned();
        self.tables.webhooks.put(id.0, &record)?;
        Ok(given(ProgramOutcome::Webhook(record.view(id))))
    }

    pub(super) fn delete_webhook(&mut self, id: WebhookId) -> Result<Outcome, Stop> {
        self.webhook_of_actor(id)?;
        self.tables.webhooks.remove(id.0)?;
        self.effects.push(Effect::WebhooksChanged);
        Ok(Outcome::Done)
    }

    /// Its owner's, and administrators'.
    fn webhook_of_actor(&self, id: WebhookId) -> Result<WebhookRecord, Stop> {
        let missing = || Refusal::not_found("webhook");
        let record = self.tables.webhook_record(id)?.ok_or_else(missing)?;
        if self.actor == Actor::User(record.user) || self.is_admin()? {
            Ok(record)
        } else {
            Err(missing().into())
        }
    }
}
