//! A bucket that speaks S3. Payloads are always signed, lengths always told, names are paths
//! (`/bucket/name`): what every service understands.

mod wire;

use crate::ReplicaError;
use bytes::Bytes;
use maru_outbound::{Answer, Bounds, Client, Method, Request, StatusCode};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;
use wire::{authorization, element, elements, encoded, hex, stamp};

/// Larger files go in parts of this size.
const PART_BYTES: usize = 16 << 20;
/// Objects that are read whole.
const OBJECT_BYTES: usize = 256 << 20;
const PATIENCE: Duration = Duration::from_secs(120);
/// What a transfer may take.
const LONG: Duration = Duration::from_secs(6 * 3600);
/// Of an error's text that is shown.
const SHOWN: usize = 200;

/// As AWS's own tools read them from the environment.
#[derive(Clone)]
pub struct Credentials {
    key_id: String,
    secret: String,
    token: Option<String>,
    region: String,
    /// Scheme, host and perhaps a port.
    pub endpoint: String,
}

impl Credentials {
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Result<Credentials, ReplicaError> {
        let need = |name: &'static str| env(name).ok_or(ReplicaError::Missing(name));
        let region = env("AWS_REGION").or_else(|| env("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = env("AWS_ENDPOINT_URL_S3").or_else(|| env("AWS_ENDPOINT_URL"));
        Ok(Credentials {
            key_id: need("AWS_ACCESS_KEY_ID")?,
            secret: need("AWS_SECRET_ACCESS_KEY")?,
            token: env("AWS_SESSION_TOKEN"),
            endpoint: endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com")),
            region,
        })
    }
}

pub struct Bucket {
    client: Client,
    credentials: Credentials,
    endpoint: Url,
    bucket: String,
    prefix: String,
}

/// What is asked, but for the credentials.
struct Asked<'a> {
    method: Method,
    /// Without the prefix; `None` is the bucket itself.
    name: Option<&'a str>,
    query: Vec<(&'a str, String)>,
    body: Bytes,
}

impl Bucket {
    pub fn new(
        client: Client,
        credentials: Credentials,
        bucket: &str,
        prefix: &str,
    ) -> Result<Bucket, ReplicaError> {
        let endpoint = Url::parse(&credentials.endpoint)
            .map_err(|_| ReplicaError::Url(credentials.endpoint.clone()))?;
        Ok(Bucket {
            client,
            credentials,
            endpoint,
            bucket: bucket.to_owned(),
            prefix: match prefix {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            },
        })
    }

    pub fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix.trim_end_matches('/'))
    }

    pub async fn put(&self, name: &str, body: Bytes) -> Result<(), ReplicaError> {
        let asked = Asked {
            method: Method::PUT,
            name: Some(name),
            query: Vec::new(),
            body,
        };
        self.send(asked).await.map(drop)
    }

    pub async fn put_file(&self, name: &str, from: &Path) -> Result<(), ReplicaError> {
        let broken = |why| ReplicaError::Io {
            place: from.display().to_string(),
            why,
        };
        let mut file = tokio::fs::File::open(from).await.map_err(broken)?;
        let first = part(&mut file).await.map_err(broken)?;
        if first.len() < PART_BYTES {
            return self.put(name, first).await;
        }
        let begun = self.send(Asked {
            method: Method::POST,
            name: Some(name),
            query: vec![("uploads", String::new())],
            body: Bytes::new(),
        });
        let begun = begun.await?;
        let text = String::from_utf8_lossy(&begun.body).into_owned();
        let upload = element(&text, "UploadId").unwrap_or_default();
        let (mut part_bytes, mut number, mut list) = (first, 1, String::new());
        while !part_bytes.is_empty() {
            let sent = self.send(Asked {
                method: Method::PUT,
                name: Some(name),
                query: vec![
                    ("partNumber", number.to_string()),
                    ("uploadId", upload.clone()),
                ],
                body: part_bytes,
            });
            let sent = sent.await?;
            let tag = sent.headers.get("etag").and_then(|tag| tag.to_str().ok());
            // Writing to memory does not fail.
            let _ = write!(
                list,
                "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>",
                tag.unwrap_or_default()
            );
            number += 1;
            part_bytes = part(&mut file).await.map_err(broken)?;
        }
        let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        let ended = self.send(Asked {
            method: Method::POST,
            name: Some(name),
            query: vec![("uploadId", upload)],
            body: body.into(),
        });
        ended.await.map(drop)
    }

    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, ReplicaError> {
        let asked = Asked {
            method: Method::GET,
            name: Some(name),
            query: Vec::new(),
            body: Bytes::new(),
        };
        match self.send(asked).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(ReplicaError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn get_to(&self, name: &str, to: &Path) -> Result<bool, ReplicaError> {
        let asked = Asked {
            method: Method::GET,
            name: Some(name),
            query: Vec::new(),
            body: Bytes::new(),
        };
        let request = self.signed(&asked).bounds(Bounds {
            total: LONG,
            body_bytes: usize::MAX,
            ..Bounds::default()
        });
        let mut streamed = self.client.open(request).await.map_err(|e| self.away(e))?;
        if streamed.status == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        if !streamed.status.is_success() {
            return Err(self.refused(streamed.status, b""));
        }
        let broken = |why: io::Error| ReplicaError::Io {
            place: to.display().to_string(),
            why,
        };
        let mut file = tokio::fs::File::create(to).await.map_err(broken)?;
        while let Some(piece) = streamed.chunk().await.map_err(|e| self.away(e))? {
            file.write_all(&piece).await.map_err(broken)?;
        }
        file.flush().await.map_err(broken)?;
        Ok(true)
    }

    pub async fn list(&self) -> Result<Vec<String>, ReplicaError> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let mut query = vec![("list-type", "2".to_owned())];
            query.push(("prefix", self.prefix.clone()));
            if let Some(token) = token.take() {
                query.push(("continuation-token", token));
            }
            let page = self.send(Asked {
                method: Method::GET,
                name: None,
                query,
                body: Bytes::new(),
            });
            let text = String::from_utf8_lossy(&page.await?.body).into_owned();
            for key in elements(&text, "Key") {
                names.extend(key.strip_prefix(&self.prefix).map(str::to_owned));
            }
            token = element(&text, "NextContinuationToken");
            let goes_on = element(&text, "IsTruncated").is_some_and(|text| text == "true");
            if !goes_on || token.is_none() {
                names.sort_unstable();
                return Ok(names);
            }
        }
    }

