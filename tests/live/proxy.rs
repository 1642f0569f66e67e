//! A bad network: what passes is split and delayed at random, and three connections of ten break.

use parking_lot::Mutex;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Connections that break, of a hundred.
const BREAK: u64 = 30;

pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    /// Those that break do so after at most so many bytes in one direction.
    longest: u64,
    connections: AtomicUsize,
    cut: AtomicUsize,
}

impl Proxy {
    pub async fn start(target: SocketAddr, longest: u64) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            longest,
            connections: AtomicUsize::new(0),
            cut: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Proxy {
            address,
            shared,
            accepting,
        }
    }

    pub fn lead_to(&self, target: SocketAddr) {
        *self.shared.target.lock() = target;
    }

    /// How many connections were cut, of how many.
    pub fn figures(&self) -> (usize, usize) {
        let Shared {
            cut, connections, ..
        } = &*self.shared;
        (cut.load(SeqCst), connections.load(SeqCst))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let dice = Arc::new(Dice(AtomicU64::new(u64::from(std::process::id()) << 20)));
    while let Ok((client, _)) = listener.accept().await {
        let (shared, dice) = (shared.clone(), dice.clone());
        tokio::spawn(async move {
            let target = *shared.target.lock();
            let Ok(server) = TcpStream::connect(target).await else {
                return;
            };
            shared.connections.fetch_add(1, SeqCst);
            let breaks = dice.below(100) < BREAK;
            let lives = if breaks {
                dice.below(shared.longest)
            } else {
                u64::MAX
            };
            let (client, server) = (client.into_split(), server.into_split());
            let ended = tokio::select! {
                ended = pass(client.0, server.1, lives, &dice) => ended,
                ended = pass(server.0, client.1, lives, &dice) => ended,
            };
            if matches!(ended, Ok(Ended::Cut)) {
                shared.cut.fetch_add(1, SeqCst);
            }
        });
    }
}

enum Ended {
    Closed,
    Cut,
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    lives: u64,
    dice: &Dice,
) -> io::Result<Ended> {
    let mut buffer = vec![0; 16 * 1024];
    let mut passed = 0;
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(Ended::Closed);
        }
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            let most = if dice.below(10) == 0 { 9 } else { 8_000 };
            let len = usize::try_from(1 + dice.below(most))
                .unwrap_or(1)
                .min(rest.len());
            to.write_all(&rest[..len]).await?;
            rest = &rest[len..];
            passed += len as u64;
            if passed > lives {
                return Ok(Ended::Cut);
            }
            if dice.below(50) == 0 {
                sleep(Duration::from_millis(dice.below(20))).await;
            }
        }
    }
}

/// Numbers that look random (splitmix64).
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, SeqCst);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}
