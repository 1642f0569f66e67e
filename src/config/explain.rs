//! What each setting is, and where that comes from.

use super::args::{PlaceArgs, ServeArgs};
use super::error::ConfigError;
use super::file::SettingsFile;
use super::meaning::Config;
use clap::Args;

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// As a key of the file, and as a flag.
    pub key: String,
    /// As it was typed; a secret is stars.
    pub value: String,
    pub source: SettingSource,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// The variable's name.
    Environment(String),
    /// The file's path.
    File(String),
    Default,
}

/// Values that are not shown.
const SECRETS: [&str; 2] = ["redis-url", "smtp-url"];
/// These say where settings come from, and are none themselves.
const PLACES: [&str; 1] = ["config"];

impl Config {
    /// Every setting as a server in the same environment would have it.
    pub fn explain(place: &PlaceArgs, typed: ServeArgs) -> Result<Vec<Explained>, ConfigError> {
        let file = SettingsFile::find(place)?;
        // What is wrong is an error here as it is for a server.
        Config::resolve(place, typed)?;
        let command = ServeArgs::augment_args(PlaceArgs::augment_args(clap::Command::new("maru")));
        let mut all = Vec::new();
        for arg in command.get_arguments() {
            let Some(key) = arg.get_long().filter(|key| !PLACES.contains(key)) else {
                continue;
            };
            let variable = format!("MARU_{}", key.to_ascii_uppercase().replace('-', "_"));
            let typed = match (key, &place.data_dir) {
                ("data-dir", Some(dir)) => Some(dir.display().to_string()),
                _ => std::env::var(&variable).ok(),
            };
            let (value, source) = match (typed, file.text(key)) {
                (Some(value), _) => (value, SettingSource::Environment(variable)),
                (None, Some(value)) => (value, SettingSource::File(file.name())),
                (None, None) => (default_of(arg), SettingSource::Default),
            };
            let value = if SECRETS.contains(&key) && source != SettingSource::Default {
                "***".to_owned()
            } else {
                value
            };
            let key = key.to_owned();
            all.push(Explained { key, value, source });
        }
        Ok(all)
    }
}

/// As its help says.
fn default_of(arg: &clap::Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let told = help.rsplit_once("[default: ").map(|(_, rest)| rest);
    told.and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or("none")
        .to_owned()
}
