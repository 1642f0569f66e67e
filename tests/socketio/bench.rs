//! `maru bench` against a server that answers its events.
use super::kit::{config, start};
use crate::kit::TestApp;
use clap::Parser;
use maru::cli::bench::{BenchArgs, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    bench: BenchArgs,
}

async fn bench(flags: &str) -> anyhow::Result<()> {
    let server = start(config()).await;
    let result = at(server.address, flags).await;
    drop(server);
    result
}

async fn at(address: std::net::SocketAddr, flags: &str) -> anyhow::Result<()> {
    let url = format!("http://{address}");
    let cli = Cli::try_parse_from(["bench", &url].into_iter().chain(flags.split_whitespace()))?;
    tokio::task::spawn_blocking(move || run(&cli.bench)).await?
}

#[tokio::test(flavor = "multi_thread")]
async fn it_counts_what_arrives() {
    bench("--no-setup --clients 30 --messages 200 --window 7")
        .await
        .unwrap();
    bench("--no-setup --clients 5 --messages 20 --rate 1000 --json")
        .await
        .unwrap();
    bench("--no-setup --clients 20 --idle --hold 10ms")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fails_when_posts_are_refused() {
    let error = bench("--no-setup --clients 4 --rooms 2 --messages 10 --timeout 100ms")
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("5 posts were refused"),
        "{error}"
    );
    assert!(error.to_string().contains("not_found"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_is_wrong() {
    let error = bench("--clients 1").await.unwrap_err();
    assert!(error.to_string().contains("--no-setup"), "{error}");
    let error = bench("--no-setup --path /nowhere/ --clients 1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert!(bench("--no-setup --rate 0").await.is_err());
    assert!(bench("--clients 0").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_measures_maru_and_leaves_nothing_behind() {
    let app = TestApp::start().await;
    at(
        app.address,
        "--clients 10 --rooms 3 --messages 60 --window 8",
    )
    .await
    .unwrap();

    let ada = app.person("ada").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", crate::kit::PASSWORD)).unwrap();
    let flags = format!(
        "--user ada --password-file {} --clients 3 --messages 9 --json",
        file.path().display()
    );
    at(app.address, &flags).await.unwrap();
    at(
        app.address,
        &format!("--token {} --clients 2 --idle --hold 1ms", ada.token),
    )
    .await
    .unwrap();

    let rooms = app.get("/rooms").by(&ada).send().await;
    assert_eq!(
        rooms
            .json
            .as_array()
            .or(rooms.json["rooms"].as_array())
            .map(Vec::len),
        Some(0),
        "{rooms:?}"
    );
    let sessions = app.get("/sessions").by(&ada).send().await;
    let count = sessions
        .json
        .as_array()
        .or(sessions.json["sessions"].as_array())
        .map(Vec::len);
    assert_eq!(
        count,
        Some(1),
        "the token of --token still works: {sessions:?}"
    );

    std::fs::write(file.path(), "not the password\n").unwrap();
    let error = at(app.address, &flags).await.unwrap_err();
    assert!(format!("{error:#}").contains("401"), "{error:#}");
}
