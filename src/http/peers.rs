//! What other nodes ask of this one: where it stands, a snapshot, a file. Every request carries the
//! seal of the cluster's secret.

use super::body::Body;
use crate::cluster::join::{self, Manifest, Part};
use crate::cluster::{Position, Secret, Shared, members, peer, secret};
use crate::domain::{LogHash, Seq};
use crate::engine::Engine;
use crate::files::Store;
use crate::log::{LogReader, ReadLimit};
use crate::tls::Certificate;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use hyper::body::Incoming;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A snapshot that nobody fetches from is removed after so long.
const KEPT: Duration = Duration::from_secs(600);
/// How long another node may take to bring a file here, or there.
const TRANSFER: Duration = Duration::from_secs(30);
/// A node answers another one within this.
const REACH: Duration = Duration::from_secs(2);
const FOLDER: &str = "snapshots";

/// The node's side of the cluster. Clones are the same.
#[derive(Clone)]
pub struct Peers(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    secret: Secret,
    engine: Engine,
    log: LogReader,
    store: Store,
    dir: PathBuf,
    made: Mutex<Vec<(Manifest, Instant)>>,
    /// One at a time.
    making: Mutex<()>,
    /// What others see of this node, by TLS.
    certificate: OnceLock<Arc<Certificate>>,
}

impl Peers {
    pub fn new(
        shared: Arc<Shared>,
        secret: Secret,
        engine: Engine,
        log: LogReader,
        store: Store,
        dir: PathBuf,
    ) -> Peers {
        // Of an earlier run.
        let _gone = std::fs::remove_dir_all(dir.join(FOLDER));
        Peers(Arc::new(Inner {
            shared,
            secret,
            engine,
            log,
            store,
            dir,
            made: Mutex::default(),
            making: Mutex::default(),
            certificate: OnceLock::new(),
        }))
    }

    /// Other nodes come by TLS, and see this certificate. Once.
    pub fn shows(&self, certificate: Arc<Certificate>) {
        if self.0.certificate.set(certificate).is_err() {
            tracing::warn!("other nodes see the first certificate only");
        }
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    pub fn serves(&self, path: &str) -> bool {
        path.starts_with(peer::PREFIX)
    }

    pub async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let seal = request
            .headers()
            .get(secret::HEADER)
            .and_then(|seal| seal.to_str().ok())
            .unwrap_or_default();
        let seal = seal.to_owned();
        if !self.0.accepts(&seal, method.as_str(), &path) {
            return plain(StatusCode::FORBIDDEN, Bytes::new());
        }
        let peers = self.clone();
        let call = path[peer::PREFIX.len()..].to_owned();
        let answered = tokio::task::spawn_blocking(move || peers.0.call(&method, &call)).await;
        let (mut response, digest) = match answered {
            Ok(Ok(Reply::Bytes(bytes))) => {
                let digest = secret::hex(&Sha256::digest(&bytes));
                (plain(StatusCode::OK, bytes), digest)
            }
            Ok(Ok(Reply::File(path, hash))) => (file(&path).await, hash),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                return plain(StatusCode::NOT_FOUND, Bytes::new());
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "another node is not answered");
                return plain(StatusCode::SERVICE_UNAVAILABLE, Bytes::new());
            }
            Err(_) => return plain(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
        };
        let vouched = self.0.secret.seal_answer(&seal, &digest);
        if let Ok(vouched) = HeaderValue::from_str(&vouched) {
            response.headers_mut().insert(secret::HEADER, vouched);
        }
        response
    }

    /// Brings a content here that another node has. Blocks; `false` if nobody has it.
    pub fn fetch(&self, hash: &str) -> bool {
        let living = self.0.shared.living();
        living
            .iter()
            .any(|node| match self.0.pull(&node.address, hash) {
                Ok(()) => true,
                Err(error) => {
                    tracing::debug!(node = node.name, %error, "a file is not there");
                    false
                }
            })
    }

    /// Brings contents to another living node, where there is one. Blocks.
    pub fn spread(&self, hashes: &[String]) -> Result<(), String> {
        let living = self.0.shared.living();
        let mut why = String::new();
        for hash in hashes {
            // Sent to another node: then it is on two, once it is here.
            if !self.0.store.path(hash).exists() && self.fetch(hash) {
                continue;
            }
            let reached = living.iter().any(|node| {
                let call = format!("pull/{hash}/{}", self.0.shared.me.name);
                let pulled = peer::bytes(&node.address, &self.0.secret, "POST", &call, TRANSFER);
                if let Err(error) = &pulled {
                    why = format!("node {}: {error}", node.name);
                }
                pulled.is_ok()
            });
            if !reached && !living.is_empty() {
                return Err(why);
            }
        }
        Ok(())
    }
}

