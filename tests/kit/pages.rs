//! A web site of our own: each path answers what it is told to, and counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The path to the whole answer, from its status line on.
type Answers = HashMap<&'static str, Vec<u8>>;

pub struct Pages {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    pub async fn start(answers: impl FnOnce(&str) -> Answers) -> Pages {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Arc::new(answers(&url));
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone(), heard.clone()));
            }
        });
        Pages { url, asked }
    }

    /// An answer of this type with this body.
    pub fn page(kind: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
        let body = body.as_ref();
        let length = body.len();
        let head = format!("200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        [head.as_bytes(), body].concat()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().expect("a list");
        asked.iter().filter(|one| *one == path).count()
    }
}

async fn serve(stream: TcpStream, answers: Arc<Answers>, asked: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    let _ = stream.read_line(&mut first).await;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        line.clear();
    }
    let nothing = || b"404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
    let answer = answers.get(path.as_str()).cloned().unwrap_or_else(nothing);
    asked.lock().expect("a list").push(path);
    let _ = stream
        .write_all(&[b"HTTP/1.1 ", &answer[..]].concat())
        .await;
}
