//! Slash commands: a bot says which it answers, people write them, and the bot has three seconds.

use crate::auth::random;
use crate::domain::program::SlashCommand;
use crate::domain::{
    Code, Command, Message, MessageId, Outcome, ProgramCommand, Refusal, RoomId, UserId,
};
use crate::http::{
    answers::{Done, Shown},
    app::App,
    guard::Caller,
    parts::Json,
    problem,
    raw::Text,
    services::Services,
    slash::{Answer, Asked, PATIENCE, Visible},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;
use utoipa::ToSchema;

/// What a bot hears, and what the caller hears of an answer that was deferred.
pub const ASKED: &str = "command.invoked";
pub const ANSWERED: &str = "command.answered";

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandAbout {
    /// A bot of the caller; the caller where it is left out.
    bot_id: Option<UserId>,
    #[serde(default)]
    description: String,
    /// What follows the name, such as `<branch> [--force]`.
    #[serde(default)]
    usage: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandLine {
    /// Such as `/deploy main`.
    text: String,
    /// The message whose thread it is written in.
    reply_to: Option<MessageId>,
}

/// What became of a command.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandAnswer {
    invocation_id: String,
    /// The bot needs longer: `command.answered` tells its answer over the live connection.
    deferred: bool,
    /// What only the caller sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What the room sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Box<Message>>,
}

/// An answer as a bot sends it, over HTTP or as `command.answer` over Socket.IO.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BotAnswer {
    /// As `command.invoked` told it.
    pub invocation_id: String,
    /// Markdown. May be left out where `deferred` is set.
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub visible: Visible,
    /// Another answer follows, within half an hour.
    #[serde(default)]
    pub deferred: bool,
}

/// All that there are, for people who begin a message with a slash.
pub async fn list(app: App, _: Caller) -> Result<Shown<Vec<SlashCommand>>, Refusal> {
    Ok(Shown(app.read()?.all_slash_commands()?))
}

pub async fn set(
    app: App,
    caller: Caller,
    Text(name): Text,
    Json(about): Json<CommandAbout>,
) -> Result<Done, Refusal> {
    let command = ProgramCommand::SetSlashCommand(SlashCommand {
        name,
        bot_id: about.bot_id.unwrap_or(caller.user.id),
        description: about.description,
        usage: about.usage,
    });
    app.submit(&caller, Command::Program(command)).await?;
    Ok(Done)
}

pub async fn remove(app: App, caller: Caller, Text(name): Text) -> Result<Done, Refusal> {
    let command = ProgramCommand::DropSlashCommand { name };
    app.submit(&caller, Command::Program(command)).await?;
    Ok(Done)
}

pub async fn invoke(
    app: App,
    caller: Caller,
    room: RoomId,
    Json(line): Json<CommandLine>,
) -> Result<Shown<CommandAnswer>, Refusal> {
    let text = line.text.trim();
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = crate::domain::program::slash_name(name)?;
    let (asked, name) = asked(&app, &caller, room, &name, line.reply_to)?;
    let id = random::id().map_err(|_| problem::panicked())?.to_string();
    let answer = app.services().slash.begin(id.clone(), asked)?;
    let told = json!({
        "invocation_id": id,
        "name": name,
        "text": rest.trim(),
        "room_id": room,
        "reply_to": asked.thread,
        "user": &caller.user,
    });
    let live = app.engine().live();
    live.signal_user_everywhere(asked.bot, ASKED, told.to_string().into());
    let Ok(answer) = timeout(PATIENCE, answer).await else {
        app.services().slash.end(&id);
        return Err(Refusal::new(
            Code::Timeout,
            format!("The bot did not answer /{name} within three seconds; try again later."),
        ));
    };
    let answer = answer.map_err(|_| problem::panicked())?;
    let mut shown = CommandAnswer {
        invocation_id: id,
        deferred: answer.deferred,
        text: None,
        message: None,
    };
    match answer.visible {
        _ if answer.text.is_empty() => {}
        Visible::Caller => shown.text = Some(answer.text),
        Visible::Room => {
            let message = post(app.services(), &asked, answer.text).await?;
            shown.message = Some(Box::new(message));
        }
    }
    Ok(Shown(shown))
}

