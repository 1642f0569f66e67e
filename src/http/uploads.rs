//! What comes in and goes out as files: on the disk piece by piece, never in memory as a whole.

mod faults;

pub use faults::broken;

use crate::domain::{
    Code, File, Refusal, UserId,
    file::{NewFile, Thumbnail},
};
use crate::files::{Incoming, Store, Stored};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};
use tokio::{io::AsyncWriteExt as _, sync::Semaphore, task::spawn_blocking, time::timeout};

/// A sender who is silent for so long is gone; what came until then is kept for later.
const SILENCE: Duration = Duration::from_secs(30);
/// Pieces are written when so much has come.
const PIECE_BYTES: usize = 256 * 1024;
/// Files that are looked into and given their names at the same time.
const KEEPERS: usize = 2;
/// Thumbnails that wait for the one thread that makes them.
const THUMBNAILS_WAITING: usize = 1_000;
/// Runs at nice 10.
const NICE: i32 = 10;
/// Uploads of one person at the same time.
const UPLOADS_OF_A_PERSON: usize = 8;
/// Uploads of one person that wait to be gone on with.
const WAITING_OF_A_PERSON: usize = 64;

/// The files of a server. Clones are the same.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    store: Store,
    max_file_bytes: u64,
    /// Of all contents together; no limit if `None`.
    max_total_bytes: Option<u64>,
    keepers: Semaphore,
    held: Mutex<Held>,
    /// Contents whose thumbnails are made in the background.
    thumbnails: mpsc::SyncSender<String>,
}

#[derive(Default)]
struct Held {
    /// Bytes that may still come in of uploads under way.
    reserved_bytes: u64,
    people: HashMap<UserId, usize>,
    /// Names of uploads that a request writes to now.
    busy: std::collections::HashSet<String>,
}

/// The right to bring in so many bytes. Dropping it gives back what it held.
pub struct Ticket {
    files: Files,
    person: UserId,
    bytes: u64,
}

/// An upload that is gone on with in pieces, beside its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub person: UserId,
    pub name: String,
    pub size: u64,
    /// What it became.
    #[serde(default)]
    pub file: Option<File>,
}

/// Keeps others from writing to the same upload.
pub struct Busy {
    files: Files,
    name: String,
}

impl Files {
    pub fn new(store: Store, max_file_bytes: u64, max_total_bytes: Option<u64>) -> Files {
        let (thumbnails, wanted) = mpsc::sync_channel(THUMBNAILS_WAITING);
        let background = store.clone();
        let thread = std::thread::Builder::new().name("thumbnails".to_owned());
        let started = thread.spawn(move || make_thumbnails(&background, &wanted));
        if let Err(error) = started {
            // They are made when they are first asked for.
            tracing::warn!(%error, "thumbnails are not made in the background");
        }
        Files(Arc::new(Inner {
            store,
            max_file_bytes,
            max_total_bytes,
            keepers: Semaphore::new(KEEPERS),
            held: Mutex::default(),
            thumbnails,
        }))
    }

