use super::run::Place;
use std::os::unix::fs::PermissionsExt;

const PASSWORD: &str = "세 마리의 고래와 등대";

#[test]
fn accounts_without_a_server() {
    let place = Place::new();
    let add = ["user", "add", "Kim", "--role", "admin", "--password-stdin"];
    assert_eq!(
        place.run_with(&add, &format!("{PASSWORD}\n")).ok(),
        "Kim (admin)\n"
    );
    let file = place.file("password", PASSWORD);
    let file = file.to_str().expect("a plain path");
    let lee = [
        "user",
        "add",
        "이순신",
        "--display-name",
        "장군",
        "--password-file",
        file,
    ];
    place.run(&lee).ok();

    // Taken in another case, too short, nowhere to ask: nothing is changed.
    place
        .run_with(&["user", "add", "KIM", "--password-stdin"], PASSWORD)
        .failed(1);
    place
        .run_with(&["user", "add", "park", "--password-stdin"], "short")
        .failed(1);
    place.run(&["user", "add", "park"]).failed(2);
    place.run(&["user", "role", "nobody", "admin"]).failed(1);

    assert_eq!(
        place.run(&["user", "role", "이순신", "admin"]).ok(),
        "이순신 (admin)\n"
    );
    assert_eq!(
        place.run(&["user", "disable", "kim"]).ok(),
        "Kim (admin, disabled)\n"
    );
    place
        .run_with(
            &["user", "passwd", "Kim", "--password-stdin"],
            "네 마리의 고래와 섬",
        )
        .ok();
    let list = place.run(&["user", "list"]).ok();
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(
        list.contains("장군") && list.contains("(disabled)"),
        "{list}"
    );
    assert!(place.run(&["check"]).ok().starts_with("all is well"));
}

#[test]
fn the_directory_is_its_owners_alone() {
    let place = Place::new();
    place.run(&["invite", "create"]).ok();
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&place.data()), 0o700);
    let mut folders = vec![place.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

#[test]
fn a_directory_from_the_future_is_left_alone() {
    let place = Place::new();
    let version = place.file("maru-data/VERSION", "format = 999\nmaru = \"47.1.1\"\n");
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["user", "list"],
        &["export"],
    ] {
        let err = place.run(args).failed(1);
        assert!(err.contains("47.1.1") && err.contains("999"), "{err}");
    }
    assert!(
        std::fs::read_to_string(version)
            .expect("there")
            .contains("47.1.1")
    );
    assert!(!place.data().join("log").exists());
}

#[test]
fn reading_commands_make_no_directory() {
    let place = Place::new();
    for command in ["export", "check"] {
        let err = place.run(&[command]).failed(1);
        assert!(err.contains("--data-dir"), "{err}");
    }
    assert!(!place.data().exists());
}
