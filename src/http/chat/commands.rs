//! What sockets ask for, each with the same answer as over HTTP.

use super::room::Member;
use crate::domain::{
    Code, Command, FileId, Message, MessageId, Outcome, Refusal, RoomId, Scope, UserId,
};
use crate::http::{
    api::{
        commands::{self, BotAnswer},
        messages::NewMessage,
        unexpected,
    },
    parts,
    problem::{Problem, ProblemBody},
    scopes::{self, Needed},
    services::Services,
};
use crate::socketio::{Ack, Event, Work};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How many of those who are online are named.
const ONLINE: usize = 10_000;

/// What sockets may do.
pub struct Commands {
    services: Services,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    room_id: RoomId,
    text: String,
    client_id: Option<String>,
    reply_to: Option<MessageId>,
    #[serde(default)]
    mentions: Vec<UserId>,
    #[serde(default)]
    file_ids: Vec<FileId>,
    #[serde(default)]
    also_in_room: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    room_id: RoomId,
    message_id: MessageId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typing {
    room_id: RoomId,
    /// Nothing is written any more.
    #[serde(default)]
    stopped: bool,
}

/// An acknowledgement.
#[derive(Serialize)]
#[serde(untagged)]
enum Said<'a> {
    Message {
        ok: bool,
        message: &'a Message,
        /// False where this was sent before.
        created: bool,
    },
    Read {
        ok: bool,
        room_id: RoomId,
        last_read_id: MessageId,
    },
    Online {
        ok: bool,
        online: Vec<UserId>,
        /// Of these, who does not sit before a screen.
        away: Vec<UserId>,
    },
    Done {
        ok: bool,
    },
    Refused {
        ok: bool,
        error: ProblemBody<'a>,
    },
}

/// Nobody sits before this screen right now, or somebody does again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Away {
    away: bool,
}

#[derive(Serialize)]
struct SomebodyTypes {
    room_id: RoomId,
    user_id: UserId,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
}

impl Commands {
    pub fn new(services: Services) -> Commands {
        Commands { services }
    }

    /// Commands are in the engine's line when this returns, so a socket's commands keep their order.
    pub fn run(&self, member: &Member, event: &Event, ack: Option<Ack>) -> Work {
        let needed = match event.name.as_str() {
            "message.send" | "read" | "typing" | "command.answer" => {
                Needed::Scope(Scope::MessagesWrite)
            }
            _ => Needed::Nothing,
        };
        if let Err(refusal) = scopes::admit(needed, &member.scopes) {
            return refuse(ack, &refusal);
        }
        match event.name.as_str() {
            "message.send" => match argument::<Send>(event).and_then(Send::command) {
                Ok(command) => match self.services.load.posts.take(member.user) {
                    Ok(()) => self.submit(member, command, ack),
                    Err(refusal) => refuse(ack, &refusal),
                },
                Err(refusal) => refuse(ack, &refusal),
            },
            "read" => match argument::<Read>(event) {
                Ok(Read {
                    room_id,
                    message_id,
                }) => {
                    let command = Command::Read {
                        room: room_id,
                        message: message_id,
                    };
                    self.submit_read(member, room_id, command, ack)
                }
                Err(refusal) => refuse(ack, &refusal),
            },
            "typing" => {
                match argument::<Typing>(event).and_then(|typing| self.typing(member, &typing)) {
                    Ok(()) => answer(ack, &Said::Done { ok: true }),
                    Err(refusal) => refuse(ack, &refusal),
                }
            }
            "away" => match argument::<Away>(event) {
                Ok(Away { away }) => {
                    self.turn(member, !away);
                    answer(ack, &Said::Done { ok: true })
                }
                Err(refusal) => refuse(ack, &refusal),
            },
            "command.answer" => match argument::<BotAnswer>(event) {
                Ok(said) => {
                    let (services, bot) = (self.services.clone(), member.user);
                    Work::later(async move {
                        match commands::take(&services, bot, said).await {
                            Ok(()) => answer(ack, &Said::Done { ok: true }),
                            Err(refusal) => refuse(ack, &refusal),
                        };
                    })
                }
                Err(refusal) => refuse(ack, &refusal),
            },
            "presence" => {
                if let Err(refusal) = member.pace.lock().may_ask() {
                    return refuse(ack, &refusal);
                }
                let online = self.services.engine.live().online(ONLINE);
                let away = self.services.attention.away(ONLINE);
                answer(
                    ack,
                    &Said::Online {
                        ok: true,
                        online,
                        away,
                    },
                )
            }
            _ => refuse(
                ack,
                &Refusal::new(Code::NotFound, "There is no such event to send."),
            ),
        }
    }

