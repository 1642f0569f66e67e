//! The second place as a bucket of a server that is not ours and looks at every signature: `s3s-fs`.

use super::replica::{figure, import, level, restored, serve};
use crate::cli::run::Place;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const KEY: &str = "maru-key";
const SECRET: &str = "maru-secret-of-forty-characters-in-all-x";

/// Where `make needs-s3` puts it, or on the path.
fn program() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/s3s-fs");
    if ours.exists() {
        ours
    } else {
        PathBuf::from("s3s-fs")
    }
}

/// A bucket's server on a port that stays its own.
struct S3 {
    root: PathBuf,
    port: u16,
    child: Child,
}

impl S3 {
    fn start(root: &Path) -> S3 {
        std::fs::create_dir_all(root.join("bucket")).expect("a bucket");
        // Somebody else may take the port meanwhile.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            if let Some(child) = S3::run(root, port) {
                let root = root.to_owned();
                return S3 { root, port, child };
            }
        }
        panic!("s3s-fs finds no port");
    }

    /// Nothing where it has ended again: somebody else has the port.
    fn run(root: &Path, port: u16) -> Option<Child> {
        let mut child = Command::new(program())
            .args(["--access-key", KEY, "--secret-key", SECRET])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(root)
            .env("RUST_LOG", "s3s_fs=info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("s3s-fs is there: `make needs-s3` installs it");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.contains("server is running") {
            line.clear();
            if out.read_line(&mut line).expect("text") == 0 {
                let _ = child.wait();
                return None;
            }
        }
        std::thread::spawn(move || {
            // What it says is not read, but it may not wait for a reader.
            let _ = std::io::copy(&mut out, &mut std::io::sink());
        });
        Some(child)
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    fn start_again(&mut self) {
        self.child = S3::run(&self.root, self.port).expect("its port is free still");
    }

    fn env(&self, secret: &str) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", secret),
            (
                "AWS_ENDPOINT_URL",
                &format!("http://127.0.0.1:{}", self.port),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Names of objects, as they lie in its folder.
    fn names(&self, of: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.root.join("bucket")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("listed").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    names.push(path.display().to_string());
                }
            }
        }
        names.retain(|name| name.contains(of));
        names
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the server of `make test-s3`"]
async fn a_bucket_that_was_killed_in_the_middle_is_caught_up_with() {
    let mut place = Place::new();
    let mut s3 = S3::start(&place.dir.path().join("s3"));
    place.env = s3.env(SECRET);
    let url = "s3://bucket/a/prefix";
    let (server, metrics) = serve(&place, url);
    import(&place, 0, 40);
    level(metrics).await;
    // It dies while things are sent, and posts go on.
    s3.kill();
    for n in 0..10 {
        import(&place, 40 + n * 10, 50 + n * 10);
    }
    while figure(metrics, "maru_replication_failing").await != 1.0 {
        tokio::task::yield_now().await;
    }
    assert!(figure(metrics, "maru_replication_lag_commands").await > 0.0);
    assert_eq!(figure(metrics, "maru_ready").await, 1.0);
    s3.start_again();
    level(metrics).await;
    assert_eq!(server.stop().status, 0);
    assert_eq!(restored(&place, url, &[]), 140);
    assert!(!s3.names("snapshot-").is_empty() && !s3.names("log-").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the server of `make test-s3`"]
async fn many_small_objects_become_few_and_everything_is_there() {
    let mut place = Place::new();
    let s3 = S3::start(&place.dir.path().join("s3"));
    place.env = s3.env(SECRET);
    let url = "s3://bucket/maru";
    let (server, metrics) = serve(&place, url);
    for n in 0..40 {
        import(&place, n, n + 1);
        level(metrics).await;
    }
    let objects = s3.names("log-").len();
    assert!(objects < 36, "{objects} objects for forty shipments");
    assert_eq!(server.stop().status, 0);
    assert_eq!(restored(&place, url, &[]), 40);
}

#[test]
#[ignore = "needs the server of `make test-s3`"]
fn wrong_credentials_and_a_bucket_that_is_none_are_one_sentence() {
    let mut place = Place::new();
    let s3 = S3::start(&place.dir.path().join("s3"));
    let mut refused = |url: &str, secret: &str| {
        place.env = s3.env(secret);
        let args = ["serve", "--listen", "127.0.0.1:0", "--replicate", url];
        place.run(&args).failed(1)
    };
    let err = refused("s3://bucket/maru", "another secret");
    assert!(
        err.contains("AWS_ACCESS_KEY_ID") && err.contains("refuses"),
        "{err}"
    );
    let err = refused("s3://nobucket/maru", SECRET);
    assert!(err.contains("s3://nobucket/maru"), "{err}");
    let told = err.lines().filter(|line| line.starts_with("maru: "));
    assert_eq!(told.count(), 1, "{err}");
}
