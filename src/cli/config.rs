//! `maru config …`

use super::term;
use crate::config::{Config, Explained, PlaceArgs, ServeArgs, SettingSource};

#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Verify the settings and show each with where it comes from
    ///
    /// Exit status 0: a server would start with them; 2: it would not, and why.
    Check,
}

pub fn run(place: &PlaceArgs, typed: ServeArgs, args: &ConfigArgs) -> anyhow::Result<()> {
    let Action::Check = args.action;
    let config = Config::resolve(place, typed.clone())?;
    for Explained { key, value, source } in Config::explain(place, typed)? {
        let source = match source {
            SettingSource::Environment(variable) => variable,
            SettingSource::File(path) => path,
            SettingSource::Default => "default".to_owned(),
        };
        term::say(format_args!("{key} = {value}  ({source})"))?;
    }
    for warning in &config.warnings {
        term::warn(warning);
    }
    Ok(())
}
