//! Settings that are a choice, a size or a secret.

use clap::ValueEnum;
use std::fmt;
use std::str::FromStr;

/// Who may make an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Signup {
    Open,
    #[default]
    Invite,
    Closed,
}

/// Something that is done, or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    #[default]
    Off,
}

impl Switch {
    pub fn is_on(self) -> bool {
        self == Switch::On
    }
}

/// When a write counts as written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Fsync {
    #[default]
    Always,
    #[value(name = "everysec")]
    EverySec,
    Never,
}

/// What goes when the cache is full, by Redis's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Eviction {
    #[default]
    #[value(name = "noeviction")]
    Nothing,
    #[value(name = "allkeys-lru")]
    AllKeysLru,
    #[value(name = "volatile-lru")]
    VolatileLru,
    #[value(name = "allkeys-lfu")]
    AllKeysLfu,
    #[value(name = "volatile-lfu")]
    VolatileLfu,
    #[value(name = "allkeys-random")]
    AllKeysRandom,
    #[value(name = "volatile-random")]
    VolatileRandom,
    #[value(name = "volatile-ttl")]
    VolatileTtl,
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TokenAlg {
    #[default]
    Hs256,
    #[value(name = "eddsa")]
    EdDsa,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Whether the kernel holds the server to its places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Sandbox {
    /// Where it can.
    #[default]
    Auto,
    Off,
}

/// A text that no log, message or debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Secret(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A size in bytes, written as a number with an optional unit (KiB, MiB, GiB; K, M, G mean the
/// same).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Bytes {
    pub const fn from_mib(mib: u64) -> Bytes {
        Bytes(mib << 20)
    }
}

impl FromStr for Bytes {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a size, such as 256MiB";
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            _ => return Err(EXPECTED),
        };
        let number: u64 = number.parse().map_err(|_| EXPECTED)?;
        number
            .checked_mul(1 << shift)
            .map(Bytes)
            .ok_or("that size is too large")
    }
}

/// A time, such as 14d or 12h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub std::time::Duration);

impl FromStr for Span {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span = humantime::parse_duration(text.trim()).ok();
        span.filter(|span| !span.is_zero())
            .map(Span)
            .ok_or("expected a time, such as 14d or 12h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!("256MiB".parse(), Ok(Bytes(256 << 20)));
        assert_eq!("1 g".parse(), Ok(Bytes(1 << 30)));
        assert_eq!("77".parse(), Ok(Bytes(77)));
        for bad in [
            "",
            "MiB",
            "1.5G",
            "-1",
            "1 T",
            "99999999999999999999G",
            "18446744073709551615K",
        ] {
            assert!(bad.parse::<Bytes>().is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_are_stars() {
        let secret: Secret = "redis://:hunter2@host".parse().expect("anything");
        assert_eq!(format!("{secret:?}"), "***");
    }
}
