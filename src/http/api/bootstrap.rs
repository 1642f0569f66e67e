//! Everything that the web app begins with, in one answer.

use super::{me::Settings, messages::MessagePage, server::ServerInfo};
use crate::auth::random;
use crate::domain::{MessageId, Position, Refusal, Room, RoomId, User, UserId, limits};
use crate::http::{
    answers::Shown,
    app::App,
    parts::{Query, Whoever},
};
use crate::state::{self, HistoryQuery, Reader};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Somebody for whom more than this is unread begins where they stopped reading.
const NEAR_THE_END: u64 = 40;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct BootstrapQuery {
    /// The room that is opened first: its first page comes along.
    #[param(value_type = Option<u64>)]
    room: Option<RoomId>,
    /// The message in it that is to be seen.
    #[param(value_type = Option<u64>)]
    message: Option<MessageId>,
    /// Whether this invitation can still be used.
    invite: Option<String>,
}

/// Where nobody is signed in, only `server` says something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bootstrap {
    me: Option<User>,
    server: ServerInfo,
    settings: Settings,
    /// The rooms that the caller is in.
    rooms: Vec<Room>,
    /// Live events go on from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    seq: Option<Position>,
    /// The room that was asked for, if the caller may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
    /// Of the invitation that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    invite: Option<InviteState>,
}

/// An invitation as whoever holds it may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteState {
    /// It exists, is in time and has uses left.
    valid: bool,
}

/// A room with the page of it that is read first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Opened {
    room: Room,
    /// The message that the page lies around; without one it is the newest page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    around: Option<MessageId>,
    page: MessagePage,
}

pub async fn show(
    app: App,
    Whoever(caller): Whoever,
    Query(query): Query<BootstrapQuery>,
) -> Result<Shown<Bootstrap>, Refusal> {
    let server = super::server::info(&app)?;
    let invite = invitation(&app, query.invite.as_deref())?;
    let Some(caller) = caller else {
        return Ok(Shown(Bootstrap {
            me: None,
            server,
            settings: Settings::default(),
            rooms: Vec::new(),
            epoch: None,
            seq: None,
            opened: None,
            invite,
        }));
    };
    let app = app.asked_by(caller.user.id);
    // The position first: what is read behind it holds everything that happened before it.
    let live = app.engine().live();
    let (epoch, seq) = (live.epoch(), live.published());
    let me = caller.user.id;
    let (settings, rooms, opened) = app
        .big_read(move |read| {
            let settings = Settings::of(&read.settings(me)?);
            Ok((
                settings,
                read.rooms(me, Some(false))?,
                opened(read, me, &query)?,
            ))
        })
        .await?;
    Ok(Shown(Bootstrap {
        me: Some(caller.user),
        server,
        settings,
        rooms,
        epoch: Some(epoch),
        seq: Some(seq),
        opened,
        invite,
    }))
}

fn invitation(app: &App, token: Option<&str>) -> Result<Option<InviteState>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    let found = app.read()?.invite(&random::digest_text(token))?;
    let now = app.engine().now();
    Ok(Some(InviteState {
        valid: found.is_some_and(|found| found.expires_at > now && found.uses_left > 0),
    }))
}

/// The room as one finds it: at the message, where reading stopped, or at its end.
fn opened(read: &Reader, me: UserId, query: &BootstrapQuery) -> state::Result<Option<Opened>> {
    let Some(id) = query.room else {
        return Ok(None);
    };
    let Some(room) = read.room(me, id)? else {
        return Ok(None);
    };
    let stopped = room.me.as_ref().and_then(|mine| {
        let far = mine.unread > NEAR_THE_END && mine.last_read_id.0 > 0;
        far.then_some(mine.last_read_id)
    });
    let around = query.message.or(stopped);
    let page = HistoryQuery {
        around,
        limit: limits::DEFAULT_PAGE,
        // Replies stand in their threads.
        folded: true,
        ..HistoryQuery::default()
    };
    let page = read.history(id, page)?.into();
    Ok(Some(Opened { room, around, page }))
}
