//! Where a replica lies.

use crate::s3::{Bucket, Credentials};
use bytes::Bytes;
use maru_outbound::Client;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Why the other place does not do what is asked. One sentence each.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    #[error("`{0}` is no place for a replica; give file:///a/folder or s3://bucket/prefix")]
    Url(String),
    #[error(
        "s3:// needs {0} in the environment; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL for another service than Amazon's"
    )]
    Missing(&'static str),
    #[error("{place} cannot be used: {why}; look after the path, its rights and the space there")]
    Io { place: String, why: io::Error },
    #[error("{place} does not answer: {why}")]
    Away { place: String, why: String },
    #[error(
        "{place} refuses the credentials or the right to do this ({why}); look at AWS_ACCESS_KEY_ID and the bucket's policy"
    )]
    Denied { place: String, why: String },
    #[error("{place}: there is no such bucket; make it, or mend the name")]
    NoBucket { place: String },
    #[error("{place} answers with status {status}: {why}")]
    Refused {
        place: String,
        status: u16,
        why: String,
    },
    #[error(
        "{place} is a replica of format {format}, written by maru {maru}, which this version does not know; install maru {maru} or newer"
    )]
    Newer {
        place: String,
        format: u32,
        maru: String,
    },
    #[error("{place} is not empty and holds {what}; give every server a place of its own")]
    Foreign { place: String, what: String },
    #[error(
        "{name} in the replica is not what was written ({why}); another snapshot may be whole: give an earlier --at"
    )]
    Damaged { name: String, why: String },
    #[error("the replica has nothing as of {0}")]
    Nothing(String),
    #[error("{place} holds no replica; give the URL that --replicate has there")]
    Empty { place: String },
}

impl ReplicaError {
    /// Trying again does not help.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            ReplicaError::Newer { .. }
                | ReplicaError::Foreign { .. }
                | ReplicaError::Url(_)
                | ReplicaError::Missing(_)
                | ReplicaError::Denied { .. }
                | ReplicaError::NoBucket { .. }
        )
    }
}

/// A folder or a bucket.
pub enum ReplicaTarget {
    Folder(PathBuf),
    Bucket(Box<Bucket>),
}

impl ReplicaTarget {
    /// `file:///a/folder` or `s3://bucket/prefix`; what the latter needs is asked of `env`.
    pub fn parse(
        url: &str,
        env: &dyn Fn(&str) -> Option<String>,
        client: impl FnOnce(&str) -> Result<Client, ReplicaError>,
    ) -> Result<ReplicaTarget, ReplicaError> {
        let bad = || ReplicaError::Url(url.to_owned());
        if let Some(path) = url.strip_prefix("file://") {
            let path = Path::new(path);
            return path
                .is_absolute()
                .then(|| ReplicaTarget::Folder(path.to_owned()))
                .ok_or_else(bad);
        }
        let rest = url.strip_prefix("s3://").ok_or_else(bad)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(bad());
        }
        let credentials = Credentials::of(env)?;
        let endpoint = credentials.endpoint.clone();
        let client = client(&endpoint)?;
        Ok(ReplicaTarget::Bucket(Box::new(Bucket::new(
            client,
            credentials,
            bucket,
            prefix.trim_matches('/'),
        )?)))
    }

    /// For people.
    pub fn name(&self) -> String {
        match self {
            ReplicaTarget::Folder(path) => format!("file://{}", path.display()),
            ReplicaTarget::Bucket(bucket) => bucket.name(),
        }
    }

    /// Keeps an object; a reader sees the old one or the new one.
    pub async fn put(&self, name: &str, body: Bytes) -> Result<(), ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => {
                let path = root.join(name);
                let written = write_beside(&path, &body).await;
                written.map_err(|why| self.io(why))
            }
            ReplicaTarget::Bucket(bucket) => bucket.put(name, body).await,
        }
    }

    /// As [`ReplicaTarget::put`], from a file, whatever its size.
    pub async fn put_file(&self, name: &str, from: &Path) -> Result<(), ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => {
                let copied = copy_beside(&root.join(name), from).await;
                copied.map_err(|why| self.io(why))
            }
            ReplicaTarget::Bucket(bucket) => bucket.put_file(name, from).await,
        }
    }

    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => match fs::read(root.join(name)).await {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(self.io(error)),
            },
            ReplicaTarget::Bucket(bucket) => bucket.get(name).await,
        }
    }

    /// Writes an object into a file. False: there is none.
    pub async fn get_to(&self, name: &str, to: &Path) -> Result<bool, ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => match fs::copy(root.join(name), to).await {
                Ok(_) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(self.io(error)),
            },
            ReplicaTarget::Bucket(bucket) => bucket.get_to(name, to).await,
        }
    }

    /// All names below, in order.
    pub async fn list(&self) -> Result<Vec<String>, ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => {
                let root = root.clone();
                let listed = tokio::task::spawn_blocking(move || list(&root)).await;
                let listed = listed.unwrap_or_else(|error| Err(io::Error::other(error)));
                listed.map_err(|why| self.io(why))
            }
            ReplicaTarget::Bucket(bucket) => bucket.list().await,
        }
    }

    pub async fn delete(&self, name: &str) -> Result<(), ReplicaError> {
        match self {
            ReplicaTarget::Folder(root) => match fs::remove_file(root.join(name)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.io(error)),
                _ => Ok(()),
            },
            ReplicaTarget::Bucket(bucket) => bucket.delete(name).await,
        }
    }

    fn io(&self, why: io::Error) -> ReplicaError {
        ReplicaError::Io {
            place: self.name(),
            why,
        }
    }
}

