//! An account and rooms, over the HTTP API.
use super::args::BenchArgs;
use super::http::Http;
use super::target::Target;
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

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

fn call(
    target: &Target,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Value> {
    Http::connect(target, token)?.call(method, path, body)
}
