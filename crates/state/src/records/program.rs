//! Tokens, hooks, consumers and slash commands as stored.

use crate::table::records;
use maru_domain::program::{Consumer, Hook, Scope, SlashCommand, Webhook, WebhookFailure};
use maru_domain::{HookId, Position, RoomId, Timestamp, Token, TokenId, UserId, WebhookId};
use serde::{Deserialize, Serialize};

/// The token itself is nowhere, only its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRecord {
    pub user: UserId,
    pub name: String,
    pub digest: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl TokenRecord {
    pub fn view(self, id: TokenId) -> Token {
        Token {
            id,
            user_id: self.user,
            name: self.name,
            scopes: self.scopes,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HookRecord {
    pub room: RoomId,
    pub name: String,
    pub digest: String,
    pub bot: UserId,
    pub created_by: UserId,
    pub created_at: Timestamp,
}

impl HookRecord {
    pub fn view(self, id: HookId) -> Hook {
        Hook {
            id,
            room_id: self.room,
            name: self.name,
            user_id: self.bot,
            created_by: self.created_by,
            created_at: self.created_at,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookRecord {
    pub user: UserId,
    pub name: String,
    pub url: String,
    /// What deliveries are signed with: both sides know it.
    pub secret: String,
    pub events: Vec<String>,
    pub rooms: Vec<RoomId>,
    pub created_at: Timestamp,
    pub position: Position,
    pub epoch: u64,
    pub failure: Option<WebhookFailure>,
}

impl WebhookRecord {
    pub fn view(self, id: WebhookId) -> Webhook {
        Webhook {
            id,
            user_id: self.user,
            name: self.name,
            url: self.url,
            events: self.events,
            room_ids: self.rooms,
            created_at: self.created_at,
            position: self.position,
            epoch: self.epoch,
            failure: self.failure,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsumerRecord {
    pub position: Position,
    pub epoch: u64,
    pub committed_at: Timestamp,
}

impl ConsumerRecord {
    pub fn view(self, name: String, user_id: UserId) -> Consumer {
        Consumer {
            name,
            user_id,
            position: self.position,
            epoch: self.epoch,
            committed_at: self.committed_at,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlashRecord {
    pub bot: UserId,
    pub description: String,
    pub usage: String,
}

impl SlashRecord {
    pub fn view(self, name: String) -> SlashCommand {
        SlashCommand {
            name,
            bot_id: self.bot,
            description: self.description,
            usage: self.usage,
        }
    }
}

records!(
    TokenRecord,
    HookRecord,
    WebhookRecord,
    ConsumerRecord,
    SlashRecord,
);
