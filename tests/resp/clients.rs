//! Clients that people use, in processes of their own.

use super::kit::Port;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Copies the scripts and installs what they need, unless that was done before; other processes wait.
fn installed(kind: &str, files: &[&str], install: impl Fn(&Path)) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resp/clients");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-clients-{kind}"));
    std::fs::create_dir_all(&to).expect("a directory");
    let lock = std::fs::File::create(to.join(".lock")).expect("a lock");
    lock.lock().expect("locked");
    for name in files {
        let wanted = std::fs::read(from.join(name)).expect("a script");
        if std::fs::read(to.join(name)).is_ok_and(|there| there == wanted) {
            continue;
        }
        // Others may be reading it.
        let new = to.join(format!(".{name}.new"));
        std::fs::write(&new, wanted).expect("written");
        std::fs::rename(new, to.join(name)).expect("renamed");
    }
    let wanted = std::fs::read(from.join(files[0])).expect("what to install");
    let done = to.join("installed");
    if !std::fs::read(&done).is_ok_and(|before| before == wanted) {
        install(&to);
        std::fs::write(done, wanted).expect("written");
    }
    to
}

fn node(script: &str) {
    let files = [
        "package-lock.json",
        "package.json",
        "ioredis.mjs",
        "node-redis.mjs",
    ];
    let place = installed("node", &files, |to| {
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(to)
            .stdout(Stdio::null())
            .status()
            .expect("npm must be installed to test with JavaScript's clients");
        assert!(status.success(), "npm ci failed in {}", to.display());
    });
    well(Command::new("node").arg(place.join(script)));
}

/// The client says that all was well.
fn well(command: &mut Command) {
    let port = Port::open();
    let output = command
        .arg(port.address.port().to_string())
        .output()
        .expect("it runs");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && out.contains("well"),
        "{out}\n{err}"
    );
}

#[test]
fn ioredis() {
    node("ioredis.mjs");
}

#[test]
fn node_redis() {
    node("node-redis.mjs");
}

#[test]
fn redis_py() {
    let (python, script) = python("redis_py.py");
    well(Command::new(python).arg(script));
}

/// Python with its client, and a script for it.
pub fn python(script: &str) -> (PathBuf, PathBuf) {
    let files = ["requirements.txt", "redis_py.py", "streams.py"];
    let place = installed("python", &files, |to| {
        let run = |program: &Path, args: &[&str]| {
            let status = Command::new(program)
                .args(args)
                .current_dir(to)
                .stdout(Stdio::null())
                .status();
            let status = status.expect("python3 with venv must be installed to test with redis-py");
            assert!(status.success(), "{} {args:?} failed", program.display());
        };
        run(Path::new("python3"), &["-m", "venv", "venv"]);
        let pip = ["-m", "pip", "install", "--quiet", "-r", "requirements.txt"];
        run(&to.join("venv/bin/python"), &pip);
    });
    (place.join("venv/bin/python"), place.join(script))
}

#[test]
fn redis_cli() {
    let port = Port::open();
    let number = port.address.port().to_string();
    let run = |args: &[&str]| {
        let output = Command::new("redis-cli")
            .args(["-p", &number])
            .args(args)
            .output()
            .expect("redis-cli must be installed for this test: apt-get install redis-tools");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(run(&["SET", "k", "v"]), "OK\n");
    assert_eq!(run(&["-3", "GET", "k"]), "v\n");
    assert_eq!(run(&["-n", "3", "DBSIZE"]), "0\n");
    assert!(run(&["INFO", "server"]).contains("redis_version:7."));
    assert!(run(&["--scan", "--pattern", "k*"]).contains('k'));
    assert!(run(&["--bigkeys"]).contains("Biggest string found"));
}