    fn submit(&self, member: &Member, command: Command, ack: Option<Ack>) -> Work {
        let turn = member.turns.next();
        let engine = self.services.engine.clone();
        let files = match &command {
            Command::Post { files, .. } if self.services.peers.is_some() => files.clone(),
            _ => Vec::new(),
        };
        // With files that have to be on a second node first, it is in line a little later.
        let outcome = files
            .is_empty()
            .then(|| engine.submit_now(member.actor(), command.clone()));
        let (services, actor) = (self.services.clone(), member.actor());
        Work::later(async move {
            let outcome = match outcome {
                Some(outcome) => outcome.await,
                None => match services.spread(&files).await {
                    Ok(()) => services.engine.submit(actor, command).await,
                    Err(refusal) => Err(refusal),
                },
            };
            let _answered = turn.come().await;
            match outcome {
                Ok(Outcome::Message { message, created }) => {
                    let ok = true;
                    let message = &message;
                    answer(
                        ack,
                        &Said::Message {
                            ok,
                            message,
                            created,
                        },
                    );
                }
                Ok(other) => {
                    refuse(ack, &unexpected(&other));
                }
                Err(refusal) => {
                    refuse(ack, &refusal);
                }
            }
        })
    }

    fn submit_read(
        &self,
        member: &Member,
        room_id: RoomId,
        command: Command,
        ack: Option<Ack>,
    ) -> Work {
        let outcome = self.services.engine.submit_now(member.actor(), command);
        let turn = member.turns.next();
        Work::later(async move {
            let outcome = outcome.await;
            let _answered = turn.come().await;
            match outcome {
                Ok(Outcome::Read(last_read_id)) => {
                    let ok = true;
                    answer(
                        ack,
                        &Said::Read {
                            ok,
                            room_id,
                            last_read_id,
                        },
                    );
                }
                Ok(other) => {
                    refuse(ack, &unexpected(&other));
                }
                Err(refusal) => {
                    refuse(ack, &refusal);
                }
            }
        })
    }

    fn turn(&self, member: &Member, attended: bool) {
        let mut now = member.attended.lock();
        if now.is_some_and(|now| now != attended) {
            *now = Some(attended);
            self.services.attention.turned(member.user, attended);
        }
    }

    fn typing(&self, member: &Member, typing: &Typing) -> Result<(), Refusal> {
        // Before anything is read: who types fast costs nothing.
        if !member.pace.lock().may_type(typing.room_id, typing.stopped) {
            return Ok(());
        }
        let read = self.services.engine.read()?;
        if !read.is_member(typing.room_id, member.user)? {
            return Err(if read.can_read(member.user, typing.room_id)? {
                Refusal::new(Code::NotAMember, "Join the room first.")
            } else {
                Refusal::not_found("room")
            });
        }
        let body = SomebodyTypes {
            room_id: typing.room_id,
            user_id: member.user,
            stopped: typing.stopped,
        };
        if let Ok(json) = serde_json::to_vec(&body) {
            let live = self.services.engine.live();
            live.signal_room_everywhere(typing.room_id, "typing", json.into(), member.user);
        }
        Ok(())
    }
}

impl Send {
    fn command(self) -> Result<Command, Refusal> {
        let message = NewMessage {
            text: self.text,
            client_id: self.client_id,
            reply_to: self.reply_to,
            mentions: self.mentions,
            file_ids: self.file_ids,
            also_in_room: self.also_in_room,
        };
        message.command(self.room_id)
    }
}

fn argument<T: DeserializeOwned>(event: &Event) -> Result<T, Refusal> {
    let text = event.args.first().map_or("null", |arg| arg.get());
    parts::json(text.as_bytes())
}

fn refuse(ack: Option<Ack>, refusal: &Refusal) -> Work {
    let error = Problem::bare(refusal);
    answer(ack, &Said::Refused { ok: false, error })
}

fn answer(ack: Option<Ack>, said: &Said<'_>) -> Work {
    if let Some(ack) = ack
        && ack.send(said).is_err()
    {
        tracing::debug!("a socket was gone before its answer");
    }
    Work::Done
}
