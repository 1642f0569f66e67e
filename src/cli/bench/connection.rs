//! One client.
use super::target::Target;
use super::wire::{self, Heard};
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// How far a client has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Handshake,
    Joining,
    /// In, and ready to be counted.
    Ready,
}

pub struct Connection {
    pub stream: TcpStream,
    pub stage: Stage,
    /// The epoll also looks for room to write.
    pub watched: bool,
    /// Waits for Maru's `ready` after joining.
    awaits_ready: bool,
    auth: String,
    unread: Vec<u8>,
    unwritten: Vec<u8>,
}

impl Connection {
    pub fn open(target: &Target, auth: String, awaits_ready: bool) -> Result<Self> {
        let mut stream = TcpStream::connect(target.address).with_context(|| {
            format!(
                "nobody answers at {}; is the server running?",
                target.address
            )
        })?;
        stream.set_nodelay(true)?;
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bWFydSBiZW5jaCBpcyBpdA==\r\n\r\n",
            target.socket, target.host
        );
        stream.write_all(head.as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            stage: Stage::Handshake,
            watched: false,
            awaits_ready,
            auth,
            unread: Vec::new(),
            unwritten: Vec::new(),
        })
    }

    /// Reads what is there and hands on what concerns the load.
    /// `scratch` is large and shared by all.
    pub fn read(&mut self, scratch: &mut [u8], mut hear: impl FnMut(Heard<'_>)) -> Result<()> {
        loop {
            let len = match self.stream.read(scratch) {
                Ok(0) => bail!("the server closed a connection"),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("a connection broke"),
            };
            if self.unread.is_empty() {
                let used = self.digest(&scratch[..len], &mut hear)?;
                self.unread.extend_from_slice(&scratch[used..len]);
            } else {
                let mut unread = std::mem::take(&mut self.unread);
                unread.extend_from_slice(&scratch[..len]);
                let used = self.digest(&unread, &mut hear)?;
                unread.drain(..used);
                self.unread = unread;
            }
            if len < scratch.len() {
                return Ok(());
            }
        }
    }

    fn digest(&mut self, bytes: &[u8], hear: &mut impl FnMut(Heard<'_>)) -> Result<usize> {
        let mut at = 0;
        if self.stage == Stage::Handshake {
            let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
                return Ok(0);
            };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                let answer = String::from_utf8_lossy(bytes);
                bail!(
                    "the server does not open a WebSocket: {}",
                    answer.lines().next().unwrap_or_default()
                );
            }
            self.stage = Stage::Joining;
            at = end + 4;
        }
        while let Some((heard, len)) = wire::frame(&bytes[at..]) {
            at += len;
            match heard {
                Heard::Open => self.say(&format!("40{}", self.auth.clone()))?,
                Heard::Ping => self.say("3")?,
                Heard::Joined if !self.awaits_ready => self.stage = Stage::Ready,
                Heard::Ready => self.stage = Stage::Ready,
                Heard::Joined | Heard::Other => {}
                Heard::Refused(why) => bail!(
                    "the server refuses a client: {}",
                    String::from_utf8_lossy(why)
                ),
                Heard::Closed(why) => bail!(
                    "the server closed a connection: {}",
                    String::from_utf8_lossy(why)
                ),
                Heard::Created(_) | Heard::Acked { .. } => hear(heard),
            }
        }
        Ok(at)
    }

    pub fn say(&mut self, text: &str) -> Result<()> {
        wire::say(&mut self.unwritten, text);
        self.flush()
    }

    /// Writes as much as goes.
    pub fn flush(&mut self) -> Result<()> {
        while !self.unwritten.is_empty() {
            match self.stream.write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("a connection broke"),
            }
        }
        self.unwritten = Vec::new();
        Ok(())
    }

    pub fn owes(&self) -> bool {
        !self.unwritten.is_empty()
    }
}
