//! What `CONFIG GET` tells and `CONFIG SET` changes.
mod told;

use super::acl::Acl;
use std::collections::BTreeMap;
use std::time::Duration;
pub use told::SETTINGS;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    /// An older name; empty if there is none.
    pub alias: &'static str,
    pub kind: SettingType,
    pub default: &'static str,
    pub change: Change,
}

/// What a setting may say.
#[derive(Debug)]
pub enum SettingType {
    /// `yes` or `no`.
    Switch,
    /// A number in a range.
    Number(i64, i64),
    /// As a number, with a unit.
    Size(i64, i64),
    /// As a size, or so many percent of the memory limit.
    Share(i64),
    OneOf(&'static [&'static str]),
    /// Some of these words; the first one stands for none.
    Several(&'static [&'static str]),
    Text,
    /// Checked by rules of its own.
    Own,
}

/// Whether a setting can be changed while the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Any,
    /// Told only to those who ask for its very name.
    Hidden,
    Never,
    /// Not from here: it would let clients write files.
    Protected,
}

/// What waits to be sent may be so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputLimit {
    /// More closes the client; 0 is no limit.
    pub hard_bytes: usize,
    /// More than this for `soft_for` closes it.
    pub soft_bytes: usize,
    pub soft_for: Duration,
}

/// Settings with an effect here, and the words of all of them.
#[derive(Clone)]
pub struct Settings {
    pub max_clients: usize,
    /// Idle clients are closed after this; zero is never.
    pub timeout: Duration,
    /// Slower commands are kept; `None` keeps none.
    pub slower_than: Option<Duration>,
    pub slowlog_max: usize,
    /// Slower commands are spikes; `None` collects none.
    pub spikes_from: Option<Duration>,
    pub latency_tracking: bool,
    pub percentiles: Vec<f64>,
    /// Of ordinary clients, and of those that listen.
    pub output: [OutputLimit; 2],
    pub query_max_bytes: usize,
    pub argument_max_bytes: i64,
    /// All clients together; above, the largest are closed. 0 is no limit.
    clients_bytes: usize,
    /// The same, as a part of the memory limit.
    clients_percent: u64,
    /// More keys are not remembered for tracking; 0 is no limit.
    pub tracking_max_keys: usize,
    pub acl_log_max: usize,
    /// A HyperLogLog that takes more is no longer kept as runs.
    pub hll_sparse_max_bytes: usize,
    /// A script that runs for longer lets others be served; `None` never does.
    pub script_patience: Option<Duration>,
    /// Nothing is written without replicas, and there are none.
    pub wants_replicas: bool,
    words: BTreeMap<&'static str, String>,
}

/// Why a setting was not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    #[error("ERR Unknown option or number of arguments for CONFIG SET - '{0}'")]
    Unknown(String),
    #[error("ERR CONFIG SET failed (possibly related to argument '{0}') - {1}")]
    Value(String, String),
}

/// A setting by one of its names.
pub fn find(name: &[u8]) -> Option<&'static Setting> {
    let name = name.to_ascii_lowercase();
    let is = |known: &str| !known.is_empty() && known.as_bytes() == name;
    SETTINGS.iter().find(|it| is(it.name) || is(it.alias))
}

impl Setting {
    /// What was written, as it is kept; or why not.
    pub fn read(&self, value: &[u8]) -> Result<String, String> {
        let text = String::from_utf8_lossy(value).into_owned();
        let within = |number: i64, low: i64, high: i64| {
            if (low..=high).contains(&number) {
                Ok(number.to_string())
            } else {
                Err(format!(
                    "argument must be between {low} and {high} inclusive"
                ))
            }
        };
        match self.kind {
            SettingType::Switch => match text.to_ascii_lowercase().as_str() {
                yes_or_no @ ("yes" | "no") => Ok(yes_or_no.to_owned()),
                _ => Err("argument must be 'yes' or 'no'".to_owned()),
            },
            SettingType::Number(low, high) => match super::number::integer(value) {
                Some(number) => within(number, low, high),
                None => Err("argument couldn't be parsed into an integer".to_owned()),
            },
            SettingType::Size(low, high) => match memory(&text) {
                Some(bytes) => within(bytes.try_into().unwrap_or(i64::MAX), low, high),
                None => Err("argument must be a memory value".to_owned()),
            },
            SettingType::Share(high) => match text.strip_suffix('%').map(str::parse::<u64>) {
                Some(Ok(0..=100)) => Ok(text),
                Some(Ok(_)) => Err("percentage argument must be less or equal to 100".to_owned()),
                None if memory(&text).is_some() => {
                    let bytes = memory(&text).unwrap_or(0);
                    within(bytes.try_into().unwrap_or(i64::MAX), 0, high)
                }
                _ => Err("argument must be a memory or percent value".to_owned()),
            },
            SettingType::OneOf(names) => {
                let known = names.iter().find(|name| name.eq_ignore_ascii_case(&text));
                let known = known.map(|name| (*name).to_owned());
                known.ok_or_else(|| none_of(names))
            }
            SettingType::Several(names) => {
                let words: Vec<String> = text
                    .split_whitespace()
                    .map(str::to_ascii_lowercase)
                    .collect();
                if words.is_empty() || words.iter().any(|word| !names.contains(&word.as_str())) {
                    return Err(none_of(names));
                }
                let has = |name: &&&str| words.iter().any(|word| word == **name);
                let said: Vec<&str> = names[1..].iter().filter(has).copied().collect();
                Ok(if said.is_empty() {
                    names[0].to_owned()
                } else {
                    said.join(" ")
                })
            }
            SettingType::Text | SettingType::Own => Ok(text),
        }
    }
}