/// Which bot is asked, and the command's name as it is registered.
fn asked(
    app: &App,
    caller: &Caller,
    room: RoomId,
    name: &str,
    reply_to: Option<MessageId>,
) -> Result<(Asked, String), Refusal> {
    let read = app.read()?;
    if !read.is_member(room, caller.user.id)? {
        return Err(if read.can_read(caller.user.id, room)? {
            Refusal::new(Code::NotAMember, "Join the room first.")
        } else {
            Refusal::not_found("room")
        });
    }
    if read.is_archived(room)? {
        return Err(Refusal::new(
            Code::RoomArchived,
            "This room is archived; no command is answered in it.",
        ));
    }
    let command = read.slash_command(name)?;
    let command = command.ok_or_else(|| Refusal {
        field: Some("text".into()),
        ..Refusal::new(Code::NotFound, format!("There is no command /{name}."))
    })?;
    let bot = read.user(command.bot_id)?.filter(|bot| !bot.disabled);
    let bot = bot.ok_or_else(|| Refusal::not_found("bot"))?;
    if !read.is_member(room, bot.id)? {
        return Err(Refusal::new(
            Code::NotAMember,
            format!(
                "@{} answers /{name} and is not in this room; add it.",
                bot.username
            ),
        ));
    }
    let live = app.engine().live();
    if live.subscribers_of(bot.id) == 0 && !live.elsewhere.has(bot.id) {
        return Err(Refusal::new(
            Code::Unavailable,
            format!("@{} answers /{name} and is not connected.", bot.username),
        ));
    }
    let thread = match reply_to {
        Some(id) => {
            let found = read.located(id)?.filter(|found| found.place.room == room);
            let found = found.ok_or_else(|| Refusal::not_found("message"))?;
            Some(found.record.reply_to.unwrap_or(id))
        }
        None => None,
    };
    let asked = Asked {
        bot: bot.id,
        caller: caller.user.id,
        room,
        thread,
    };
    Ok((asked, command.name))
}

pub async fn answer(
    app: App,
    caller: Caller,
    Json(answer): Json<BotAnswer>,
) -> Result<Done, Refusal> {
    take(app.services(), caller.user.id, answer).await?;
    Ok(Done)
}

/// A bot's answer, over whatever it comes; perhaps to a command that was asked on another node.
pub async fn take(services: &Services, bot: UserId, answer: BotAnswer) -> Result<(), Refusal> {
    let (id, deferred) = (&answer.invocation_id, answer.deferred);
    if services.slash.is_elsewhere(id, bot, deferred) {
        let json = serde_json::to_vec(&answer).map_err(|_| problem::panicked())?;
        let json = json.into();
        let elsewhere = &services.engine.live().elsewhere;
        elsewhere.tell(|| crate::live::Passing::Answer { bot, json });
        return Ok(());
    }
    take_here(services, bot, answer).await
}

/// To a command that was asked on this node.
pub async fn take_here(services: &Services, bot: UserId, answer: BotAnswer) -> Result<(), Refusal> {
    let id = answer.invocation_id;
    if answer.text.is_empty() && !answer.deferred {
        return Err(Refusal::empty("text"));
    }
    let text = if answer.text.is_empty() {
        String::new()
    } else {
        crate::domain::text::message(answer.text)?
    };
    let answer = Answer {
        text,
        visible: answer.visible,
        deferred: answer.deferred,
    };
    let Some(asked) = services.slash.answer(&id, bot, answer.clone())? else {
        return Ok(());
    };
    if answer.text.is_empty() {
        return Ok(());
    }
    let mut told = json!({ "invocation_id": id, "room_id": asked.room, "bot_id": bot });
    match answer.visible {
        Visible::Caller => told["text"] = answer.text.into(),
        Visible::Room => {
            let message = post(services, &asked, answer.text).await?;
            told["message_id"] = json!(message.id);
        }
    }
    let live = services.engine.live();
    live.signal_user_everywhere(asked.caller, ANSWERED, told.to_string().into());
    Ok(())
}

async fn post(services: &Services, asked: &Asked, text: String) -> Result<Message, Refusal> {
    let command = Command::Post {
        room: asked.room,
        text,
        client_id: None,
        reply_to: asked.thread,
        mentions: Vec::new(),
        files: Vec::new(),
        also_in_room: false,
        may_call: false,
    };
    let actor = crate::domain::Actor::User(asked.bot);
    let message = match services.engine.submit(actor, command).await? {
        Outcome::Message { message, .. } => message,
        other => return Err(super::unexpected(&other)),
    };
    // Who hears of the answer has heard the message already.
    services.here().await?;
    Ok(message)
}
