//! Tokens, bots, hooks, consumers and slash commands.

use super::lookup::Lookup;
use super::reader::Reader;
use crate::Result;
use crate::records::{HookRecord, TokenRecord, UserRecord, WebhookRecord};
use crate::table::Readable;
use crate::tables::Tables;
use maru_domain::program::{Consumer, Hook, SlashCommand, Webhook};
use maru_domain::{HookId, RoomId, Token, TokenId, User, UserId, WebhookId};

pub trait Programs: Lookup {
    fn token_record(&self, id: TokenId) -> Result<Option<TokenRecord>> {
        self.tokens().get(id.0)
    }

    fn token_by_digest(&self, digest: &str) -> Result<Option<(TokenId, TokenRecord)>> {
        let Some(id) = self.token_digests().get(digest)?.map(TokenId) else {
            return Ok(None);
        };
        Ok(self.token_record(id)?.map(|record| (id, record)))
    }

    /// Oldest first.
    fn token_ids(&self, user: UserId) -> Result<Vec<TokenId>> {
        self.user_tokens()
            .range((user.0, 0)..=(user.0, u64::MAX))?
            .map(|row| Ok(TokenId(row?.0.1)))
            .collect()
    }

    fn bot_ids(&self, owner: UserId) -> Result<Vec<UserId>> {
        self.bots()
            .range((owner.0, 0)..=(owner.0, u64::MAX))?
            .map(|row| Ok(UserId(row?.0.1)))
            .collect()
    }

    fn hook_record(&self, id: HookId) -> Result<Option<HookRecord>> {
        self.hooks().get(id.0)
    }

    fn hook_ids(&self, room: RoomId) -> Result<Vec<HookId>> {
        self.room_hooks()
            .range((room.0, 0)..=(room.0, u64::MAX))?
            .map(|row| Ok(HookId(row?.0.1)))
            .collect()
    }

    fn webhook_record(&self, id: WebhookId) -> Result<Option<WebhookRecord>> {
        self.webhooks().get(id.0)
    }
}

impl<T: Tables> Programs for T {}

impl Reader {
    /// The token with this digest, and whose it is.
    pub fn token(&self, digest: &str) -> Result<Option<(Token, User)>> {
        let Some((id, record)) = self.tables.token_by_digest(digest)? else {
            return Ok(None);
        };
        let user = self.user(record.user)?;
        Ok(user.map(|user| (record.view(id), user)))
    }

    /// Somebody's own tokens.
    pub fn tokens_of(&self, user: UserId) -> Result<Vec<Token>> {
        let ids = self.tables.token_ids(user)?.into_iter();
        ids.filter_map(|id| {
            let record = self.tables.token_record(id).transpose()?;
            Some(record.map(|record| record.view(id)))
        })
        .collect()
    }

    pub fn user_record(&self, user: UserId) -> Result<Option<UserRecord>> {
        self.tables.user_record(user)
    }

    /// Somebody's bots.
    pub fn bots_of(&self, owner: UserId) -> Result<Vec<User>> {
        let ids = self.tables.bot_ids(owner)?.into_iter();
        ids.filter_map(|id| self.user(id).transpose()).collect()
    }

    pub fn all_bots(&self) -> Result<Vec<User>> {
        let rows = self.tables.bots.rows()?;
        rows.filter_map(|row| match row {
            Ok(((_, id), ())) => self.user(UserId(id)).transpose(),
            Err(error) => Some(Err(error)),
        })
        .collect()
    }

    /// The hook with this digest.
    pub fn hook(&self, digest: &str) -> Result<Option<Hook>> {
        let Some(id) = self.tables.hook_digests.get(digest)?.map(HookId) else {
            return Ok(None);
        };
        let record = self.tables.hook_record(id)?;
        Ok(record.map(|record| record.view(id)))
    }

    pub fn hooks_of(&self, room: RoomId) -> Result<Vec<Hook>> {
        let ids = self.tables.hook_ids(room)?.into_iter();
        ids.filter_map(|id| {
            let record = self.tables.hook_record(id).transpose()?;
            Some(record.map(|record| record.view(id)))
        })
        .collect()
    }

    /// Of all rooms, oldest first.
    pub fn all_hooks(&self) -> Result<Vec<Hook>> {
        let rows = self.tables.hooks.rows()?;
        rows.map(|row| row.map(|(id, record)| record.view(HookId(id))))
            .collect()
    }

    pub fn webhook(&self, id: WebhookId) -> Result<Option<WebhookRecord>> {
        self.tables.webhook_record(id)
    }

    /// Everybody's, oldest first.
    pub fn all_webhooks(&self) -> Result<Vec<(WebhookId, WebhookRecord)>> {
        let rows = self.tables.webhooks.rows()?;
        rows.map(|row| row.map(|(id, record)| (WebhookId(id), record)))
            .collect()
    }

    pub fn webhooks_of(&self, user: UserId) -> Result<Vec<Webhook>> {
        let all = self.all_webhooks()?.into_iter();
        Ok(all
            .filter(|(_, record)| record.user == user)
            .map(|(id, record)| record.view(id))
            .collect())
    }

    pub fn consumer(&self, user: UserId, name: &str) -> Result<Option<Consumer>> {
        let record = self.tables.consumers.get((name, user.0))?;
        Ok(record.map(|record| record.view(name.to_owned(), user)))
    }

    /// Everybody's.
    pub fn all_consumers(&self) -> Result<Vec<Consumer>> {
        let rows = self.tables.consumers.rows()?;
        rows.map(|row| row.map(|((name, user), record)| record.view(name, UserId(user))))
            .collect()
    }

    pub fn slash_command(&self, name: &str) -> Result<Option<SlashCommand>> {
        let record = self.tables.slash_commands.get(name)?;
        Ok(record.map(|record| record.view(name.to_owned())))
    }

    /// By name.
    pub fn all_slash_commands(&self) -> Result<Vec<SlashCommand>> {
        let rows = self.tables.slash_commands.rows()?;
        rows.map(|row| row.map(|(name, record)| record.view(name)))
            .collect()
    }
}
