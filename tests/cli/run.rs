//! Running the binary on a directory of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// A place to run commands in, with a data directory that is not there yet.
pub struct Place {
    pub dir: TempDir,
    /// All that commands find in their environment.
    pub env: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn ok(self) -> String {
        assert_eq!(self.status, 0, "{self:?}");
        self.out
    }

    /// The complaint of a command that failed.
    pub fn failed(self, status: i32) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.err.contains("maru: "), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self.err
    }
}

impl Place {
    pub fn new() -> Place {
        Place {
            dir: tempfile::tempdir().expect("a directory"),
            env: Vec::new(),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("maru-data")
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        path
    }

    /// The command, in the place's directory and with no environment but the place's.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_maru"));
        command.args(args).current_dir(self.dir.path()).env_clear();
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Done {
        finish(self.command(args).spawn().expect("it starts"), "")
    }

    pub fn run_with(&self, args: &[&str], input: &str) -> Done {
        let mut command = self.command(args);
        finish(
            command.stdin(Stdio::piped()).spawn().expect("it starts"),
            input,
        )
    }

    pub fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// A server that is ready, on a free port.
    pub fn serve_with(&self, more: &[&str]) -> Serving {
        let mut args = vec!["serve", "--listen", "127.0.0.1:0"];
        args.extend(more);
        self.serve_as(&args)
    }

    /// As [`Place::serve_with`], with all arguments.
    pub fn serve_as(&self, args: &[&str]) -> Serving {
        let mut child = self.command(args).spawn().expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut first = String::new();
        out.read_line(&mut first).expect("a line");
        let ready = concat!("maru ", env!("CARGO_PKG_VERSION"), " listening on ");
        let Some(url) = first.trim_end().strip_prefix(ready) else {
            let mut err = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut err);
            panic!("not ready: {first:?} {err}");
        };
        Serving {
            url: url.to_owned(),
            out,
            child: Some(child),
        }
    }
}

fn finish(mut child: Child, input: &str) -> Done {
    if let Some(mut stdin) = child.stdin.take() {
        // A command that wants no more input may be gone already.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().expect("it ends");
    Done {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A server; killed when it is dropped.
pub struct Serving {
    pub url: String,
    out: BufReader<ChildStdout>,
    child: Option<Child>,
}

impl Serving {
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// The next line of the standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) -> Done {
        let child = self.child.take().expect("it runs");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
        finish(child, "")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn line(id: &str, text: &str) -> String {
    format!(
        r#"{{"id":"{id}","room":"마당","user":"kim","sent_at":"2026-01-02T03:04:05Z","text":"{text}"}}"#
    ) + "\n"
}