impl Settings {
    pub fn new(max_clients: usize) -> Settings {
        let words = SETTINGS.iter().map(|it| (it.name, it.default.to_owned()));
        let mut settings = Settings {
            max_clients,
            timeout: Duration::ZERO,
            slower_than: None,
            slowlog_max: 0,
            spikes_from: None,
            latency_tracking: true,
            percentiles: Vec::new(),
            output: Default::default(),
            query_max_bytes: 0,
            argument_max_bytes: 0,
            clients_bytes: 0,
            clients_percent: 0,
            tracking_max_keys: 0,
            acl_log_max: 0,
            hll_sparse_max_bytes: 0,
            script_patience: None,
            wants_replicas: false,
            words: words.collect(),
        };
        settings.words.insert("maxclients", max_clients.to_string());
        settings.take_effect(None);
        settings
    }

    /// What a setting says.
    pub fn get(&self, name: &str) -> &str {
        self.words.get(name).map_or("", String::as_str)
    }

    /// What all clients together may take up, under this memory limit; 0 is no limit.
    pub fn clients_max_bytes(&self, max_bytes: Option<u64>) -> usize {
        match self.clients_percent {
            0 => self.clients_bytes,
            percent => (u128::from(max_bytes.unwrap_or(0)) * u128::from(percent) / 100) as usize,
        }
    }

