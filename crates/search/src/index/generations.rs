//! The folder of the index: one folder for each generation, named by its number. Two stand side by
//! side while the newer one is built.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Numbers of the generations in the folder, the newest first.
pub fn numbers(root: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    if root.exists() {
        for entry in fs::read_dir(root)? {
            let name = entry?.file_name();
            numbers.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
}

pub fn folder(root: &Path, number: u64) -> PathBuf {
    root.join(number.to_string())
}

/// Makes the folder of the next generation.
pub fn begin(root: &Path) -> io::Result<u64> {
    let number = numbers(root)?.first().map_or(1, |newest| newest + 1);
    fs::create_dir_all(folder(root, number))?;
    Ok(number)
}

/// Removes all that is in the folder but one generation; also the index of older versions, which
/// lies there without a number.
pub fn keep_only(root: &Path, number: Option<u64>) -> io::Result<()> {
    if !root.exists() {
        return Ok(());
    }
    let kept = number.map(|number| folder(root, number));
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if Some(entry.path()) == kept {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?
        } else {
            fs::remove_file(entry.path())?
        }
    }
    Ok(())
}