enum Reply {
    Bytes(Bytes),
    /// With its content's hash.
    File(PathBuf, String),
}

impl Inner {
    /// By TLS, only what was sealed for the certificate that this node shows.
    fn accepts(&self, seal: &str, method: &str, path: &str) -> bool {
        let now_ms = members::now_ms();
        let bound = match self.certificate.get() {
            None => vec![String::new()],
            Some(certificate) => {
                let shown = certificate.shown();
                shown.iter().map(|one| peer::fingerprint(one)).collect()
            }
        };
        bound
            .iter()
            .any(|bound| self.secret.accepts(seal, now_ms, method, path, bound))
    }

    fn call(&self, method: &Method, call: &str) -> io::Result<Reply> {
        let words: Vec<&str> = call.split('/').collect();
        let json = |value: serde_json::Result<Vec<u8>>| {
            value
                .map(|bytes| Reply::Bytes(bytes.into()))
                .map_err(io::Error::other)
        };
        match (method.as_str(), &words[..]) {
            ("GET", ["standing"]) => json(serde_json::to_vec(&self.standing())),
            ("POST", ["snapshot"]) => json(serde_json::to_vec(&self.snapshot()?)),
            ("GET", ["snapshot", id]) => json(serde_json::to_vec(&self.manifest(id)?)),
            ("GET", ["snapshot", id, number, chunk]) => {
                let missing = || io::Error::from(io::ErrorKind::NotFound);
                let manifest = self.manifest(id)?;
                let number: usize = number.parse().map_err(|_| missing())?;
                let chunk: u64 = chunk.parse().map_err(|_| missing())?;
                let part = manifest.files.get(number).ok_or_else(missing)?;
                let path = self.place(&manifest.id, &part.path);
                join::chunk(&path, chunk).map(|bytes| Reply::Bytes(bytes.into()))
            }
            ("GET", ["file", hash]) if is_hash(hash) => {
                Ok(Reply::File(self.store.path(hash), (*hash).to_owned()))
            }
            ("POST", ["pull", hash, name]) if is_hash(hash) => {
                let living = self.shared.living();
                let from = living.iter().find(|node| node.name == *name);
                let from = from.ok_or(io::ErrorKind::NotFound)?;
                self.pull(&from.address, hash)?;
                Ok(Reply::Bytes(Bytes::from_static(b"{}")))
            }
            ("POST", ["reach", name]) => json(serde_json::to_vec(&self.reach(name)?)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether this node reaches another one where that one says.
    fn reach(&self, name: &str) -> io::Result<peer::Reach> {
        let living = self.shared.living();
        let found = living.into_iter().find(|node| node.name == name);
        let node = found.ok_or(io::ErrorKind::NotFound)?;
        let why = match peer::standing(&node.address, &self.secret, REACH) {
            Ok(standing) if standing.id == node.id => None,
            Ok(standing) => Some(format!("node {} answers there", standing.name)),
            Err(error) => Some(error.to_string()),
        };
        Ok(peer::Reach { why })
    }

    fn standing(&self) -> peer::Standing {
        peer::Standing {
            name: self.shared.me.name.clone(),
            id: self.shared.me.id.clone(),
            cluster: self.shared.me.cluster.clone(),
            at: self.shared.tip().position,
            first: self.log.first_seq(),
            epoch: self.shared.epoch(),
            redis: self.shared.identity().text(),
        }
    }

    fn manifest(&self, id: &str) -> io::Result<Manifest> {
        let mut made = self.made.lock();
        let found = made.iter_mut().find(|(manifest, _)| manifest.id == id);
        let (manifest, used) = found.ok_or(io::ErrorKind::NotFound)?;
        *used = Instant::now();
        Ok(manifest.clone())
    }

    /// Where a file of a snapshot lies. Keys are those of the data directory itself.
    fn place(&self, id: &str, path: &str) -> PathBuf {
        if path.starts_with("keys/") {
            self.dir.join(path)
        } else {
            self.dir.join(FOLDER).join(id).join(path)
        }
    }

    fn snapshot(&self) -> io::Result<Manifest> {
        let _one = self.making.lock();
        self.forget_old();
        let id = crate::cluster::random_name()?;
        let folder = self.dir.join(FOLDER).join(&id);
        std::fs::create_dir_all(&folder)?;
        let (seq, mut files) = self.state(&folder)?;
        let tip = self.shared.tip().position;
        let hash = match self.log.read(seq, ReadLimit::entries(1)) {
            Ok(entries) if !entries.is_empty() => entries[0].hash,
            _ if tip.seq == seq => tip.hash,
            _ => LogHash::NONE,
        };
        for key in std::fs::read_dir(self.dir.join("keys"))? {
            let key = key?;
            let name = key.file_name();
            if let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) {
                files.push(join::part(&format!("keys/{name}"), &key.path())?);
            }
        }
        let manifest = Manifest {
            id,
            at: Position { seq, hash },
            epoch: self.shared.epoch(),
            files,
        };
        tracing::info!(seq = seq.0, "made a snapshot for a node that joins");
        self.made.lock().push((manifest.clone(), Instant::now()));
        Ok(manifest)
    }

    fn state(&self, folder: &Path) -> io::Result<(Seq, Vec<Part>)> {
        let file = folder.join("state.redb");
        let copied = crate::state::copy::copy(self.engine.snapshot(), &file, |_, _| Ok(()));
        let copied = copied.map_err(io::Error::other)?;
        Ok((copied.seq, vec![join::part("state.redb", &file)?]))
    }

    fn forget_old(&self) {
        self.made.lock().retain(|(manifest, used)| {
            let stays = used.elapsed() < KEPT;
            if !stays {
                let _gone = std::fs::remove_dir_all(self.dir.join(FOLDER).join(&manifest.id));
            }
            stays
        });
    }

    /// Fetches a content from another node and keeps it, if it is what its name says.
    fn pull(&self, address: &str, hash: &str) -> io::Result<()> {
        if self.store.path(hash).exists() {
            return Ok(());
        }
        let call = format!("file/{hash}");
        let mut answer =
            peer::send(address, &self.secret, "GET", &call, TRANSFER).map_err(io::Error::other)?;
        if !answer.vouches_for(hash) {
            return Err(io::Error::other(peer::PeerError::Forged));
        }
        let length = answer.length;
        let incoming = self.store.begin().map_err(io::Error::other)?;
        let mut file = incoming.open_at(0).map_err(io::Error::other)?;
        if io::copy(&mut (&mut answer).take(length), &mut file)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.sync_all()?;
        self.store.adopt(&incoming, hash).map_err(io::Error::other)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn plain(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let length = bytes.len();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-length", length.into());
    response
}

async fn file(path: &Path) -> Response<Body> {
    let opened = tokio::fs::File::open(path).await;
    let Ok(file) = opened else {
        return plain(StatusCode::NOT_FOUND, Bytes::new());
    };
    let length = file.metadata().await.map_or(0, |about| about.len());
    let stream = futures_util::stream::unfold(file, async |mut file| {
        use tokio::io::AsyncReadExt as _;
        let mut piece = vec![0; 256 << 10];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    let mut response = Response::new(axum::body::Body::from_stream(stream));
    response
        .headers_mut()
        .insert("content-length", length.into());
    response.map(Into::into)
}
