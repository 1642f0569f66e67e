//! Builds the web app into `web/dist`, which the binary embeds. Runs npm only when something changed.
use std::{
    fs, io,
    path::Path,
    process::{self, Command},
    time::SystemTime,
};

const WEB: &str = "web";
/// What the built app is made of. Tests and scripts are not in it.
const SOURCES: &[&str] = &[
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
];
const INSTALL_HINT: &str = "The web app is built with Node.js. Install Node.js 20.19 or newer and npm, then run cargo \
     again; or set MARU_SKIP_WEB=1 to build without the web app.";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MARU_SKIP_WEB");
    let skip = std::env::var_os("MARU_SKIP_WEB").is_some_and(|value| value != "0");
    let dist = Path::new(WEB).join("dist");
    // A dist directory that was taken away is made again.
    println!("cargo::rerun-if-changed={WEB}/dist/index.html");
    if !skip {
        for source in SOURCES {
            println!("cargo::rerun-if-changed={WEB}/{source}");
        }
    }

    let outcome = if skip {
        placeholder(&dist)
    } else {
        fresh_or_built(&dist)
    };
    if let Err(sentence) = outcome {
        println!("cargo::error={}", sentence.replace('\n', " "));
        process::exit(1);
    }
}

/// Leaves a built app alone; writes a page that says what is missing where there is none.
fn placeholder(dist: &Path) -> Result<(), String> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    let text = "<!doctype html><meta charset=\"utf-8\"><title>Maru</title>\
                <p>This binary was built without the web app (MARU_SKIP_WEB).</p>\n";
    fs::create_dir_all(dist)
        .and_then(|()| fs::write(&page, text))
        .map_err(|error| format!("{} cannot be written: {error}", page.display()))
}

fn fresh_or_built(dist: &Path) -> Result<(), String> {
    // Two builds (an editor's and a terminal's) do not write the same directory at once.
    let _lock = fs::File::open(Path::new(WEB).join("package.json"))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| format!("{WEB}/package.json cannot be locked: {error}"))?;
    let newest = SOURCES
        .iter()
        .map(|source| newest(&Path::new(WEB).join(source)))
        .collect::<io::Result<Vec<_>>>()
        .map_err(|error| format!("The sources in {WEB}/ cannot be read: {error}"))?
        .into_iter()
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH);
    let page = dist.join("index.html");
    let is_placeholder = fs::read_to_string(&page).is_ok_and(|text| text.contains("MARU_SKIP_WEB"));
    if !is_placeholder && modified(&page).is_some_and(|built| built >= newest) {
        return Ok(());
    }
    install()?;
    npm(&["run", "build"])?;
    // As old as its sources: a page younger than this run would make cargo run it once more.
    fs::File::options()
        .write(true)
        .open(&page)
        .and_then(|file| file.set_modified(newest))
        .map_err(|error| format!("{} cannot be dated: {error}", page.display()))
}

/// `npm ci`, unless what it installed last is at least as new as the lock file.
fn install() -> Result<(), String> {
    let installed = modified(&Path::new(WEB).join("node_modules/.package-lock.json"));
    let locked = modified(&Path::new(WEB).join("package-lock.json"));
    if installed.is_some() && installed >= locked {
        return Ok(());
    }
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

fn npm(args: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let shown = args.join(" ");
    let output = Command::new(program)
        .args(args)
        .current_dir(WEB)
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => INSTALL_HINT.to_owned(),
            _ => format!("npm could not be started: {error}. {INSTALL_HINT}"),
        })?;
    if output.status.success() {
        return Ok(());
    }
    let tail = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let from = text.char_indices().rev().nth(2_000).map_or(0, |(at, _)| at);
        text[from..].to_owned()
    };
    Err(format!(
        "`npm {shown}` in {WEB}/ failed ({}): {} {} {INSTALL_HINT}",
        output.status,
        tail(&output.stdout),
        tail(&output.stderr),
    ))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// The latest change of a file, or of anything below a directory and of the directory itself.
fn newest(path: &Path) -> io::Result<SystemTime> {
    let meta = fs::metadata(path)?;
    let mut latest = meta.modified()?;
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            latest = latest.max(newest(&entry?.path())?);
        }
    }
    Ok(latest)
}
