//! The official JavaScript client, by each of its transports.
use super::kit::{config, start};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::task::spawn_blocking;

/// Installs what the lock names, unless that was done before; other processes wait.
pub fn installed() -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socketio/clients");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("socketio-clients");
    std::fs::create_dir_all(&to).unwrap();
    let lock = std::fs::File::create(to.join(".lock")).unwrap();
    lock.lock().unwrap();
    let wanted = std::fs::read(from.join("package-lock.json")).unwrap();
    let done = to.join("installed.json");
    for name in [
        "package.json",
        "package-lock.json",
        "run.mjs",
        "driver.mjs",
        "emitter.mjs",
        "resp.mjs",
    ] {
        // Others may be reading it.
        let wanted = std::fs::read(from.join(name)).unwrap();
        if std::fs::read(to.join(name)).is_ok_and(|there| there == wanted) {
            continue;
        }
        let new = to.join(format!(".{name}.new"));
        std::fs::write(&new, wanted).unwrap();
        std::fs::rename(new, to.join(name)).unwrap();
    }
    if std::fs::read(&done).is_ok_and(|before| before == wanted) {
        return to;
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&to)
        .stdout(Stdio::null())
        .status()
        .expect("npm must be installed to test with the official client");
    assert!(status.success(), "npm ci failed in {}", to.display());
    std::fs::write(done, wanted).unwrap();
    to
}

async fn run(transports: &'static str) {
    let server = start(config()).await;
    let url = format!("http://{}", server.address);
    let node = spawn_blocking(move || {
        // It gives up by itself when nothing happens.
        Command::new("node")
            .args(["run.mjs", &url, transports])
            .current_dir(installed())
            .output()
    });
    let output = node.await.unwrap().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.ends_with("all well\n"), "{out}\n{err}");
}

#[tokio::test]
async fn by_websocket() {
    run("websocket").await;
}

#[tokio::test]
async fn by_polling() {
    run("polling").await;
}

#[tokio::test]
async fn by_polling_and_upgrade() {
    run("polling,websocket").await;
}