    /// Makes a thumbnail soon; one that does not fit into the queue is made when it is asked for.
    pub fn make_thumbnail(&self, content: String) {
        if self.0.thumbnails.try_send(content).is_err() {
            tracing::debug!("a thumbnail waits until it is asked for");
        }
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn max_file_bytes(&self) -> u64 {
        self.0.max_file_bytes
    }

    /// Before anything is taken: whether so much may come from this person. `used_bytes`: what is
    /// kept already.
    pub fn admit(&self, person: UserId, bytes: u64, used_bytes: u64) -> Result<Ticket, Refusal> {
        if bytes > self.0.max_file_bytes {
            return Err(self.too_large());
        }
        let mut held = self.0.held.lock();
        let mine = held.people.get(&person).copied().unwrap_or(0);
        if mine >= UPLOADS_OF_A_PERSON {
            return Err(Refusal {
                limit: Some(UPLOADS_OF_A_PERSON as u64),
                unit: Some("uploads at once".into()),
                retry_after_s: Some(2),
                ..Refusal::new(
                    Code::TooManyRequests,
                    "You upload too many files at once; wait for one of them.",
                )
            });
        }
        let total = used_bytes.saturating_add(held.reserved_bytes);
        if let Some(max) = self.0.max_total_bytes
            && total.saturating_add(bytes) > max
        {
            return Err(Refusal {
                limit: Some(max),
                unit: Some("bytes".into()),
                ..Refusal::new(
                    Code::StorageFull,
                    "The server's room for files is used up; ask an administrator.",
                )
            });
        }
        *held.people.entry(person).or_default() += 1;
        held.reserved_bytes += bytes;
        Ok(Ticket {
            files: self.clone(),
            person,
            bytes,
        })
    }

    pub fn too_large(&self) -> Refusal {
        let max = self.0.max_file_bytes;
        Refusal {
            limit: Some(max),
            unit: Some("bytes".into()),
            ..Refusal::new(
                Code::TooLarge,
                format!("A file has at most {max} bytes here; send a smaller one."),
            )
        }
    }

    /// Writes what comes, from this place on, up to `max` bytes. Tells how many bytes there are
    /// then; what came before the sender fell silent stays written.
    pub async fn receive<E>(
        &self,
        incoming: &Incoming,
        offset: u64,
        max: u64,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<u64, Refusal> {
        let file = incoming.open_at(offset).map_err(broken)?;
        let mut file = tokio::fs::File::from_std(file);
        file.set_max_buf_size(PIECE_BYTES);
        let mut pieces = std::pin::pin!(pieces);
        let mut size = offset;
        let ended = loop {
            match timeout(SILENCE, pieces.next()).await {
                Err(_) => {
                    break Err(Refusal::new(
                        Code::Timeout,
                        "Nothing came for a while; go on with the upload.",
                    ));
                }
                Ok(None) => break Ok(()),
                Ok(Some(Err(_))) => {
                    break Err(Refusal::new(
                        Code::BadRequest,
                        "The upload broke off; go on with it or send it again.",
                    ));
                }
                Ok(Some(Ok(piece))) => {
                    if size + piece.len() as u64 > max {
                        break Err(self.too_large());
                    }
                    if let Err(error) = file.write_all(&piece).await {
                        break Err(broken(error.into()));
                    }
                    size += piece.len() as u64;
                }
            }
        };
        file.flush().await.map_err(|error| broken(error.into()))?;
        ended.map(|()| size)
    }

    /// Gives what came in its name and type.
    pub async fn keep(&self, incoming: Incoming, name: String) -> Result<NewFile, Refusal> {
        // Never closed.
        let _keeper = self.0.keepers.acquire().await;
        let store = self.0.store.clone();
        let stored = spawn_blocking(move || store.keep(&incoming));
        let stored = stored.await.map_err(|_| stopping())?.map_err(broken)?;
        let Stored {
            hash,
            size_bytes,
            mime,
            size,
        } = stored;
        Ok(NewFile {
            name,
            size: size_bytes,
            mime: mime.to_owned(),
            content: hash,
            width: size.map(|size| size.width),
            height: size.map(|size| size.height),
            thumbnail: size.map(|size| {
                let small = size.thumbnail();
                Thumbnail {
                    width: small.width,
                    height: small.height,
                }
            }),
            created_at: None,
        })
    }

    /// Begins an upload that comes in pieces.
    pub fn plan(&self, plan: &Plan) -> Result<Incoming, Refusal> {
        if self.waiting_of(plan.person) >= WAITING_OF_A_PERSON {
            return Err(Refusal {
                limit: Some(WAITING_OF_A_PERSON as u64),
                unit: Some("uploads".into()),
                ..Refusal::new(
                    Code::TooManyRequests,
                    "Too many of your uploads wait; finish or delete some of them.",
                )
            });
        }
        let mut incoming = self.0.store.begin().map_err(broken)?;
        self.save_plan(incoming.name(), plan)?;
        incoming.leave();
        Ok(incoming)
    }

    pub fn save_plan(&self, name: &str, plan: &Plan) -> Result<(), Refusal> {
        let json = serde_json::to_vec(plan).unwrap_or_default();
        let path = self.0.store.plan_path(name);
        std::fs::write(path, json).map_err(|error| broken(error.into()))
    }

    /// An upload of this person, by the name that it was given.
    pub fn planned(&self, person: UserId, name: &str) -> Option<Plan> {
        if !name.bytes().all(|b| b.is_ascii_hexdigit()) || name.is_empty() {
            return None;
        }
        let json = std::fs::read(self.0.store.plan_path(name)).ok()?;
        let plan: Plan = serde_json::from_slice(&json).ok()?;
        (plan.person == person).then_some(plan)
    }

    fn waiting_of(&self, person: UserId) -> usize {
        let names = self.0.store.plans();
        let mine = |name: &String| {
            let plan = self.planned(person, name);
            plan.is_some_and(|plan| plan.file.is_none())
        };
        names.iter().filter(|name| mine(name)).count()
    }

    pub fn forget(&self, name: &str) {
        if let Err(error) = std::fs::remove_file(self.0.store.plan_path(name)) {
            tracing::debug!(%error, "the plan of an upload was gone already");
        }
        if let Some(mut incoming) = self.0.store.resume(name) {
            incoming.take();
        }
    }

    /// The right to write to an upload; `None` while another request does.
    pub fn occupy(&self, name: &str) -> Option<Busy> {
        let is_free = self.0.held.lock().busy.insert(name.to_owned());
        is_free.then(|| Busy {
            files: self.clone(),
            name: name.to_owned(),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut held = self.files.0.held.lock();
        held.reserved_bytes -= self.bytes;
        if let Some(count) = held.people.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                held.people.remove(&self.person);
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.files.0.held.lock().busy.remove(&self.name);
    }
}

/// One after the other, so that posts get the CPU; ends with the last handle.
fn make_thumbnails(store: &Store, wanted: &mpsc::Receiver<String>) {
    // Linux keeps a nice value for each thread. Without it the work is done all the same.
    let _: std::io::Result<i32> = rustix::process::nice(NICE).map_err(Into::into);
    for content in wanted {
        let made = catch_unwind(AssertUnwindSafe(|| store.thumbnail(&content)));
        if !matches!(made, Ok(Ok(_))) {
            tracing::info!("a thumbnail cannot be made");
        }
    }
}

/// A file's content in pieces, from one place to another.
pub async fn pieces(
    path: &Path,
    from: u64,
    bytes: u64,
) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + use<>> {
    use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
    let mut file = tokio::fs::File::open(path).await?;
    file.set_max_buf_size(PIECE_BYTES);
    file.seek(std::io::SeekFrom::Start(from)).await?;
    let reading = (file, bytes);
    Ok(futures_util::stream::unfold(
        reading,
        |(mut file, left)| async move {
            if left == 0 {
                return None;
            }
            let size = left.min(64 * 1024) as usize;
            let mut piece = vec![0; size];
            match file.read(&mut piece).await {
                Ok(0) => {
                    let cut = std::io::ErrorKind::UnexpectedEof;
                    Some((Err(cut.into()), (file, 0)))
                }
                Ok(read) => {
                    piece.truncate(read);
                    let left = left - read as u64;
                    Some((Ok(Bytes::from(piece)), (file, left)))
                }
                Err(error) => Some((Err(error), (file, 0))),
            }
        },
    ))
}

fn stopping() -> Refusal {
    Refusal::new(Code::Unavailable, "The server is stopping; try again.")
}
