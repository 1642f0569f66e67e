use super::*;

fn user(rules: &[&str]) -> User {
    let mut user = User::new(b"u");
    for rule in rules {
        user.follow(rule.as_bytes()).expect(rule);
    }
    user
}

fn may(user: &User, request: &str) -> Result<(), Refused> {
    let args: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
    let table = Table::get();
    let row = table.find(args[0]).expect("a command");
    user.may(row, &args).map_err(|(refused, _)| refused)
}

#[test]
fn commands_keys_and_channels_are_held_apart() {
    let user = user(&[
        "on", "+get", "+set", "+copy", "~a*", "%R~r*", "%W~w*", "+publish", "&c",
    ]);
    assert_eq!(may(&user, "get a1"), Ok(()));
    assert_eq!(may(&user, "get r1"), Ok(()));
    assert_eq!(may(&user, "get w1"), Err(Refused::Key));
    assert_eq!(may(&user, "set w1 x"), Ok(()));
    assert_eq!(
        may(&user, "set w1 x get"),
        Err(Refused::Key),
        "it tells the old value"
    );
    assert_eq!(may(&user, "set r1 x"), Err(Refused::Key));
    assert_eq!(may(&user, "copy r1 w1"), Ok(()));
    assert_eq!(may(&user, "copy w1 r1"), Err(Refused::Key));
    assert_eq!(may(&user, "del a1"), Err(Refused::Command));
    assert_eq!(may(&user, "publish c x"), Ok(()));
    assert_eq!(may(&user, "publish d x"), Err(Refused::Channel));
}

#[test]
fn a_selector_is_a_permission_of_its_own() {
    let user = user(&["on", "+get", "~a*", "(+set ~b*)"]);
    assert_eq!(may(&user, "set b x"), Ok(()));
    assert_eq!(may(&user, "set a x"), Err(Refused::Key));
    assert_eq!(may(&user, "get b"), Err(Refused::Key));
}

#[test]
fn rules_are_told_so_that_they_mean_the_same() {
    for (rules, told) in [
        (&["+@all"][..], "+@all"),
        (&["+@all", "-@dangerous", "-get"], "+@all -@dangerous -get"),
        (
            &["+@read", "-get", "+client|id"],
            "-@all +@read -get +client|id",
        ),
        (&["+client|id", "+client"], "-@all +client"),
        (
            &["+select|0", "+debug|sleep"],
            "-@all +select|0 +debug|sleep",
        ),
        (&["+@all", "-memory|doctor"], "+@all -memory|doctor"),
        (&["+get", "-@all"], "-@all"),
    ] {
        let given = user(rules);
        let text = given.root.commands_text();
        let words = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words[1..].sort();
            words
        };
        assert_eq!(words(&text), words(told), "{rules:?}");
        let again: Vec<&str> = text.split(' ').collect();
        assert_eq!(user(&again).root.commands_text(), text);
    }
    let user = user(&["on", "nopass", "+@all", "-@dangerous", "+keys", "~x", "&y"]);
    let text = user.description();
    assert!(
        text.starts_with("on nopass ~x resetchannels &y +@all -"),
        "{text}"
    );
    assert_eq!(may(&user, "keys *"), Ok(()));
    assert_eq!(may(&user, "flushall"), Err(Refused::Command));
    assert_eq!(may(&user, "flushall"), Err(Refused::Command));
}

#[test]
fn passwords() {
    let mut acl = Acl::new(Some(b"secret"));
    assert!(acl.sign_in(b"default", b"secret").is_some());
    assert!(acl.sign_in(b"default", b"").is_none());
    acl.put(Arc::new(user(&["on", ">a", ">b", "<a"])));
    assert!(acl.sign_in(b"u", b"b").is_some());
    assert!(acl.sign_in(b"u", b"a").is_none());
    acl.put(Arc::new(user(&[">b"])));
    assert!(acl.sign_in(b"u", b"b").is_none(), "off");
}

#[test]
fn bad_rules_are_refused() {
    for rule in [
        "what",
        "+nothing",
        "+@nothing",
        "%x~a",
        "#abc",
        "<missing",
        "(+get",
    ] {
        assert!(User::new(b"u").follow(rule.as_bytes()).is_err(), "{rule}");
    }
}
