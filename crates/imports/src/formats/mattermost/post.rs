//! Posts with their replies.

use super::{Reading, list, text};
use crate::archive::Archive;
use crate::emoji;
use crate::out::{ImportError, Message, Options, Out};
use serde_json::Value;

impl Reading {
    pub(super) fn post(
        &mut self,
        value: &Value,
        place: &str,
        base: Message,
        mut archive: Option<&mut Archive>,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        if !matches!(text(value, "type"), "" | "me" | "slack_attachment") {
            out.report.lose("notes of the system");
            return Ok(());
        }
        let Some(root) = self.one(value, place, &base, archive.as_deref_mut(), options, out)?
        else {
            return Ok(());
        };
        let id = root.id.clone();
        self.posts.push((root.sent_at_ms, root));
        for reply in list(value, "replies") {
            if let Some(mut reply) =
                self.one(reply, place, &base, archive.as_deref_mut(), options, out)?
            {
                reply.reply_to = Some(id.clone());
                self.posts.push((reply.sent_at_ms, reply));
            }
        }
        Ok(())
    }

    fn one(
        &mut self,
        value: &Value,
        place: &str,
        base: &Message,
        archive: Option<&mut Archive>,
        options: &Options,
        out: &mut Out<'_>,
    ) -> Result<Option<Message>, ImportError> {
        let at = value.get("create_at").and_then(Value::as_i64);
        let Some(sent_at_ms) = at.filter(|at| (631_152_000_000..4_102_444_800_000).contains(at))
        else {
            out.report.lose("posts with a time that cannot be");
            return Ok(None);
        };
        let username = text(value, "user");
        if username.is_empty() {
            out.report.lose("posts without an author");
            return Ok(None);
        }
        let user = self.people.name(username, username, options, &[]);
        let ordinal = self
            .ordinals
            .entry((place.to_owned(), sent_at_ms))
            .or_default();
        *ordinal += 1;
        let id = match *ordinal {
            1 => format!("mattermost:{place}:{sent_at_ms}"),
            n => format!("mattermost:{place}:{sent_at_ms}:{n}"),
        };
        let mut message = Message {
            id: short(id),
            user,
            sent_at_ms,
            text: text(value, "message").to_owned(),
            edited_at_ms: value
                .get("edit_at")
                .and_then(Value::as_i64)
                .filter(|at| *at > 0),
            pinned: value.get("is_pinned") == Some(&Value::Bool(true)),
            ..base.clone()
        };
        let mut reactions: Vec<(String, Vec<String>)> = Vec::new();
        for reaction in list(value, "reactions") {
            let (name, who) = (text(reaction, "emoji_name"), text(reaction, "user"));
            if name.is_empty() || who.is_empty() || name.len() > 50 {
                continue;
            }
            let (sign, who) = (emoji::sign(name), self.people.name(who, who, options, &[]));
            match reactions.iter_mut().find(|(known, _)| *known == sign) {
                Some((_, users)) => users.push(who),
                None => reactions.push((sign, vec![who])),
            }
        }
        message.reactions = reactions;
        self.attachments(value, &mut message, archive, out)?;
        Ok(Some(message))
    }

    fn attachments(
        &mut self,
        value: &Value,
        message: &mut Message,
        mut archive: Option<&mut Archive>,
        out: &mut Out<'_>,
    ) -> Result<(), ImportError> {
        for attachment in list(value, "attachments") {
            let path = text(attachment, "path");
            let name = path.rsplit('/').next().unwrap_or(path);
            let found = archive.as_deref_mut().and_then(|archive| {
                let at = archive.names().iter().position(|found| {
                    !path.is_empty() && (found == path || found == &format!("data/{path}"))
                })?;
                Some(archive.read_at(at))
            });
            match found.transpose()? {
                Some(content) => {
                    let id = short(format!("{}:{path}", message.id));
                    out.file(&id, name, &message.user, &content)?;
                    message.files.push(id);
                }
                None => {
                    out.report
                        .lose("files that are not in the archive (their names are in the text)");
                    message.text = format!("{}\n📎 {name}", message.text)
                        .trim_start()
                        .to_owned();
                }
            }
        }
        Ok(())
    }
}

/// Ids have a limit; long names of people make long ones.
fn short(id: String) -> String {
    if id.len() <= 200 {
        return id;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let tail: String = id
        .chars()
        .rev()
        .take(40)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    format!("mattermost:{hash:016x}:{tail}")
}
