//! How single settings are written in TOML. (On the command line: by `FromStr` or `ValueEnum`.)

use super::address::{Domain, Listen, ListenAt, Network, Origin, PublicUrl};
use super::choice::{
    Bytes, Eviction, Fsync, LogFormat, Sandbox, Secret, Signup, Span, Switch, TokenAlg,
};
use super::tls::{HttpListen, TlsDomain};
use crate::outbound::Allow;
use clap::ValueEnum;
use std::path::PathBuf;

/// A value that can stand in `maru.toml`.
pub trait Setting: Sized {
    /// What is expected, to follow "must be".
    const EXPECTED: &'static str;

    /// The meaning of a TOML value; `None` where it has none.
    fn from_toml(value: &toml::Value) -> Option<Self>;

    /// The value as a complaint may quote it.
    fn show(value: &toml::Value) -> String {
        value.to_string()
    }
}

macro_rules! setting_as_text {
    ($($name:ty: $expected:literal),* $(,)?) => {$(
        impl Setting for $name {
            const EXPECTED: &'static str = $expected;
            fn from_toml(value: &toml::Value) -> Option<Self> {
                value.as_str()?.parse().ok()
            }
        }
    )*};
}

setting_as_text! {
    String: "a text in quotes",
    Secret: "a URL in quotes",
    PathBuf: "a path in quotes",
    Listen: "an address with a port in quotes, such as \"127.0.0.1:8080\"",
    HttpListen: "an address with a port in quotes, such as \"0.0.0.0:80\", or \"off\"",
    PublicUrl: "a URL without a path in quotes, such as \"https://chat.example.org\"",
}

macro_rules! setting_as_choice {
    ($($name:ty: $expected:literal),* $(,)?) => {$(
        impl Setting for $name {
            const EXPECTED: &'static str = $expected;
            fn from_toml(value: &toml::Value) -> Option<Self> {
                <$name as ValueEnum>::from_str(value.as_str()?, false).ok()
            }
        }
    )*};
}

setting_as_choice! {
    Switch: "\"on\" or \"off\"",
    Signup: "\"open\", \"invite\" or \"closed\"",
    Fsync: "\"always\", \"everysec\" or \"never\"",
    Eviction: "the name of one of Redis's policies, such as \"allkeys-lru\"",
    TokenAlg: "\"hs256\" or \"eddsa\"",
    Sandbox: "\"auto\" or \"off\"",
    LogFormat: "\"text\" or \"json\"",
}

macro_rules! setting_as_list {
    ($($name:ty: $expected:literal),* $(,)?) => {$(
        impl Setting for Vec<$name> {
            const EXPECTED: &'static str = $expected;
            fn from_toml(value: &toml::Value) -> Option<Self> {
                match value {
                    toml::Value::String(one) => Some(vec![one.parse().ok()?]),
                    toml::Value::Array(many) => {
                        many.iter().map(|one| one.as_str()?.parse().ok()).collect()
                    }
                    _ => None,
                }
            }
        }
    )*};
}

setting_as_list! {
    TlsDomain: "a list of domains, such as [\"chat.example.org\"]",
    Domain: "a list of domains, such as [\"example.org\"]",
    ListenAt: "a list of addresses, such as [\"127.0.0.1:8080\", \"unix:/run/maru.sock\"]",
    Origin: "a list of origins, such as [\"https://chat.example.org\"]",
    Network: "a list of addresses or networks, such as [\"10.0.0.0/8\"]",
    Allow: "a list of hosts or networks, such as [\"hooks.intern\", \"10.0.0.0/8\"]",
}

impl Setting for u32 {
    const EXPECTED: &'static str = "a whole number above 0";
    fn from_toml(value: &toml::Value) -> Option<Self> {
        let number = value.as_integer()?;
        u32::try_from(number).ok().filter(|number| *number > 0)
    }
}

impl Setting for Span {
    const EXPECTED: &'static str = "a time, such as \"14d\"";
    fn from_toml(value: &toml::Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl Setting for Bytes {
    const EXPECTED: &'static str = "a size, such as \"256MiB\" or a number of bytes";
    fn from_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::Integer(bytes) => u64::try_from(*bytes).ok().map(Bytes),
            _ => value.as_str()?.parse().ok(),
        }
    }
}
