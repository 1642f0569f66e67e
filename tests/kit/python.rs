//! Python with the packages that a folder of tests names.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Installs what `requirements.txt` of the folder names, unless that was done before; other processes
/// wait. Blocks.
pub fn python(folder: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let name = format!("python-{}", folder.replace('/', "-"));
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&to).expect("a folder");
    let lock = std::fs::File::create(to.join(".lock")).expect("a lock");
    lock.lock().expect("locked");
    let wanted = std::fs::read(from.join("requirements.txt")).expect("what to install");
    let done = to.join("installed.txt");
    let python = to.join("venv/bin/python");
    if !std::fs::read(&done).is_ok_and(|before| before == wanted) {
        let run = |program: &Path, args: &[&str]| {
            let mut command = Command::new(program);
            let command = command.args(args).current_dir(&from);
            let status = command.stdout(Stdio::null()).status();
            let status = status.expect("python3 with venv must be installed for this test");
            assert!(status.success(), "{} {args:?} failed", program.display());
        };
        let venv = to.join("venv");
        run(
            Path::new("python3"),
            &["-m", "venv", &venv.to_string_lossy()],
        );
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--requirement",
            "requirements.txt",
        ];
        run(&python, &pip);
        std::fs::write(done, wanted).expect("written");
    }
    python
}
