//! What a server that was made to do something else cannot do (Landlock): write outside its places,
//! or run a program. Reading stays as it is, for certificates, names and time zones.

use landlock::{
    ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, path_beneath_rules,
};
use std::path::{Path, PathBuf};

/// Up to which version rights are known here; older kernels enforce what they know.
const KNOWN: ABI = ABI::V5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confined {
    Fully,
    /// The kernel is older than this program.
    Partly,
    /// The kernel has no Landlock.
    Not,
}

/// From now on this thread, and whatever it starts, writes only beneath these paths. One that is not
/// there yet counts as the folder that it will be in.
pub fn confine(writable: &[PathBuf]) -> Result<Confined, landlock::RulesetError> {
    let writing = AccessFs::from_write(KNOWN);
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(writing | AccessFs::Execute)?
        .create()?
        .add_rules(path_beneath_rules(
            writable.iter().map(|path| there(path)),
            writing,
        ))?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Confined::Fully,
        RulesetStatus::PartiallyEnforced => Confined::Partly,
        RulesetStatus::NotEnforced => Confined::Not,
    })
}

/// The path, or the nearest folder above it that is there.
fn there(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let found = absolute.ancestors().find(|path| path.exists());
    found.map_or(absolute.clone(), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn what_is_outside_is_not_written_and_nothing_is_run() {
        let (inside, outside) = (
            tempfile::tempdir().expect("a directory"),
            tempfile::tempdir().expect("a directory"),
        );
        std::fs::write(outside.path().join("there"), "text").expect("written");
        // It holds for this thread alone.
        let done = std::thread::spawn(move || {
            let new = inside.path().join("not there yet");
            let confined = confine(&[inside.path().to_owned(), new.clone()]).expect("confined");
            if confined == Confined::Not {
                return "this kernel has no Landlock";
            }
            std::fs::create_dir(&new).expect("made inside");
            std::fs::write(new.join("a"), "text").expect("written inside");
            std::fs::rename(new.join("a"), inside.path().join("b")).expect("moved inside");
            std::fs::remove_dir_all(&new).expect("removed inside");
            let there = outside.path().join("there");
            assert_eq!(std::fs::read(&there).expect("read"), b"text");
            let denied = |done: std::io::Result<()>| done.expect_err("outside").kind();
            for refused in [
                denied(std::fs::write(&there, "other")),
                denied(std::fs::write(outside.path().join("new"), "text")),
                denied(std::fs::remove_file(&there)),
                denied(std::fs::create_dir(outside.path().join("folder"))),
                denied(std::process::Command::new("/bin/true").status().map(drop)),
            ] {
                assert_eq!(refused, ErrorKind::PermissionDenied);
            }
            "confined"
        });
        assert!(!done.join().expect("it ends").is_empty());
    }
}
