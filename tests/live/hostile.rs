//! Clients that do not read, and clients that talk nonsense, beside those that behave.

use crate::kit::{Person, Socket, TestApp};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn admin(app: &TestApp) -> Socket {
    let root = app.admin("root").await;
    let auth = json!({ "token": root.token });
    let mut socket = Socket::connect(app.address, "/admin", &auth).await;
    socket.find("stats").await;
    socket
}

#[tokio::test]
async fn a_slow_reader_is_put_out_and_misses_nothing() {
    let app = TestApp::start().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&lee, "room", "public").await;
    app.add(&lee, room, &kim).await;
    let mut figures = admin(&app).await;
    let mut slow = app.connect(json!({ "token": kim.token })).await;
    let ready = slow.expect("ready").await;
    let mut keen = app.socket(&lee).await;
    let text = "x".repeat(9_000);
    let subscribers = || {
        let live = app.services().engine.live();
        live.subscribers_of(maru::domain::UserId(kim.id))
    };
    let mut said = 0;
    while subscribers() > 0 {
        assert!(said < 5_000, "the kernel took forty megabytes");
        // Who reads has the answer and the event of each, in order, while the other does not.
        let message = json!({ "room_id": room, "text": format!("{said} {text}") });
        let answer = keen.ask("message.send", message).await;
        assert_eq!(answer["ok"], true, "{answer}");
        let event = keen.find("message.created").await;
        assert_eq!(event["message"]["id"], answer["message"]["id"]);
        said += 1;
    }
    let stats = figures.find("stats").await;
    let closed = loop {
        let stats = figures.find("stats").await;
        if stats["closed"]["slow_consumer"] != 0 {
            break stats["closed"].clone();
        }
    };
    assert_eq!(closed["slow_consumer"], 1, "{stats}");

    let auth = json!({ "token": kim.token, "epoch": ready["epoch"], "since": ready["seq"] });
    let mut back = app.connect(auth).await;
    back.expect("ready").await;
    for n in 0..said {
        let event = back.find("message.created").await;
        let heard = event["message"]["text"].as_str().expect("a text");
        assert!(
            heard.starts_with(&format!("{n} x")),
            "{n}: {}",
            &heard[..20]
        );
    }
    assert!(
        back.so_far()
            .await
            .iter()
            .all(|name| name != "message.created")
    );
}

/// A generator that gives the same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    /// Something valid, made a little wrong; at times it stays valid.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..self.roll(4) {
            let at = self.roll(bytes.len() + 1);
            match self.roll(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                1 => bytes.truncate(at),
                2 => bytes.insert(at, self.roll(256) as u8),
                3 => {
                    let end = at + self.roll(bytes.len() - at.min(bytes.len()) + 1);
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                4 if at < bytes.len() => {
                    let b = b"0123456789/-,[]{}\"\\\x1eb\x00\xff";
                    bytes[at] = b[self.roll(b.len())];
                }
                _ => {
                    let many = vec![b"[{9\"\xed"[self.roll(5)]; self.roll(300)];
                    bytes.splice(at..at, many);
                }
            }
            bytes.truncate(4_000);
        }
    }
}

fn phrases(room: u64) -> Vec<String> {
    vec![
        "2".into(),
        "3".into(),
        "5".into(),
        "6".into(),
        "2probe".into(),
        "41".into(),
        "40/admin,{\"token\":\"x\"}".into(),
        "40/nowhere,".into(),
        "41/admin,".into(),
        "42[\"presence\",{}]".into(),
        "420[\"presence\"]".into(),
        format!("427[\"typing\",{{\"room_id\":{room}}}]"),
        format!("4212[\"message.send\",{{\"room_id\":{room},\"text\":\"한글 text\"}}]"),
        format!("4299[\"read\",{{\"room_id\":{room},\"message_id\":1}}]"),
        "4312[{\"ok\":true}]".into(),
        "451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]".into(),
        "452-3[\"bytes\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"
            .into(),
        "461-7[{\"_placeholder\":true,\"num\":0}]".into(),
        "44{\"message\":\"no\"}".into(),
    ]
}

/// A client's frame, masked.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80 | opcode];
    match u8::try_from(payload.len()) {
        Ok(len) if len < 126 => bytes.push(0x80 | len),
        _ => {
            bytes.push(0x80 | 126);
            bytes.extend((payload.len() as u16).to_be_bytes());
        }
    }
    let mask = [7, 77, 177, 247];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

