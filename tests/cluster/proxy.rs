//! Between a node and its Redis: lets everything through, holds everything back, or sets the clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Proxy {
    address: SocketAddr,
    /// Whether bytes stay where they are, as on a line that leads nowhere.
    held: watch::Sender<bool>,
    /// Added to the seconds of the server's clock.
    ahead_s: Arc<AtomicI64>,
}

impl Proxy {
    pub async fn to(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Proxy {
            address: listener.local_addr().expect("an address"),
            held: watch::channel(false).0,
            ahead_s: Arc::default(),
        };
        let (held, ahead_s) = (proxy.held.subscribe(), proxy.ahead_s.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
                    continue;
                };
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(pass(near_in, far_out, held.clone(), Arc::default()));
                tokio::spawn(pass(far_in, near_out, held.clone(), ahead_s.clone()));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    pub fn set_clock_ahead(&self, seconds: i64) {
        self.ahead_s.store(seconds, Ordering::Release);
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut held: watch::Receiver<bool>,
    ahead_s: Arc<AtomicI64>,
) {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        if held.wait_for(|held| !*held).await.is_err() {
            return;
        }
        let ahead_s = ahead_s.load(Ordering::Acquire);
        if ahead_s != 0 {
            shift(&mut bytes[..read], ahead_s);
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// The answer to TIME: two texts, the first one of ten digits.
fn shift(bytes: &mut [u8], ahead_s: i64) {
    let start = b"*2\r\n$10\r\n";
    let Some(at) = bytes.windows(start.len()).position(|some| some == start) else {
        return;
    };
    let digits = &mut bytes[at + start.len()..][..10];
    let seconds: i64 = std::str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok())
        .expect("seconds");
    digits.copy_from_slice((seconds + ahead_s).to_string().as_bytes());
}
