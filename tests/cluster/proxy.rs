//! Between a node and its Redis: lets everything through, holds everything back, loses it, is slow,
//! hangs up, or sets the clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the line is.
#[derive(Clone, Default)]
struct Line {
    /// Bytes stay where they are, as on a line that leads nowhere.
    is_held: bool,
    /// Bytes are taken and never arrive; their connections end with the loss.
    loses: bool,
    /// Nobody is let in.
    is_down: bool,
    /// Each piece takes so much longer.
    delay: Duration,
    /// Connections that began before end.
    cuts: u64,
}

pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    /// Added to the seconds of the server's clock.
    ahead_s: Arc<AtomicI64>,
}

impl Proxy {
    pub async fn to(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Proxy {
            address: listener.local_addr().expect("an address"),
            line: watch::channel(Line::default()).0,
            ahead_s: Arc::default(),
        };
        let (line, ahead_s) = (proxy.line.subscribe(), proxy.ahead_s.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if line.borrow().is_down {
                    continue;
                }
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
                    continue;
                };
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(pass(near_in, far_out, line.clone(), Arc::default()));
                tokio::spawn(pass(far_in, near_out, line.clone(), ahead_s.clone()));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub fn hold(&self, held: bool) {
        self.line.send_modify(|line| line.is_held = held);
    }

    /// Every connection ends now; while it is down, no other begins.
    pub fn cut(&self, is_down: bool) {
        self.line.send_modify(|line| {
            line.is_down = is_down;
            line.cuts += 1;
        });
    }

    /// What is said is lost; with the end of it, the connections are lost, too.
    pub fn lose(&self, loses: bool) {
        self.line.send_modify(|line| {
            line.loses = loses;
            line.cuts += u64::from(!loses);
        });
    }

    pub fn delay(&self, delay: Duration) {
        self.line.send_modify(|line| line.delay = delay);
    }

    pub fn set_clock_ahead(&self, seconds: i64) {
        self.ahead_s.store(seconds, Ordering::Release);
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut line: watch::Receiver<Line>,
    ahead_s: Arc<AtomicI64>,
) {
    let mut cut = line.clone();
    let cuts = line.borrow().cuts;
    let passing = async {
        let mut bytes = vec![0; 64 << 10];
        loop {
            let Ok(read @ 1..) = from.read(&mut bytes).await else {
                return;
            };
            let now = line.wait_for(|line| !line.is_held).await;
            let Ok((loses, delay)) = now.map(|now| (now.loses, now.delay)) else {
                return;
            };
            if loses {
                continue;
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            let ahead_s = ahead_s.load(Ordering::Acquire);
            if ahead_s != 0 {
                shift(&mut bytes[..read], ahead_s);
            }
            if to.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = passing => {}
        _ = cut.wait_for(|line| line.cuts != cuts) => {}
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
