//! An official client in a process of its own, told what to do line by line.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(120);

pub struct Driver {
    child: Child,
    commands: ChildStdin,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Driver {
    /// The JavaScript client.
    pub async fn node(url: &str, options: Value) -> Driver {
        Driver::script("driver.mjs", &[url, &options.to_string()]).await
    }

    /// The Python client.
    pub async fn python(url: &str, options: Value) -> Driver {
        let python = tokio::task::spawn_blocking(crate::socketio::clients::python)
            .await
            .expect("installs");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socketio/clients/driver.py");
        Driver::start(&python, &script, &[url, &options.to_string()])
    }

    /// A script beside the official clients.
    pub async fn script(name: &str, args: &[&str]) -> Driver {
        let place = tokio::task::spawn_blocking(crate::socketio::clients::node)
            .await
            .expect("installs");
        Driver::start(Path::new("node"), &place.join(name), args)
    }

    pub fn start(program: &Path, script: &Path, args: &[&str]) -> Driver {
        let mut child = Command::new(program)
            .arg(script)
            .args(args)
            .current_dir(script.parent().expect("a folder"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let (sender, lines) = mpsc::unbounded_channel();
        let out = BufReader::new(child.stdout.take().expect("is piped"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody listens any more when the test is over.
                let _ = sender.send(line);
            }
        });
        Driver {
            commands: child.stdin.take().expect("is piped"),
            lines,
            child,
        }
    }

    pub fn tell(&mut self, command: Value) {
        let line = format!("{command}\n");
        let told = self.commands.write_all(line.as_bytes());
        told.expect("the client lives");
    }

    pub async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.recv()).await;
        let line = line.expect("something within two minutes");
        line.expect("the client lives")
    }

    /// The next thing that happened, presence apart.
    pub async fn next(&mut self) -> Value {
        loop {
            let line = self.line().await;
            let what: Value = serde_json::from_str(&line).expect("JSON");
            if what["name"] != "presence" {
                return what;
            }
        }
    }

    /// The next thing of this kind; others before it are forgotten.
    pub async fn find(&mut self, kind: &str) -> Value {
        loop {
            let what = self.next().await;
            if what["is"] == kind {
                return what;
            }
        }
    }

    /// The next event, which has this name: its arguments.
    pub async fn event(&mut self, name: &str) -> Value {
        let mut what = self.find("event").await;
        assert_eq!(what["name"], name, "{what}");
        what["args"].take()
    }

    /// Cuts the line and waits until the client is back; whether it says that it recovered.
    pub async fn cut(&mut self) -> bool {
        self.tell(json!({ "cut": null }));
        self.find("disconnect").await;
        self.find("connect").await["recovered"] == true
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
