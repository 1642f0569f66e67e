//! Files as other programs write them, and the lines that they become.

use maru_imports::{Format, ImportError, Options, Report, convert};
use serde_json::Value;
use std::io::Write;
use zip::write::SimpleFileOptions;

pub fn lines(
    format: Format,
    name: &str,
    bytes: &[u8],
    options: &Options,
) -> Result<(Vec<Value>, Report), ImportError> {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    let mut out = Vec::new();
    let report = convert(format, &path, options, &mut out)?;
    let text = String::from_utf8(out).expect("UTF-8");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    Ok((lines.collect(), report))
}

pub fn messages(lines: &[Value]) -> Vec<&Value> {
    lines
        .iter()
        .filter(|line| line.get("type").is_none())
        .collect()
}

pub fn pack(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("begins");
        zip.write_all(text.as_bytes()).expect("writes");
    }
    zip.finish().expect("ends").into_inner()
}
