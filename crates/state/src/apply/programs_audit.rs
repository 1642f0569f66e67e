//! What of tokens, bots and hooks goes into the audit log.

use super::audit::{Noting, target};
use super::{Stop, Work};
use crate::read::Programs;
use maru_domain::{ProgramCommand, Scope};

fn names(scopes: &[Scope]) -> String {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    names.join(" ")
}

impl Work<'_, '_> {
    /// Looked up before the command changes it.
    pub(super) fn noting_program(&self, command: &ProgramCommand) -> Result<Option<Noting>, Stop> {
        Ok(match command {
            ProgramCommand::CreateToken { user, scopes, .. } => Some(
                Noting::new("token.created", self.the_user(*user)?).with("scopes", names(scopes)),
            ),
            ProgramCommand::RevokeToken { token } => {
                Some(match self.tables.token_record(*token)? {
                    Some(record) => Noting::new("token.revoked", self.the_user(record.user)?)
                        .with("token_id", token),
                    None => Noting::new("token.revoked", target("token", token.0, "")),
                })
            }
            ProgramCommand::CreateBot {
                username, scopes, ..
            } => Some(
                Noting::new("bot.created", target("user", 0, username))
                    .with("scopes", names(scopes)),
            ),
            ProgramCommand::RemoveBot { bot } => {
                Some(Noting::new("bot.removed", self.the_user(*bot)?))
            }
            ProgramCommand::CreateHook { room, name, .. } => {
                Some(Noting::new("hook.created", self.the_room(*room)?).with("name", name))
            }
            ProgramCommand::RotateHook { hook, .. } => {
                Some(Noting::new("hook.rotated", target("hook", hook.0, "")))
            }
            ProgramCommand::DeleteHook { hook } => {
                Some(Noting::new("hook.deleted", target("hook", hook.0, "")))
            }
            ProgramCommand::CreateWebhook { user, url, .. } => {
                Some(Noting::new("webhook.created", self.the_user(*user)?).with("url", url))
            }
            ProgramCommand::DeleteWebhook { webhook } => Some(Noting::new(
                "webhook.deleted",
                target("webhook", webhook.0, ""),
            )),
            ProgramCommand::MoveWebhook { .. }
            | ProgramCommand::Commit { .. }
            | ProgramCommand::DeleteConsumer { .. }
            | ProgramCommand::SetSlashCommand(_)
            | ProgramCommand::DropSlashCommand { .. } => None,
        })
    }
}
