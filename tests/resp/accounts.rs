//! ACL: who may do what, and what is noted of refusals.

use super::kit::{Client, Port, Reply, bulk};
use maru::resp::Options;

fn signed_in(port: &Port, rules: &str) -> Client {
    let words = format!("ACL SETUSER u reset on >p {rules}");
    assert_eq!(port.client().ask(&words), Reply::Simple("OK".into()));
    let mut client = port.client();
    assert_eq!(client.ask("AUTH u p"), Reply::Simple("OK".into()));
    client
}

fn field(entry: &Reply, name: &str) -> String {
    let items = entry.items();
    let at = items.iter().position(|it| *it == bulk(name));
    items[at.expect("the field") + 1].text()
}

#[test]
fn refusals_are_noted_and_counted_together() {
    let port = Port::open();
    let mut root = port.client();
    let mut user = signed_in(&port, "+get +multi +exec +publish ~mine:* &news");
    user.ask("GET other");
    user.ask("GET other");
    user.ask("SET mine:1 x");
    user.ask("PUBLISH olds x");
    user.ask("MULTI");
    user.ask("INCR mine:1");
    port.client().ask("AUTH u wrong");
    let log = root.ask("ACL LOG");
    let told: Vec<[String; 5]> = log
        .items()
        .iter()
        .map(|it| ["count", "reason", "context", "object", "username"].map(|name| field(it, name)))
        .collect();
    let expected = [
        ["1", "auth", "toplevel", "AUTH", "u"],
        ["1", "command", "multi", "incr", "u"],
        ["1", "channel", "toplevel", "olds", "u"],
        ["1", "command", "toplevel", "set", "u"],
        ["2", "key", "toplevel", "other", "u"],
    ];
    assert_eq!(told, expected.map(|it| it.map(str::to_owned)));
    assert!(field(&log.items()[1], "client-info").contains("user=u"));
    assert_eq!(root.ask("ACL LOG 2").items().len(), 2);
    assert_eq!(root.ask("ACL LOG RESET"), Reply::Simple("OK".into()));
    assert_eq!(root.ask("ACL LOG").items().len(), 0);
    root.ask("CONFIG SET acllog-max-len 1");
    user.ask("DISCARD");
    user.ask("GET a");
    user.ask("GET b");
    assert_eq!(root.ask("ACL LOG").items().len(), 1);
}

#[test]
fn keys_are_read_and_written_by_different_rules() {
    let port = Port::open();
    let mut user = signed_in(&port, "+@all %R~r:* %W~w:* (+get ~s:*)");
    let refused = "NOPERM this user has no permissions to access one of the keys used as arguments";
    for (words, may) in [
        ("GET r:1", true),
        ("GET w:1", false),
        ("SET w:1 x", true),
        ("SET w:1 x GET", false),
        ("SET r:1 x", false),
        ("COPY r:1 w:1", true),
        ("COPY w:1 r:1", false),
        ("EXISTS r:1 w:1", true),
        ("STRLEN w:1", true),
        ("GETRANGE w:1 0 1", false),
        ("BITFIELD r:1 GET u8 0", true),
        ("BITFIELD w:1 GET u8 0", false),
        ("SORT r:1 STORE w:1", true),
        ("SORT r:1 STORE r:2", false),
        ("SINTERSTORE w:1 r:1 r:2", true),
        ("XREAD STREAMS r:1 0", true),
        ("XREAD STREAMS w:1 0", false),
        ("GET s:1", true),
        ("SET s:1 x", false),
        ("GET other", false),
    ] {
        let answer = user.ask(words).text();
        assert_eq!(answer != refused, may, "{words}: {answer}");
    }
    let sort = user.ask("SORT r:1 BY weight_*").text();
    assert!(sort.starts_with("ERR BY option of SORT denied"), "{sort}");
}