    /// Checks and changes one setting; it takes effect with [`Settings::take_effect`].
    pub fn set(&mut self, setting: &Setting, value: &[u8]) -> Result<(), String> {
        let word = match setting.name {
            "client-output-buffer-limit" => {
                let mut limits = output_limits(self.get(setting.name));
                change_limits(&mut limits, value)?;
                limits
                    .iter()
                    .map(|(class, [hard, soft, seconds])| {
                        format!("{class} {hard} {soft} {seconds}")
                    })
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            "latency-tracking-info-percentiles" => {
                let text = String::from_utf8_lossy(value).into_owned();
                let mut words = Vec::new();
                for word in text.split_whitespace() {
                    let percentile: f64 = word
                        .parse()
                        .map_err(|_| format!("Invalid {} parameters", setting.name))?;
                    if !(0.0..=100.0).contains(&percentile) {
                        let name = setting.name;
                        return Err(format!("{name} parameters should sit between [0.0,100.0]"));
                    }
                    words.push(percentile.to_string());
                }
                words.join(" ")
            }
            "save" => {
                let text = String::from_utf8_lossy(value).into_owned();
                let numbers: Option<Vec<u32>> = text
                    .split_whitespace()
                    .map(|word| word.parse().ok())
                    .collect();
                match numbers {
                    Some(numbers) if numbers.len().is_multiple_of(2) => text,
                    _ => return Err("Invalid save parameters".to_owned()),
                }
            }
            "oom-score-adj-values" => {
                let text = String::from_utf8_lossy(value).into_owned();
                let words: Vec<&str> = text.split_whitespace().collect();
                let scores = words.iter().map(|word| word.parse::<i64>());
                let mut scores = scores.map(|score| score.ok().filter(|it| it.abs() <= 2000));
                if words.len() != 3 {
                    return Err("wrong number of arguments".to_owned());
                }
                if scores.any(|score| score.is_none()) {
                    return Err(
                        "Invalid oom-score-adj-values, elements must be between -2000 and 2000."
                            .to_owned(),
                    );
                }
                words.join(" ")
            }
            _ => setting.read(value)?,
        };
        self.words.insert(setting.name, word);
        Ok(())
    }

    /// What was changed is followed from now on.
    pub fn take_effect(&mut self, acl: Option<&mut Acl>) {
        let words = std::mem::take(&mut self.words);
        let get = |name| words.get(name).map_or("", String::as_str);
        let number = |name| get(name).parse::<i64>().unwrap_or(0);
        let count = |name| usize::try_from(number(name)).unwrap_or(0);
        self.max_clients = count("maxclients");
        self.timeout = Duration::from_secs(count("timeout") as u64);
        self.slowlog_max = count("slowlog-max-len");
        let slower = u64::try_from(number("slowlog-log-slower-than"));
        self.slower_than = slower.ok().map(Duration::from_micros);
        let spikes = Some(count("latency-monitor-threshold")).filter(|ms| *ms > 0);
        self.spikes_from = spikes.map(|ms| Duration::from_millis(ms as u64));
        self.latency_tracking = get("latency-tracking") == "yes";
        let percentiles = get("latency-tracking-info-percentiles");
        let percentiles = percentiles.split_whitespace().map(str::parse::<f64>);
        self.percentiles = percentiles.filter_map(Result::ok).collect();
        self.query_max_bytes = count("client-query-buffer-limit");
        self.argument_max_bytes = number("proto-max-bulk-len");
        let share = get("maxmemory-clients");
        let percent = share.strip_suffix('%').and_then(|share| share.parse().ok());
        self.clients_bytes = memory(share).map_or(0, |bytes| bytes as usize);
        self.clients_percent = percent.unwrap_or(0);
        self.tracking_max_keys = count("tracking-table-max-keys");
        self.acl_log_max = count("acllog-max-len");
        self.wants_replicas =
            count("min-replicas-to-write") > 0 && count("min-replicas-max-lag") > 0;
        let patience = count("busy-reply-threshold") as u64;
        self.script_patience = (patience > 0).then(|| Duration::from_millis(patience));
        self.hll_sparse_max_bytes = count("hll-sparse-max-bytes");
        for (class, [hard, soft, seconds]) in output_limits(get("client-output-buffer-limit")) {
            let limit = OutputLimit {
                hard_bytes: hard as usize,
                soft_bytes: soft as usize,
                soft_for: Duration::from_secs(seconds),
            };
            match class.as_str() {
                "normal" => self.output[0] = limit,
                "pubsub" => self.output[1] = limit,
                _ => {}
            }
        }
        if let Some(acl) = acl {
            acl.channels_by_default = get("acl-pubsub-default") == "allchannels";
            acl.journal.entries.truncate(self.acl_log_max);
        }
        self.words = words;
    }
}

fn none_of(names: &[&str]) -> String {
    let names = names.join(", ");
    format!("argument(s) must be one of the following: {names}")
}

/// Limits by class, as they are written.
type Limits = Vec<(String, [u64; 3])>;

fn output_limits(text: &str) -> Limits {
    let words: Vec<&str> = text.split_whitespace().collect();
    let limits = words.chunks_exact(4).map(|limits| {
        let number = |at: usize| limits[at].parse().unwrap_or(0);
        (limits[0].to_owned(), [number(1), number(2), number(3)])
    });
    limits.collect()
}

/// `class hard soft seconds`, several times; classes that are not named stay as they are.
fn change_limits(limits: &mut Limits, value: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(value);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".to_owned());
    }
    for words in words.chunks_exact(4) {
        let class = match words[0].to_ascii_lowercase().as_str() {
            "replica" => "slave".to_owned(),
            class => class.to_owned(),
        };
        let Some((_, limit)) = limits.iter_mut().find(|(known, _)| *known == class) else {
            return Err("Invalid client class specified in buffer limit configuration.".to_owned());
        };
        let sizes = (memory(words[1]), memory(words[2]), words[3].parse::<u32>());
        let (Some(hard), Some(soft), Ok(seconds)) = sizes else {
            return Err(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration."
                    .to_owned(),
            );
        };
        *limit = [hard, soft, seconds.into()];
    }
    Ok(())
}

/// A size with an optional unit, as Redis writes them: `1gb`, `64mb`, `100`.
pub fn memory(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let factor = match text[digits..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}
