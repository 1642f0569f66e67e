//! What is not shown to those who hear all commands, nor kept: passwords.

use super::index::Row;

/// Shown in place of what is not.
pub const INSTEAD: &[u8] = b"(redacted)";

/// Settings that are secrets.
pub const SECRETS: [&str; 4] = [
    "requirepass",
    "masterauth",
    "masteruser",
    "tls-key-file-pass",
];

/// Whether an argument of a request is not shown.
pub fn hides(row: &Row, args: &[&[u8]], at: usize) -> bool {
    match row.full_name.as_str() {
        "auth" => at > 0,
        "hello" => (2..args.len())
            .find(|&word| args[word].eq_ignore_ascii_case(b"AUTH"))
            .is_some_and(|auth| at == auth + 1 || at == auth + 2),
        "acl|setuser" => at > 1,
        "config|set" => {
            let name = (at > 2 && at % 2 == 1).then(|| args[at - 1].to_ascii_lowercase());
            name.is_some_and(|name| SECRETS.iter().any(|secret| secret.as_bytes() == name))
        }
        _ => false,
    }
}
