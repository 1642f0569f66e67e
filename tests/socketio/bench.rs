//! `maru bench` against a server that answers its events.
use super::kit::{config, start};
use clap::Parser;
use maru::cli::bench::{BenchArgs, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    bench: BenchArgs,
}

async fn bench(flags: &str) -> anyhow::Result<()> {
    let server = start(config()).await;
    let url = format!("http://{}", server.address);
    let cli = Cli::try_parse_from(["bench", &url].into_iter().chain(flags.split_whitespace()))?;
    let result = tokio::task::spawn_blocking(move || run(&cli.bench)).await?;
    drop(server);
    result
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
