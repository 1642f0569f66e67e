//! Accounts, sessions, invitations and rooms of an older file.

use super::old::{self, decode};
use crate::Result;
use crate::records::{InviteRecord, RoomRecord, SessionRecord, UserRecord};
use crate::table::Readable;
use crate::tables::WriteTables;
use maru_domain::{RoomKind, names};
use redb::{ReadTransaction, ReadableTable};

pub fn carry(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    accounts(old, tables)?;
    sessions(old, tables)?;
    invites(old, tables)?;
    rooms(old, tables)?;
    let seq = old
        .open_table(old::META)?
        .get("seq")?
        .map_or(0, |seq| seq.value());
    tables.meta.put("seq", &seq)
}

fn accounts(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    for row in old.open_table(old::USERS)?.iter()? {
        let (id, bytes) = row?;
        let id = id.value();
        let user: old::User = decode("users", id, bytes.value())?;
        let record = UserRecord {
            username: user.username,
            display_name: user.display_name,
            role: user.role,
            created_at: user.created_at,
            disabled: user.disabled,
            password_hash: user.password_hash,
            status: None,
            avatar: None,
            bot_of: None,
        };
        tables
            .usernames
            .put(names::key(&record.username).as_str(), &id)?;
        let alike = names::likeness(&record.username);
        if !tables.usernames_alike.has(alike.as_str())? {
            tables.usernames_alike.put(alike.as_str(), &id)?;
        }
        if let Some(name) = record.other_name() {
            tables.display_names.put((name.as_str(), id), &())?;
        }
        if record.is_acting_admin() {
            tables.admins.put(id, &())?;
        }
        tables.users.put(id, &record)?;
    }
    Ok(())
}

fn sessions(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    for row in old.open_table(old::SESSIONS)?.iter()? {
        let (id, bytes) = row?;
        let id = id.value();
        let session: old::Session = decode("sessions", id, bytes.value())?;
        tables.user_sessions.put((session.user.0, id), &())?;
        tables.session_ends.put((session.expires_at.0, id), &())?;
        let record = SessionRecord {
            user: session.user,
            jti: session.jti,
            created_at: session.created_at,
            expires_at: session.expires_at,
            user_agent: session.user_agent,
            address: session.address,
        };
        tables.sessions.put(id, &record)?;
    }
    Ok(())
}

fn invites(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    for row in old.open_table(old::INVITES)?.iter()? {
        let (id, bytes) = row?;
        let id = id.value();
        let invite: old::Invite = decode("invites", id, bytes.value())?;
        tables.invite_digests.put(invite.digest.as_str(), &id)?;
        tables.invite_ends.put((invite.expires_at.0, id), &())?;
        let record = InviteRecord {
            digest: invite.digest,
            role: invite.role,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
            uses_left: invite.uses_left,
            is_setup: false,
        };
        tables.invites.put(id, &record)?;
    }
    Ok(())
}

fn rooms(old: &ReadTransaction, tables: &mut WriteTables<'_>) -> Result<()> {
    for row in old.open_table(old::ROOMS)?.iter()? {
        let (id, bytes) = row?;
        let id = id.value();
        let room: old::Room = decode("rooms", id, bytes.value())?;
        let key = names::key(&room.name);
        if room.kind != RoomKind::Direct {
            tables.room_names.put(key.as_str(), &id)?;
            let alike = names::likeness(&room.name);
            if !tables.room_names_alike.has(alike.as_str())? {
                tables.room_names_alike.put(alike.as_str(), &id)?;
            }
        }
        if room.kind == RoomKind::Public {
            tables.directory.put(key.as_str(), &id)?;
        }
        let record = RoomRecord {
            name: room.name,
            topic: room.topic,
            kind: room.kind,
            created_at: room.created_at,
            member_count: room.member_count,
            retention_days: None,
            archived_at: None,
        };
        tables.rooms.put(id, &record)?;
    }
    for row in old.open_table(old::DIRECTS)?.iter()? {
        let (people, id) = row?;
        tables.directs.put(people.value(), &id.value())?;
    }
    for row in old.open_table(old::MEMBERSHIPS)?.iter()? {
        let (key, joined) = row?;
        tables.memberships.put(key.value(), &joined.value())?;
    }
    for row in old.open_table(old::EXTERNAL_IDS)?.iter()? {
        let (external, id) = row?;
        tables.external_ids.put(external.value(), &id.value())?;
    }
    Ok(())
}