    pub async fn delete(&self, name: &str) -> Result<(), ReplicaError> {
        let asked = Asked {
            method: Method::DELETE,
            name: Some(name),
            query: Vec::new(),
            body: Bytes::new(),
        };
        match self.send(asked).await {
            Ok(_) | Err(ReplicaError::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn send(&self, asked: Asked<'_>) -> Result<Answer, ReplicaError> {
        let request = self.signed(&asked).bounds(Bounds {
            total: PATIENCE,
            body_bytes: OBJECT_BYTES,
            ..Bounds::default()
        });
        let answer = self.client.send(request).await.map_err(|e| self.away(e))?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(self.refused(answer.status, &answer.body))
        }
    }

    fn away(&self, error: maru_outbound::Error) -> ReplicaError {
        ReplicaError::Away {
            place: self.name(),
            why: error.to_string(),
        }
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> ReplicaError {
        let text = String::from_utf8_lossy(body);
        let code = element(&text, "Code").unwrap_or_default();
        let message = element(&text, "Message").unwrap_or_default();
        let why: String = format!("{code} {message}").chars().take(SHOWN).collect();
        let (place, why) = (self.name(), why.trim().to_owned());
        match status {
            StatusCode::NOT_FOUND if code == "NoSuchBucket" => ReplicaError::NoBucket { place },
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => ReplicaError::Denied { place, why },
            status => ReplicaError::Refused {
                place,
                status: status.as_u16(),
                why,
            },
        }
    }

    fn signed(&self, asked: &Asked<'_>) -> Request {
        let path = match asked.name {
            Some(name) => format!("/{}/{}{name}", self.bucket, self.prefix),
            None => format!("/{}", self.bucket),
        };
        let path = encoded(&path, true);
        let mut query: Vec<(String, String)> = asked
            .query
            .iter()
            .map(|(name, value)| (encoded(name, false), encoded(value, false)))
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let query = query.join("&");
        let host = match (self.endpoint.host_str(), self.endpoint.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let stamp = stamp(now.map_or(0, |now| now.as_secs()));
        let sum = hex(&Sha256::digest(&asked.body));
        let mut headers = vec![
            ("host", host),
            ("x-amz-content-sha256", sum.clone()),
            ("x-amz-date", stamp.clone()),
        ];
        if let Some(token) = &self.credentials.token {
            headers.push(("x-amz-security-token", token.clone()));
        }
        let authorization = authorization(
            &self.credentials,
            asked.method.as_str(),
            (&path, &query),
            &headers,
            (&stamp, &sum),
        );
        let base = self.credentials.endpoint.trim_end_matches('/');
        let url = if query.is_empty() {
            format!("{base}{path}")
        } else {
            format!("{base}{path}?{query}")
        };
        let mut request = Request::new(asked.method.clone(), url).body(asked.body.clone());
        for (name, value) in &headers[1..] {
            request = request.header(name, value);
        }
        request.header("authorization", &authorization)
    }
}

async fn part(file: &mut tokio::fs::File) -> io::Result<Bytes> {
    let mut part = Vec::new();
    file.take(PART_BYTES as u64).read_to_end(&mut part).await?;
    Ok(part.into())
}
