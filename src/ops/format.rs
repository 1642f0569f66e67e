//! `VERSION`: which format the data directory has, and which version wrote it last.

use super::data_dir::DataDirError;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The format of what is in the directory. Grows when an older version could no longer read it.
pub const FORMAT: u32 = 1;

/// `VERSION` holds `format` and the version that wrote it, as TOML. A directory without it is new.
pub(super) fn check_format(path: &Path) -> Result<(), DataDirError> {
    let ours = env!("CARGO_PKG_VERSION");
    let file = path.join("VERSION");
    let failed = |source| DataDirError::Io {
        path: file.clone(),
        source,
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(text) = missing(path) {
                tracing::warn!("{text}");
            }
            return write_format(path, ours).map_err(failed);
        }
        Err(error) => return Err(failed(error)),
    };
    if !is_as_written(&text) {
        return Err(DataDirError::Unclear(file));
    }
    let table: toml::Table = text.parse().unwrap_or_default();
    let format = table.get("format").and_then(toml::Value::as_integer);
    let theirs = table
        .get("maru")
        .and_then(toml::Value::as_str)
        .unwrap_or("of another version");
    match format.and_then(|format| u32::try_from(format).ok()) {
        None => Err(DataDirError::Unclear(file)),
        Some(format) if format > FORMAT => {
            let (path, theirs) = (path.to_owned(), theirs.to_owned());
            Err(DataDirError::FromTheFuture {
                path,
                theirs,
                ours,
                format,
            })
        }
        Some(_) if theirs == ours => Ok(()),
        Some(_) => write_format(path, ours).map_err(failed),
    }
}

/// What is wrong with a directory that has a state but no `VERSION`; every start writes that first.
pub(super) fn missing(path: &Path) -> Option<String> {
    let is_gone = path.join("state.redb").exists() && !path.join("VERSION").exists();
    is_gone.then(|| {
        "VERSION is missing: the directory is taken for one of this version, and what else is missing \
         should be looked for with `maru check`"
            .to_owned()
    })
}

pub(super) fn write_format(path: &Path, version: &str) -> io::Result<()> {
    let body = format!("format = {FORMAT}\nmaru = \"{version}\"\n");
    let sum = crc32c::crc32c(body.as_bytes());
    write_beside(path, "VERSION", &format!("{body}{SUM}\"{sum:08x}\"\n"))
}

/// Written beside and renamed: a power cut leaves the old file or the new one.
pub(super) fn write_beside(dir: &Path, name: &str, text: &str) -> io::Result<()> {
    let (file, draft) = (dir.join(name), dir.join(format!("{name}.new")));
    let mut out = File::create(&draft)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(&draft, &file)?;
    File::open(dir)?.sync_all()
}

/// The last line of `VERSION`, over what is before it. Older versions wrote none.
const SUM: &str = "crc32c = ";

fn is_as_written(text: &str) -> bool {
    match text.rsplit_once(SUM) {
        Some((body, sum)) => sum == format!("\"{:08x}\"\n", crc32c::crc32c(body.as_bytes())),
        // Less is of an older version, or a line that was changed.
        None => text.lines().count() <= 2,
    }
}
