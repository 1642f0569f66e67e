//! Settings of several words.

use super::kit::{Client, Port, bulk};

fn set(client: &mut Client, name: &str, value: &str) -> String {
    let words = [b"CONFIG", &b"SET"[..], name.as_bytes(), value.as_bytes()];
    client.call(&words).text()
}

#[test]
fn settings_of_several_words_are_kept_in_their_order() {
    let port = Port::open();
    let mut client = port.client();
    for (name, value, kept) in [
        ("shutdown-on-sigterm", "FORCE nosave", "nosave force"),
        ("shutdown-on-sigint", "default now", "now"),
        ("shutdown-on-sigint", "default", "default"),
        ("oom-score-adj-values", "1  2 -3", "1 2 -3"),
    ] {
        assert_eq!(set(&mut client, name, value), "OK", "{value}");
        let told = client.ask(&format!("CONFIG GET {name}"));
        assert_eq!(told.items()[1], bulk(kept));
    }
    for (name, value, why) in [
        (
            "shutdown-on-sigterm",
            "save soon",
            "argument(s) must be one of the following: default, save, nosave, now, force",
        ),
        ("oom-score-adj-values", "1 2", "wrong number of arguments"),
        (
            "oom-score-adj-values",
            "1 2 2001",
            "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
        ),
    ] {
        let said = set(&mut client, name, value);
        assert!(said.ends_with(why), "{said}");
    }
}
