//! A Redis port on a cache in memory, and a client that reads answers by itself.

use maru::cache::{Embedded, Options as CacheOptions};
use maru::resp::{Door, Options};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Nothing that must happen takes longer, also on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An open port; closed when dropped.
pub struct Port {
    pub cache: Arc<Embedded>,
    pub address: SocketAddr,
    _door: Door,
}

impl Port {
    pub fn open() -> Port {
        Port::with(Options::default())
    }

    pub fn with(options: Options) -> Port {
        let cache = Embedded::open(CacheOptions::default()).expect("a cache in memory");
        Port::over(cache, options)
    }

    pub fn over(cache: Embedded, options: Options) -> Port {
        let cache = Arc::new(cache);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let door = Door::open(listener, cache.clone(), options).expect("the door opens");
        Port {
            cache,
            address,
            _door: door,
        }
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address)
    }
}

/// An answer, as the wire says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Simple(String),
    Error(String),
    Integer(i64),
    Bulk(Vec<u8>),
    Null,
    NullArray,
    Array(Vec<Reply>),
    Map(Vec<Reply>),
    Set(Vec<Reply>),
    Push(Vec<Reply>),
    Double(String),
    Boolean(bool),
    Verbatim(String),
    BigNumber(String),
}

impl Reply {
    pub fn text(&self) -> String {
        match self {
            Reply::Simple(text)
            | Reply::Error(text)
            | Reply::Double(text)
            | Reply::Verbatim(text)
            | Reply::BigNumber(text) => text.clone(),
            Reply::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Reply::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        }
    }

    pub fn items(&self) -> &[Reply] {
        match self {
            Reply::Array(items) | Reply::Map(items) | Reply::Set(items) | Reply::Push(items) => {
                items
            }
            other => panic!("no items: {other:?}"),
        }
    }
}

pub fn bulk(text: &str) -> Reply {
    Reply::Bulk(text.as_bytes().to_vec())
}

pub struct Client<S: Read + Write = TcpStream> {
    reader: BufReader<S>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).expect("the port takes connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Client::over(stream)
    }
}

impl Client {
    /// To write to without reading.
    pub fn socket(&self) -> &TcpStream {
        self.reader.get_ref()
    }
}

impl<S: Read + Write> Client<S> {
    pub fn over(stream: S) -> Client<S> {
        Client {
            reader: BufReader::new(stream),
        }
    }

    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).expect("sent");
    }

    pub fn send(&mut self, args: &[&[u8]]) {
        let bytes = request(args);
        self.send_raw(&bytes);
    }

    /// As [`Client::send`]; an error where the other side is gone.
    pub fn try_send(&mut self, args: &[&[u8]]) -> std::io::Result<()> {
        self.reader.get_mut().write_all(&request(args))
    }

    /// Sends words parted by spaces, answers what comes back.
    pub fn ask(&mut self, words: &str) -> Reply {
        let args: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        self.call(&args)
    }

    pub fn call(&mut self, args: &[&[u8]]) -> Reply {
        self.send(args);
        self.read()
    }

    pub fn read(&mut self) -> Reply {
        self.try_read().expect("an answer")
    }

    /// Whether the other side has closed the connection.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.reader.read(&mut [0; 1]), Ok(0) | Err(_))
    }

    pub fn try_read(&mut self) -> std::io::Result<Reply> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        let broken = || std::io::Error::other("the connection ended");
        let line = line.strip_suffix(b"\r\n").ok_or_else(broken)?;
        let text = || String::from_utf8_lossy(&line[1..]).into_owned();
        let number = || text().parse::<i64>().expect("a number");
        Ok(match line[0] {
            b'+' => Reply::Simple(text()),
            b'-' => Reply::Error(text()),
            b':' => Reply::Integer(number()),
            b',' => Reply::Double(text()),
            b'(' => Reply::BigNumber(text()),
            b'#' => Reply::Boolean(line[1] == b't'),
            b'_' => Reply::Null,
            b'$' if number() < 0 => Reply::Null,
            b'*' if number() < 0 => Reply::NullArray,
            b'$' => Reply::Bulk(self.exactly(number())?),
            b'=' => {
                let bytes = self.exactly(number())?;
                Reply::Verbatim(String::from_utf8_lossy(&bytes).into_owned())
            }
            b'*' => Reply::Array(self.several(number())?),
            b'~' => Reply::Set(self.several(number())?),
            b'>' => Reply::Push(self.several(number())?),
            b'%' => Reply::Map(self.several(number() * 2)?),
            other => panic!("no answer begins with {:?}", char::from(other)),
        })
    }

    fn exactly(&mut self, length: i64) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize + 2];
        self.reader.read_exact(&mut bytes)?;
        assert!(bytes.ends_with(b"\r\n"));
        bytes.truncate(length as usize);
        Ok(bytes)
    }

    fn several(&mut self, count: i64) -> std::io::Result<Vec<Reply>> {
        (0..count).map(|_| self.try_read()).collect()
    }
}

/// A request on the wire.
pub fn request(args: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        bytes.extend(format!("${}\r\n", arg.len()).bytes());
        bytes.extend_from_slice(arg);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