/// Says it all, and waits until the server has either taken it or hung up.
async fn by_websocket(address: SocketAddr, person: &Person, said: Vec<Vec<u8>>, dice: &mut Dice) {
    let mut wire = TcpStream::connect(address).await.expect("connects");
    let head = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    let join = format!("40{}", json!({ "token": person.token }));
    if dice.roll(10) > 0 {
        bytes.extend(frame(1, join.as_bytes()));
    }
    for packet in said {
        let opcode = if packet.starts_with(b"\xff") { 2 } else { 1 };
        let mut framed = frame(opcode, &packet);
        if dice.roll(8) == 0 {
            // What lies beneath the packets is wrong, too.
            dice.spoil(&mut framed);
        }
        bytes.extend(framed);
    }
    if wire.write_all(&bytes).await.is_err() {
        return;
    }
    if dice.roll(3) == 0 {
        return;
    }
    // A close frame, and then all that the server still says.
    if wire.write_all(&frame(8, &[3, 232])).await.is_ok() && wire.shutdown().await.is_ok() {
        let mut rest = Vec::new();
        // It may end in a reset.
        let _ = timeout(PATIENCE, wire.read_to_end(&mut rest))
            .await
            .expect("an end");
    }
}

async fn post(address: SocketAddr, sid: &str, method: &str, body: &[u8]) -> String {
    let mut wire = TcpStream::connect(address).await.expect("connects");
    let head = format!(
        "{method} /socket.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\nHost: x\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend(body);
    let mut answer = Vec::new();
    if wire.write_all(&request).await.is_ok() {
        // It may end in a reset.
        let _ = timeout(PATIENCE, wire.read_to_end(&mut answer))
            .await
            .expect("an answer");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

async fn by_polling(address: SocketAddr, person: &Person, said: Vec<Vec<u8>>, dice: &mut Dice) {
    let open = post(address, "", "GET", b"").await;
    let sid = open
        .split("\"sid\":\"")
        .nth(1)
        .and_then(|rest| rest.get(..20));
    let sid = format!("&sid={}", sid.expect("a session"));
    let join = format!("40{}", json!({ "token": person.token }));
    if dice.roll(10) > 0 {
        post(address, &sid, "POST", join.as_bytes()).await;
    }
    let mut body = said.join(&0x1e);
    if dice.roll(4) == 0 {
        dice.spoil(&mut body);
    }
    let answer = post(address, &sid, "POST", &body).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 4"),
        "{answer}"
    );
    if dice.roll(2) == 0 {
        // Its post may have closed the session, or be answered by nothing but a heartbeat.
        drop(timeout(Duration::from_millis(2), post(address, &sid, "GET", b"")).await);
    }
    post(address, &sid, "POST", b"1").await;
}

/// `MARU_MUTATIONS` packets; as many as a coffee takes by hand, a few in every run.
#[tokio::test]
async fn nonsense_hurts_nobody() {
    let asked = std::env::var("MARU_MUTATIONS").ok();
    let mutations = asked.and_then(|n| n.parse().ok()).unwrap_or(3_000);
    let app = TestApp::start().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "public").await;
    let mut figures = admin(&app).await;
    let mut bystander = app.socket(&lee).await;
    let (phrases, mut dice) = (phrases(room), Dice(20_261_123));
    let mut done = 0;
    let mut rounds = 0;
    while done < mutations {
        let mut said: Vec<Vec<u8>> = Vec::new();
        for _ in 0..=dice.roll(20) {
            let mut packet = match dice.roll(12) {
                0 => b"\xff\x00\x01binary".to_vec(),
                1 => b"bAQIDBA==".to_vec(),
                _ => phrases[dice.roll(phrases.len())].clone().into_bytes(),
            };
            dice.spoil(&mut packet);
            said.push(packet);
        }
        done += said.len();
        rounds += 1;
        match rounds % 2 {
            0 => by_websocket(app.address, &kim, said, &mut dice).await,
            _ => by_polling(app.address, &kim, said, &mut dice).await,
        }
        if rounds % 20 == 0 {
            bystander.ask("presence", Value::Null).await;
            bystander.so_far().await;
        }
    }
    bystander.ask("presence", Value::Null).await;
    let stats = timeout(PATIENCE, async {
        loop {
            let stats = figures.find("stats").await;
            if stats["connections"] == 2 {
                return stats;
            }
        }
    });
    let stats = stats.await.expect("nobody is left but those who behave");
    assert_eq!(stats["listeners"], 1, "{stats}");
    // A task that panics counts as the server's own doing.
    assert_eq!(stats["closed"]["server"], 0, "{stats}");
    assert!(stats["closed"]["protocol"].as_u64() > Some(0), "{stats}");
}
