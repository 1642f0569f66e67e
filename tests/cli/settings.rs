use super::run::Place;

#[test]
fn usage_errors_end_with_2_and_say_what_to_do() {
    let place = Place::new();
    for args in [
        &["serve", "--listen", "nowhere"][..],
        &["serve", "--fsync", "sometimes"],
        &["frobnicate"],
        &["user", "add", "kim", "--role", "emperor"],
    ] {
        let done = place.run(args);
        assert_eq!(done.status, 2, "{done:?}");
    }
    assert_eq!(place.run(&["import", "x", "--format", "icq"]).status, 2);
    assert_eq!(
        place.run(&["invite", "create", "--expires", "0s"]).status,
        2
    );
    assert!(!place.data().exists(), "nothing was made");
}

#[test]
fn the_file_is_checked_key_by_key() {
    let place = Place::new();
    place.file("maru.toml", "listen = 8080\n");
    let err = place.run(&["user", "list"]).failed(2);
    assert!(
        err.contains("maru.toml") && err.contains("`listen`"),
        "{err}"
    );

    place.file("maru.toml", "lisen = '127.0.0.1:1'\n");
    let done = place.run(&["invite", "create"]);
    assert_eq!(done.status, 0);
    assert!(
        done.err.contains("`lisen`") && done.err.contains("did you mean `listen`"),
        "{done:?}"
    );

    let err = place
        .run(&["--config", "none.toml", "user", "list"])
        .failed(2);
    assert!(err.contains("none.toml"), "{err}");
}

#[test]
fn flags_win_over_the_environment_and_this_over_the_file() {
    let place = Place::new();
    let file = place.file("settings.toml", "public_url = 'https://file.example'\n");
    let file = file.to_str().expect("a plain path");
    let link = |variable: Option<&str>| {
        let mut command = place.command(&["--config", file, "invite", "create"]);
        command.envs(variable.map(|url| ("MARU_PUBLIC_URL", url)));
        let output = command.output().expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(link(None).starts_with("https://file.example/signup?invite="));
    let from_environment = link(Some("https://env.example"));
    assert!(from_environment.starts_with("https://env.example/signup?invite="));

    let mut command = place.command(&["--data-dir", "flag", "invite", "create"]);
    command
        .env("MARU_DATA_DIR", "variable")
        .output()
        .expect("it runs");
    assert!(place.dir.path().join("flag").exists());
    assert!(!place.dir.path().join("variable").exists());
}

#[test]
fn the_redis_port_needs_a_password_where_others_reach_it() {
    let place = Place::new();
    let err = place
        .run(&["serve", "--resp-listen", "0.0.0.0:0"])
        .failed(2);
    assert!(err.contains("--resp-password-file"), "{err}");
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--resp-listen",
        "127.0.0.1:0",
        "--resp-password-file",
        "missing",
    ];
    let err = place.run(&args).failed(1);
    assert!(err.contains("missing"), "{err}");
}

#[test]
fn answers_that_need_no_data() {
    let place = Place::new();
    let version = place.run(&["version"]).ok();
    assert_eq!(version, concat!("maru ", env!("CARGO_PKG_VERSION"), "\n"));
    let licences = place.run(&["version", "--licenses"]).ok();
    assert!(licences.contains("mecab-ko-dic") && licences.contains("tokio "));
    assert!(place.run(&["completions", "bash"]).ok().contains("_maru"));
    assert!(place.run(&["serve", "--help"]).ok().contains("MARU_LISTEN"));
    assert!(!place.data().exists());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let mut command = place.command(&["version", "--licenses"]);
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
