//! `maru healthcheck`

use super::{UsageError, settings_beside, term};
use crate::config::PlaceArgs;
use crate::ops::control::Control;
use crate::ops::request::Request;
use crate::ops::{data_dir, health};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct HealthcheckArgs {
    /// The server's address, such as http://127.0.0.1:8080 [default: the server on the data
    /// directory, else the address it would listen on]
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Ask also whether it can write
    #[arg(long)]
    ready: bool,

    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

pub fn run(place: &PlaceArgs, args: &HealthcheckArgs) -> anyhow::Result<()> {
    let base = match &args.url {
        Some(url) => url.clone(),
        None => address(place)?,
    };
    // What speaks TLS, or has no address, is asked through its directory.
    if args.url.is_none() && !base.starts_with("http://") {
        return beside(place, args);
    }
    if args.timeout.is_zero() {
        return Err(UsageError("--timeout must be longer than nothing".to_owned()).into());
    }
    let path = if args.ready { "/readyz" } else { "/healthz" };
    health::ask(&base, path, args.timeout)?;
    term::say("ok")?;
    Ok(())
}

fn beside(place: &PlaceArgs, args: &HealthcheckArgs) -> anyhow::Result<()> {
    let config = settings_beside(place)?;
    super::target::runtime()?.block_on(async {
        let asked = async {
            let mut control = Control::connect(&config.data_dir).await?;
            let ready = args.ready;
            anyhow::Ok(control.ask(&Request::Health { ready }).await?)
        };
        let answer = tokio::time::timeout(args.timeout, asked).await;
        answer.map_err(|_| anyhow::anyhow!("no answer in time; is the server running?"))?
    })?;
    term::say("ok")?;
    Ok(())
}

/// Where the server on this data directory says it listens, else where the settings say.
fn address(place: &PlaceArgs) -> anyhow::Result<String> {
    let config = settings_beside(place)?;
    let holder = data_dir::holder(&config.data_dir).ok().flatten();
    Ok(match holder.and_then(|holder| holder.url) {
        Some(url) => url,
        None => config.base_url(),
    })
}