/// Names of drafts begin with it.
const DRAFT: &str = ".part-";

async fn write_beside(path: &Path, body: &[u8]) -> io::Result<()> {
    let draft = draft_of(path).await?;
    let mut file = fs::File::create(&draft).await?;
    file.write_all(body).await?;
    settle(file, &draft, path).await
}

async fn copy_beside(path: &Path, from: &Path) -> io::Result<()> {
    let draft = draft_of(path).await?;
    let mut to = fs::File::create(&draft).await?;
    let mut from = fs::File::open(from).await?;
    tokio::io::copy(&mut from, &mut to).await?;
    settle(to, &draft, path).await
}

async fn draft_of(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder).await?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(folder.join(format!("{DRAFT}{name}")))
}

async fn settle(mut file: fs::File, draft: &Path, path: &Path) -> io::Result<()> {
    file.flush().await?;
    file.sync_all().await?;
    fs::rename(draft, path).await?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::File::open(folder).await?.sync_all().await
}

fn list(root: &Path) -> io::Result<Vec<String>> {
    let (mut names, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(root)
                && let Some(name) = name.to_str()
                && !name
                    .rsplit('/')
                    .next()
                    .is_some_and(|last| last.starts_with(DRAFT))
            {
                names.push(name.to_owned());
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody(_: &str) -> Result<Client, ReplicaError> {
        unreachable!("a folder asks nobody")
    }

    #[tokio::test]
    async fn a_folder_keeps_what_is_put() {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("file://{}/replica", dir.path().display());
        let place = ReplicaTarget::parse(&url, &|_| None, nobody).expect("a place");
        assert!(place.list().await.expect("lists").is_empty());
        place
            .put("b/2", Bytes::from_static(b"two"))
            .await
            .expect("kept");
        place
            .put("a", Bytes::from_static(b"one"))
            .await
            .expect("kept");
        place
            .put("a", Bytes::from_static(b"1"))
            .await
            .expect("kept");
        let from = dir.path().join("from");
        std::fs::write(&from, b"file").expect("written");
        place.put_file("c/d/e", &from).await.expect("kept");
        assert_eq!(place.list().await.expect("lists"), ["a", "b/2", "c/d/e"]);
        assert_eq!(
            place.get("a").await.expect("reads").as_deref(),
            Some(&b"1"[..])
        );
        assert_eq!(place.get("none").await.expect("reads"), None);
        let to = dir.path().join("to");
        assert!(place.get_to("c/d/e", &to).await.expect("reads"));
        assert_eq!(std::fs::read(&to).expect("read"), b"file");
        place.delete("a").await.expect("gone");
        place.delete("a").await.expect("gone already");
        assert_eq!(place.list().await.expect("lists"), ["b/2", "c/d/e"]);
    }

    #[test]
    fn places_are_urls() {
        for bad in ["", "/a/folder", "file://relative", "s3://", "ftp://host/a"] {
            let error = ReplicaTarget::parse(bad, &|_| None, nobody)
                .err()
                .expect("refused");
            assert!(matches!(error, ReplicaError::Url(_)), "{bad}: {error}");
        }
        let error = ReplicaTarget::parse("s3://bucket", &|_| None, nobody).err();
        assert!(matches!(error, Some(ReplicaError::Missing(_))));
    }
}
