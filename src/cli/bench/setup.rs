//! An account and rooms, over the HTTP API.
use super::args::BenchArgs;
use super::target::Target;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub struct Account {
    pub token: String,
    /// The token was made here, so it is given back.
    ours: bool,
}

impl Account {
    /// By token, by password, or a new one.
    pub fn enter(target: &Target, args: &BenchArgs) -> Result<Self> {
        if let Some(token) = &args.token {
            return Ok(Self {
                token: token.clone(),
                ours: false,
            });
        }
        let answer = if let Some(username) = &args.user {
            let password = password(args)?;
            let body = json!({ "username": username, "password": password });
            call(target, "POST", "/login", None, Some(&body)).context("signing in failed")?
        } else {
            let body = json!({ "username": format!("bench-{}", random()?), "password": random()? + &random()? });
            call(target, "POST", "/signup", None, Some(&body)).context(
                "no account could be signed up; give one with --user and --password-file, or MARU_TOKEN, \
                 or --no-setup for a server that is not Maru",
            )?
        };
        let token = answer["token"]
            .as_str()
            .ok_or_else(|| anyhow!("the server gave no token"))?;
        Ok(Self {
            token: token.to_owned(),
            ours: true,
        })
    }

    pub fn make_rooms(&self, target: &Target, count: u32) -> Result<Vec<u64>> {
        let run = random()?;
        (0..count)
            .map(|at| {
                let body = json!({ "name": format!("bench-{run}-{at}") });
                let room = call(target, "POST", "/rooms", Some(&self.token), Some(&body))
                    .context("a room could not be made")?;
                room["id"]
                    .as_u64()
                    .ok_or_else(|| anyhow!("the server gave a room without an id"))
            })
            .collect()
    }

    /// Leaves nothing behind.
    pub fn leave(&self, target: &Target, rooms: &[u64]) -> Result<()> {
        for room in rooms {
            call(
                target,
                "DELETE",
                &format!("/rooms/{room}"),
                Some(&self.token),
                None,
            )
            .context("a room could not be deleted; delete the rooms named bench-… by hand")?;
        }
        if self.ours {
            call(target, "POST", "/logout", Some(&self.token), None)
                .context("signing out failed")?;
        }
        Ok(())
    }
}

fn password(args: &BenchArgs) -> Result<String> {
    let Some(file) = &args.password_file else {
        return rpassword::prompt_password("Password: ")
            .context("no password could be read; give it with --password-file");
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn random() -> Result<String> {
    Ok(format!(
        "{:016x}",
        getrandom::u64().context("the system gives no random numbers")?
    ))
}

/// One call, on a connection of its own.
fn call(
    target: &Target,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Value> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut head = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
        target.host,
        body.len()
    );
    if !body.is_empty() {
        head += "content-type: application/json\r\n";
    }
    if let Some(token) = token {
        head += &format!("authorization: Bearer {token}\r\n");
    }
    let mut stream = TcpStream::connect(target.address).with_context(|| {
        format!(
            "nobody answers at {}; is the server running?",
            target.address
        )
    })?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .context("the server did not answer")?;
    let (status, body) =
        parse(&answer).ok_or_else(|| anyhow!("the server's answer is not HTTP"))?;
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    if !(200..300).contains(&status) {
        let message = value["error"]["message"]
            .as_str()
            .unwrap_or("no reason given");
        bail!("{method} /api/v1{path}: {status}: {message}");
    }
    Ok(value)
}

fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end])
        .ok()?
        .to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &answer[end + 4..];
    let chunked = head
        .lines()
        .any(|line| line.starts_with("transfer-encoding:") && line.ends_with("chunked"));
    Some((
        status,
        if chunked {
            unchunk(body)?
        } else {
            body.to_vec()
        },
    ))
}

fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = memchr::memmem::find(body, b"\r\n")?;
        let size =
            usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(body.get(end + 2..end + 2 + size)?);
        body = body.get(end + 2 + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let plain = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(parse(plain), Some((201, b"{}".to_vec())));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked), Some((200, b"abcde".to_vec())));
        assert_eq!(parse(b"nonsense"), None);
    }
}
