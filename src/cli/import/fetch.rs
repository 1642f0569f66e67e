//! Files that an archive only has the addresses of.

use crate::config::Config;
use crate::imports::Fetch;
use crate::outbound::{Bounds, Client, Guard, Request, header};
use anyhow::Context;
use std::sync::Arc;
use std::time::Duration;

/// For one file.
const PATIENCE: Duration = Duration::from_secs(300);
const REDIRECTS: u8 = 3;

/// Fetches from where `outbound-allow` and the public internet are, at most as much as a file may have.
pub fn over(config: &Config) -> anyhow::Result<Fetch> {
    let roots = config.outbound_roots.as_ref();
    let roots = roots.map(std::fs::read_to_string).transpose();
    let roots = roots.context("the file of root certificates cannot be read")?;
    let guard = Guard::new(config.outbound_allow.clone());
    let client = Client::new(guard, roots.as_deref())?;
    let max = usize::try_from(config.max_file_bytes).unwrap_or(usize::MAX);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(Fetch(Arc::new(move |address| {
        let request = Request::get(address).bounds(Bounds {
            total: PATIENCE,
            body_bytes: max,
            redirects: REDIRECTS,
            ..Bounds::default()
        });
        let answer = runtime.block_on(client.send(request));
        // An address is as secret as what lies behind it: it is told to nobody.
        let answer = answer.map_err(|error| error.to_string().replace(address, "…"))?;
        if !answer.status.is_success() {
            return Err(format!("it was answered {}", answer.status.as_u16()));
        }
        let kind = answer.headers.get(header::CONTENT_TYPE);
        let is_page = kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/html"));
        if is_page
            && !address
                .split('?')
                .next()
                .unwrap_or_default()
                .ends_with("html")
        {
            return Err("a page to sign in came; export the archive anew".to_owned());
        }
        Ok(answer.body.to_vec())
    })))
}