#[test]
fn a_dry_run_says_what_would_be_refused() {
    let port = Port::open();
    let mut root = port.client();
    root.ask("ACL SETUSER u on nopass +get +config|get +select|0 ~a* &c");
    for (words, told) in [
        ("GET a1", "OK"),
        (
            "GET b1",
            "This user has no permissions to access the 'b1' key",
        ),
        (
            "SET a1 x",
            "This user has no permissions to run the 'set' command",
        ),
        ("CONFIG GET x", "OK"),
        (
            "CONFIG SET x y",
            "This user has no permissions to run the 'config|set' command",
        ),
        ("SELECT 0", "OK"),
        (
            "SELECT 1",
            "This user has no permissions to run the 'select' command",
        ),
        ("NOTHING", "ERR Command 'NOTHING' not found"),
        ("GET", "ERR wrong number of arguments for 'get' command"),
    ] {
        assert_eq!(
            root.ask(&format!("ACL DRYRUN u {words}")).text(),
            told,
            "{words}"
        );
    }
    assert_eq!(
        root.ask("ACL DRYRUN nobody GET a").text(),
        "ERR User 'nobody' not found"
    );
    assert_eq!(root.ask("GET a1"), Reply::Null, "nothing was run");
}

#[test]
fn rules_that_change_are_felt_at_once() {
    let port = Port::open();
    let mut root = port.client();
    let mut user = signed_in(&port, "+@all ~* &*");
    let mut listener = port.client();
    listener.ask("AUTH u p");
    listener.ask("SUBSCRIBE c");
    user.ask("MULTI");
    user.ask("SET k v");
    root.ask("ACL SETUSER u resetchannels &d -set");
    assert!(listener.is_closed());
    let answers = user.ask("EXEC");
    assert!(
        answers.items()[0]
            .text()
            .starts_with("NOPERM ACLs rules changed"),
        "{answers:?}"
    );
    root.ask("ACL DELUSER u");
    assert!(user.is_closed());
    assert_eq!(
        root.ask("ACL DELUSER default").text(),
        "ERR The 'default' user cannot be removed"
    );
}

#[test]
fn accounts_are_not_kept_in_files() {
    let port = Port::open();
    let mut root = port.client();
    for words in ["ACL SAVE", "ACL LOAD"] {
        let answer = root.ask(words).text();
        assert!(
            answer.starts_with("ERR This Redis instance is not configured to use an ACL file."),
            "{answer}"
        );
    }
    let answer = root.ask("ACL SETUSER u +nonsense").text();
    assert_eq!(
        answer,
        "ERR Error in ACL SETUSER modifier '+nonsense': Unknown command or category name in ACL"
    );
    assert_eq!(root.ask("ACL GETUSER u"), Reply::Null, "all rules or none");
}

#[test]
fn a_client_that_monitors_sees_no_passwords() {
    let options = Options {
        password: Some(b"secret".to_vec()),
        ..Options::default()
    };
    let port = Port::with(options);
    let (mut monitor, mut client) = (port.client(), port.client());
    monitor.ask("AUTH secret");
    monitor.ask("MONITOR");
    client.ask("AUTH secret");
    client.ask("AUTH default wrong");
    client.ask("HELLO 3 AUTH default secret");
    client.ask("CONFIG SET requirepass secret");
    client.ask("MULTI");
    client.ask("SELECT 3");
    client.call(&[b"SET", b"a\"\\\x07\n\xff", b"v"]);
    client.ask("EXEC");
    for expected in [
        r#"0 "AUTH" "(redacted)""#,
        r#"0 "AUTH" "(redacted)" "(redacted)""#,
        r#"0 "HELLO" "3" "AUTH" "(redacted)" "(redacted)""#,
        r#"0 "MULTI""#,
        r#"3 "SELECT" "3""#,
        r#"3 "SET" "a\"\\\a\n\xff" "v""#,
        r#"3 "EXEC""#,
    ] {
        let line = monitor.read().text();
        let (_, shown) = line.split_once('[').expect("a database");
        let (place, words) = shown.split_once("] ").expect("words");
        let db = place.split(' ').next().expect("a number");
        assert_eq!(format!("{db} {words}"), expected);
        assert!(!line.contains("secret"));
    }
}
