//! The names of people and public rooms, kept in memory for whoever looks for one while they type.
//!
//! Made anew when a name changed; bounded by what the state holds: about 100 bytes a name.

use crate::domain::{RoomId, Seq, UserId, names};
use crate::state::{Reader, Result};
use parking_lot::Mutex;
use std::sync::Arc;

/// Somebody whose account is not disabled.
#[derive(Debug)]
pub struct Person {
    pub id: UserId,
    /// As [`names::key`] makes them.
    pub display_key: Box<str>,
    pub username_key: Box<str>,
}

#[derive(Clone, Debug)]
pub struct NamedRoom {
    pub id: RoomId,
    pub name: Box<str>,
    /// As [`names::key`] makes it.
    pub key: Box<str>,
}

impl NamedRoom {
    pub fn of((id, name): (RoomId, String)) -> NamedRoom {
        NamedRoom {
            id,
            key: names::key(&name).into(),
            name: name.into(),
        }
    }
}

/// What was made of the state as it was after an entry.
type Kept<T> = Mutex<Option<(Seq, Arc<[T]>)>>;

/// Handles are shared; one of them reads the names, the others wait for it.
#[derive(Debug, Default)]
pub struct Names {
    people: Kept<Person>,
    rooms: Kept<NamedRoom>,
}

impl Names {
    /// Everybody whose account is not disabled, in the order in which they came.
    pub fn people(&self, read: &Reader) -> Result<Arc<[Person]>> {
        kept(&self.people, read.people_changed()?, || {
            let users = read.users()?.into_iter().filter(|user| !user.disabled);
            let people = users.map(|user| Person {
                id: user.id,
                display_key: names::key(&user.display_name).into(),
                username_key: names::key(&user.username).into(),
            });
            Ok(people.collect())
        })
    }

    /// Public rooms in the order of their names.
    pub fn public_rooms(&self, read: &Reader) -> Result<Arc<[NamedRoom]>> {
        kept(&self.rooms, read.directory_changed()?, || {
            Ok(read
                .public_names()?
                .into_iter()
                .map(NamedRoom::of)
                .collect())
        })
    }

    /// The private rooms that the viewer is in; read each time.
    pub fn private_rooms(&self, read: &Reader, viewer: UserId) -> Result<Vec<NamedRoom>> {
        let rooms = read.private_names(viewer)?;
        Ok(rooms.into_iter().map(NamedRoom::of).collect())
    }
}

/// A snapshot that is older than what is kept gets the newer names.
fn kept<T>(
    kept: &Kept<T>,
    changed: Seq,
    read: impl FnOnce() -> Result<Arc<[T]>>,
) -> Result<Arc<[T]>> {
    let mut kept = kept.lock();
    if let Some((at, names)) = &*kept
        && *at >= changed
    {
        return Ok(Arc::clone(names));
    }
    let names = read()?;
    *kept = Some((changed, Arc::clone(&names)));
    Ok(names)
}
