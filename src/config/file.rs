//! `maru.toml`: found, read, and asked for one key at a time.

use super::args::{PlaceArgs, ServeArgs};
use super::error::ConfigError;
use super::setting::Setting;
use std::path::{Path, PathBuf};

pub const DEFAULT_DATA_DIR: &str = "./maru-data";
const FILE_NAME: &str = "maru.toml";

/// The settings file, or an empty one where there is none.
#[derive(Debug, Default)]
pub struct SettingsFile {
    path: PathBuf,
    table: toml::Table,
}

impl SettingsFile {
    /// The file that counts for this command.
    pub fn find(place: &PlaceArgs) -> Result<SettingsFile, ConfigError> {
        if let Some(path) = &place.config {
            return SettingsFile::read(path);
        }
        let data_dir = place
            .data_dir
            .as_deref()
            .unwrap_or(Path::new(DEFAULT_DATA_DIR));
        for path in [data_dir.join(FILE_NAME), PathBuf::from(FILE_NAME)] {
            if path.exists() {
                return SettingsFile::read(&path);
            }
        }
        Ok(SettingsFile::default())
    }

    fn read(path: &Path) -> Result<SettingsFile, ConfigError> {
        let path = path.to_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => SettingsFile::parse(path, &text),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    pub fn parse(path: PathBuf, text: &str) -> Result<SettingsFile, ConfigError> {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let message = toml_message(&error, text);
                return Err(ConfigError::NotToml { path, message });
            }
        };
        // `data_dir` and `data-dir` are the same key: the first reads well in TOML, the second
        // is the flag's name.
        let table = table
            .into_iter()
            .map(|(key, value)| (key.replace('_', "-"), value))
            .collect();
        Ok(SettingsFile { path, table })
    }

    /// The file's path; `None` where there is no file.
    pub fn path(&self) -> Option<&Path> {
        (!self.path.as_os_str().is_empty()).then_some(&*self.path)
    }

    /// The value of a key, typed.
    pub fn get<T: Setting>(&self, key: &'static str) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        match T::from_toml(value) {
            Some(meaning) => Ok(Some(meaning)),
            None => Err(ConfigError::WrongValue {
                path: self.path.clone(),
                key,
                expected: T::EXPECTED,
                found: T::show(value),
            }),
        }
    }

    /// A value as it is written there.
    pub fn text(&self, key: &str) -> Option<String> {
        self.table.get(key).map(|value| match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// The path, for people.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// One sentence for each key that means nothing, with the key that was perhaps meant.
    pub fn warnings(&self) -> Vec<String> {
        let known = known_keys();
        let unknown = self.table.keys().filter(|key| !known.contains(key));
        unknown
            .map(|key| {
                let hint = match nearest(key, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "see `maru serve --help` for the settings".to_owned(),
                };
                format!(
                    "{}: unknown key `{key}` is ignored; {hint}",
                    self.path.display()
                )
            })
            .collect()
    }
}

/// The keys of the file are the flags of `serve`: there is no second list.
fn known_keys() -> Vec<String> {
    use clap::Args;
    let command = ServeArgs::augment_args(PlaceArgs::augment_args(clap::Command::new("maru")));
    command
        .get_arguments()
        .filter_map(|arg| arg.get_long().map(str::to_owned))
        .collect()
}

fn toml_message(error: &toml::de::Error, text: &str) -> String {
    let line = error
        .span()
        .map(|span| text[..span.start].matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a String> {
    let best = known.iter().min_by_key(|near| edits(key, near))?;
    (edits(key, best) <= 1 + key.len() / 4).then_some(best)
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Listen, Signup};

    fn file(text: &str) -> SettingsFile {
        SettingsFile::parse("maru.toml".into(), text).expect("valid TOML")
    }

    #[test]
    fn both_spellings_of_a_key_are_one() {
        for text in [
            "public_url = 'https://a.example'",
            "public-url = 'https://a.example'",
        ] {
            assert!(file(text).table.contains_key("public-url"));
            assert!(file(text).warnings().is_empty());
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_one_that_was_meant() {
        let warnings = file("lisen = '127.0.0.1:1'\nzzzzzz = 1").warnings();
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("`lisen`") && warnings[0].contains("`listen`"));
        assert!(warnings[1].contains("`zzzzzz`") && !warnings[1].contains("did you mean"));
    }

    #[test]
    fn a_wrong_type_says_file_key_and_what_is_expected() {
        let error = file("listen = 8080")
            .get::<Listen>("listen")
            .expect_err("wrong type");
        let text = error.to_string();
        assert!(text.contains("maru.toml") && text.contains("`listen`") && text.contains("8080"));
        let error = file("signup = 'all'")
            .get::<Signup>("signup")
            .expect_err("no such value");
        assert!(error.to_string().contains("invite"), "{error}");
    }

    #[test]
    fn broken_toml_names_the_line() {
        let error =
            SettingsFile::parse("m.toml".into(), "name = 'a'\nlisten = ").expect_err("broken");
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn edits_between_words() {
        assert_eq!(edits("listen", "listen"), 0);
        assert_eq!(edits("lisen", "listen"), 1);
        assert_eq!(edits("", "abc"), 3);
    }
}
