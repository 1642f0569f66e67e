//! Calls of the HTTP API, one after the other on one connection.
use super::target::Target;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Http {
    stream: BufReader<TcpStream>,
    /// What every request says.
    head: String,
}

impl Http {
    pub fn connect(target: &Target, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(target.address).with_context(|| {
            format!(
                "nobody answers at {}; is the server running?",
                target.address
            )
        })?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        let mut head = format!("host: {}\r\n", target.host);
        if let Some(token) = token {
            head += &format!("authorization: Bearer {token}\r\n");
        }
        Ok(Self {
            stream: BufReader::new(stream),
            head,
        })
    }

    /// `path` is below `/api/v1`.
    pub fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if body.is_empty() {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\n{}{kind}content-length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = answer(&mut self.stream)
            .context("the server did not answer")?
            .ok_or_else(|| anyhow!("the server's answer is not HTTP"))?;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !(200..300).contains(&status) {
            let message = value["error"]["message"]
                .as_str()
                .unwrap_or("no reason given");
            bail!("{method} /api/v1{path}: {status}: {message}");
        }
        Ok(value)
    }
}

/// Status and body. None: this is no HTTP.
fn answer(stream: &mut impl BufRead) -> std::io::Result<Option<(u16, Vec<u8>)>> {
    let first = line(stream)?;
    let Some(status) = first.split(' ').nth(1).and_then(|text| text.parse().ok()) else {
        return Ok(None);
    };
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    loop {
        let part = if chunked {
            u64::from_str_radix(&line(stream)?, 16).unwrap_or(0)
        } else {
            length
        };
        stream.by_ref().take(part).read_to_end(&mut body)?;
        if !chunked {
            return Ok(Some((status, body)));
        }
        line(stream)?;
        if part == 0 {
            return Ok(Some((status, body)));
        }
    }
}

/// Without its end.
fn line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    stream.read_line(&mut text)?;
    text.truncate(text.trim_end().len());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let read = |bytes: &[u8]| answer(&mut &bytes[..]).ok().flatten();
        let plain = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK";
        assert_eq!(read(plain), Some((201, b"{}".to_vec())));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(read(chunked), Some((200, b"abcde".to_vec())));
        assert_eq!(read(b"nonsense"), None);
    }
}
