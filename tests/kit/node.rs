//! Node.js with the packages that a folder of tests names.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder beside the build with everything of `folder` and what its lock names, installed unless that
/// was done before; other processes wait. Blocks.
pub fn node(folder: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let name = format!("node-{}", folder.replace('/', "-"));
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&to).expect("a folder");
    let lock = std::fs::File::create(to.join(".lock")).expect("a lock");
    lock.lock().expect("locked");
    for entry in std::fs::read_dir(&from).expect("listed") {
        let path = entry.expect("listed").path();
        if path.is_file() {
            let name = path.file_name().expect("a name");
            // Others may be reading it.
            let new = to.join(format!(".{}.new", name.to_string_lossy()));
            std::fs::copy(&path, &new).expect("copied");
            std::fs::rename(new, to.join(name)).expect("renamed");
        }
    }
    let wanted = std::fs::read(from.join("package-lock.json")).expect("a lock file");
    let done = to.join("installed.json");
    if !std::fs::read(&done).is_ok_and(|before| before == wanted) {
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&to)
            .stdout(Stdio::null())
            .status()
            .expect("npm must be installed for this test");
        assert!(status.success(), "npm ci failed in {}", to.display());
        std::fs::write(done, wanted).expect("written");
    }
    to
}
