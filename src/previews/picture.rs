//! The picture of a page: fetched within bounds, made small here, and kept as a content of its own.
//! What the page's server sent is thrown away: readers get what was drawn anew.

use crate::domain::PreviewPicture;
use crate::files::{FileError, Store, picture};
use crate::outbound::{Answer, Bounds, Client, Request};
use parking_lot::Mutex;
use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(3),
    total: Duration::from_secs(8),
    body_bytes: 5 << 20,
    cut: false,
    redirects: 3,
};
/// Decoding one takes four bytes a pixel.
const MAX_PIXELS: u64 = 16_000_000;
/// What is smaller counts readers and shows nothing.
const MIN_SIDE: u32 = 32;

/// Brings a content to a second node, where there is one; whether it is there.
pub type Spread = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Clone)]
pub struct Pictures {
    store: Store,
    spread: Spread,
    /// One is decoded at a time.
    decoding: Arc<Mutex<()>>,
}

impl Pictures {
    pub fn new(store: Store, spread: Spread) -> Pictures {
        Pictures {
            store,
            spread,
            decoding: Arc::default(),
        }
    }

    /// The picture that a page names, from wherever the page is.
    pub async fn fetch(
        &self,
        client: &Client,
        page: &Answer,
        address: &str,
    ) -> Option<PreviewPicture> {
        let url = page.url.join(address.trim()).ok()?;
        let request = Request::get(url.as_str())
            .header("accept", "image/jpeg,image/png,image/webp,image/gif")
            .bounds(BOUNDS);
        let answer = client.send(request).await.ok()?;
        if !answer.status.is_success() || answer.is_cut {
            return None;
        }
        let pictures = self.clone();
        let made = tokio::task::spawn_blocking(move || {
            let picture = pictures.make_small(&answer.body).ok()?;
            (pictures.spread)(&picture.content).then_some(picture)
        });
        let made = made.await.ok().flatten();
        if made.is_none() {
            tracing::debug!("a page goes without its picture");
        }
        made
    }

    fn make_small(&self, bytes: &[u8]) -> crate::files::Result<PreviewPicture> {
        let _turn = self.decoding.lock();
        let whole = self.store.begin()?;
        fs::write(whole.path(), bytes)?;
        let size = picture::size(whole.path())?;
        let pixels = u64::from(size.width) * u64::from(size.height);
        if pixels > MAX_PIXELS || size.width.min(size.height) < MIN_SIDE {
            return Err(FileError::BadPicture);
        }
        let small = self.store.begin()?;
        fs::write(small.path(), picture::thumbnail(whole.path())?)?;
        let kept = self.store.keep(&small)?;
        let size = kept.size.ok_or(FileError::BadPicture)?;
        Ok(PreviewPicture {
            width: size.width,
            height: size.height,
            content: kept.hash,
            size: kept.size_bytes,
        })
    }

    /// Whether a content is still there; then it counts as new, and is not swept away meanwhile.
    pub fn stays(&self, content: &str) -> bool {
        let file = File::options().write(true).open(self.store.path(content));
        file.is_ok_and(|file| file.set_modified(SystemTime::now()).is_ok())
    }
}
