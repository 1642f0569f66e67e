//! The official JavaScript client and the Python client, by each of their transports.
use super::kit::{config, start};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::task::spawn_blocking;

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socketio/clients")
}

/// The folder beside the build for one language's client; other processes wait for the lock.
fn place(name: &str) -> (PathBuf, File) {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&to).unwrap();
    let lock = File::create(to.join(".lock")).unwrap();
    lock.lock().unwrap();
    (to, lock)
}

fn same(one: &Path, other: &Path) -> bool {
    let read = |path| std::fs::read(path).ok();
    read(one).is_some_and(|bytes| read(other) == Some(bytes))
}

/// The JavaScript client's folder: installs what the lock names, unless that was done before.
pub fn node() -> PathBuf {
    let (from, (to, _lock)) = (sources(), place("socketio-clients"));
    for name in [
        "package.json",
        "package-lock.json",
        "run.mjs",
        "driver.mjs",
        "emitter.mjs",
        "adapter.mjs",
        "resp.mjs",
        "crowd.mjs",
    ] {
        if !same(&from.join(name), &to.join(name)) {
            // Others may be reading it.
            let new = to.join(format!(".{name}.new"));
            std::fs::copy(from.join(name), &new).unwrap();
            std::fs::rename(new, to.join(name)).unwrap();
        }
    }
    if same(&from.join("package-lock.json"), &to.join("installed.json")) {
        return to;
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&to)
        .stdout(Stdio::null())
        .status()
        .expect("npm must be installed to test with the official client");
    assert!(status.success(), "npm ci failed in {}", to.display());
    std::fs::copy(to.join("package-lock.json"), to.join("installed.json")).unwrap();
    to
}

/// The Python that has the Python client.
pub fn python() -> PathBuf {
    let (from, (to, _lock)) = (sources(), place("socketio-python"));
    if !same(&from.join("requirements.txt"), &to.join("installed.txt")) {
        let status = Command::new(from.join("python.sh")).arg(&to).status();
        assert!(
            status.unwrap().success(),
            "the Python client cannot be installed"
        );
    }
    to.join("venv/bin/python")
}

async fn run(transports: &'static str, command: impl FnOnce() -> Command + Send + 'static) {
    let server = start(config()).await;
    let url = format!("http://{}", server.address);
    // It gives up by itself when nothing happens.
    let output = spawn_blocking(move || command().args([&url, transports]).output());
    let output = output.await.unwrap().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.ends_with("all well\n"), "{out}\n{err}");
}

fn official() -> Command {
    let mut command = Command::new("node");
    command.arg(node().join("run.mjs"));
    command
}

fn pythons() -> Command {
    let mut command = Command::new(python());
    command.arg(sources().join("run.py"));
    command
}

#[tokio::test]
async fn by_websocket() {
    run("websocket", official).await;
}

#[tokio::test]
async fn by_polling() {
    run("polling", official).await;
}

#[tokio::test]
async fn by_polling_and_upgrade() {
    run("polling,websocket", official).await;
}

#[tokio::test]
async fn by_python() {
    for transports in ["websocket", "polling", "polling,websocket"] {
        run(transports, pythons).await;
    }
}
