//! Writes lindera's files, slimmed to what search needs: part of speech and parts of a word.

use super::mecab::{Characters, Class, Mecab, Word};
use super::{Outcome, cannot};
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Builds the dictionary in `target` by way of lindera's source form in `source`.
pub fn write(mecab: &Mecab, source: &Path, target: &Path) -> Outcome<()> {
    fs::create_dir_all(source).map_err(|e| cannot("create", source, e))?;
    for (name, text) in [
        ("words.csv", lines(&mecab.words)),
        ("unk.def", lines(&mecab.unknown)),
        ("char.def", char_def(&mecab.characters)),
    ] {
        let path = source.join(name);
        fs::write(&path, text).map_err(|e| cannot("write", &path, e))?;
    }
    let builder = DictionaryBuilder::new(metadata()?);
    let built = builder
        .build_metadata(target, None)
        .and_then(|()| builder.build_character_definition(source, target))
        .and_then(|chars| builder.build_unknown_dictionary(source, target, &chars, None))
        .and_then(|()| builder.build_prefix_dictionary(source, target, None));
    built.map_err(|e| format!("lindera's builder failed: {e}"))?;
    write_matrix(&mecab.matrix, target)?;
    share_details(target)
}

fn metadata() -> Outcome<Metadata> {
    let columns = "surface left_context_id right_context_id cost part_of_speech_tag expression";
    let fields: Vec<&str> = columns.split(' ').collect();
    serde_json::from_value(serde_json::json!({
        "name": "ko-dic",
        "encoding": "UTF-8",
        "default_word_cost": -10000,
        "default_left_context_id": 1780,
        "default_right_context_id": 3533,
        "default_field_value": "*",
        "flexible_csv": true,
        "skip_invalid_cost_or_id": false,
        "normalize_details": false,
        "dictionary_schema": { "fields": fields },
        "user_dictionary_schema": { "fields": ["surface", "part_of_speech_tag", "reading"] },
        // `left-space-penalty-factor` of mecab-ko-dic's dicrc, by part of speech.
        "space_penalty": { "rules": [
            { "pos": ["EC", "EF", "EP", "ETM", "ETN", "VCP", "XSA", "XSN", "XSV"], "cost": 3000 },
            { "pos": ["JC", "JKB", "JKC", "JKG", "JKO", "JKQ", "JKS", "JKV", "JX"], "cost": 6000 },
        ]},
    }))
    .map_err(|e| format!("lindera refuses the metadata: {e}"))
}

/// `surface,left id,right id,cost,POS,parts`.
fn lines(words: &[Word]) -> String {
    let mut text = String::with_capacity(words.len() * 40);
    for word in words {
        let columns: Vec<&str> = word.feature.split(',').collect();
        let tag = columns.first().copied().unwrap_or_default();
        let _ = writeln!(
            text,
            "{},{},{},{},{},{}",
            quoted(&word.key),
            word.left_id,
            word.right_id,
            word.cost,
            tag,
            quoted(&parts(&word.key, &columns)),
        );
    }
    text
}

/// The parts of a compound, inflected or contracted word; empty for any other.
///
/// Where the parts make up the word letter by letter their lengths say as much, and thousands of
/// words share them: `아버지날` = `아버지/NNG/*+날/NNG/*` is written `=3/NNG+1/NNG`. Otherwise the
/// parts are written out: `신다` = `시/EP+ㄴ다/EC`.
fn parts(key: &str, columns: &[&str]) -> String {
    let has_parts = matches!(
        columns.get(4),
        Some(&("Compound" | "Inflect" | "Preanalysis"))
    );
    let expression = columns.get(7).copied().filter(|_| has_parts);
    let Some(parts) =
        expression.and_then(|e| e.split('+').map(part_of).collect::<Option<Vec<_>>>())
    else {
        return String::new();
    };
    let literal = parts.iter().map(|(text, _)| *text).collect::<String>() == key;
    let written = parts.iter().map(|(text, tag)| {
        if literal {
            format!("{}/{tag}", text.chars().count())
        } else {
            format!("{text}/{tag}")
        }
    });
    let written = written.collect::<Vec<_>>().join("+");
    if literal {
        format!("={written}")
    } else {
        written
    }
}

/// `아버지/NNG/*` as text and tag.
fn part_of(part: &str) -> Option<(&str, &str)> {
    let (text_and_tag, _meaning) = part.rsplit_once('/')?;
    let (text, tag) = text_and_tag.rsplit_once('/')?;
    (!text.is_empty() && !text.contains(['/', '='])).then_some((text, tag))
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn char_def(characters: &Characters) -> String {
    let mut text = String::new();
    for (id, name) in characters.names.iter().enumerate() {
        // invoke, group and length belong to the category; any of its characters tells them.
        let of_category = |class: &&Class| class.default_category() == id;
        if let Some(class) = characters.classes.iter().find(of_category) {
            let (invoke, group, length) = (class.invoke(), class.group(), class.length());
            let _ = writeln!(text, "{name} {invoke} {group} {length}");
        } else {
            let _ = writeln!(text, "{name} 0 1 0");
        }
    }
    let mut start = 0;
    for run in characters.classes.chunk_by(|a, b| a == b) {
        let end = start + run.len() - 1;
        for (low, high) in without_gaps(start, end) {
            let default = run[0].default_category();
            let others = (0..characters.names.len()).filter(|c| *c != default && run[0].has(*c));
            let _ = write!(text, "0x{low:04X}..0x{high:04X}");
            for category in std::iter::once(default).chain(others) {
                let _ = write!(text, " {}", characters.names[category]);
            }
            text.push('\n');
        }
        start = end + 1;
    }
    text
}

/// Halves of surrogate pairs and U+FFFE are no characters; lindera's reader refuses them.
fn without_gaps(start: usize, end: usize) -> impl Iterator<Item = (usize, usize)> {
    [
        (start, end.min(0xD7FF)),
        (start.max(0xE000), end.min(0xFFFD)),
    ]
    .into_iter()
    .filter(|(low, high)| low <= high)
}

/// MeCab's order of costs is the one that lindera views in place, below another header.
fn write_matrix(mecab: &[u8], target: &Path) -> Outcome<()> {
    const IN_PLACE: i16 = -1;
    let matrix = [&IN_PLACE.to_le_bytes()[..], mecab].concat();
    let path = target.join("matrix.mtx");
    fs::write(&path, matrix).map_err(|e| cannot("write", &path, e))
}

/// Stores equal details once: most words have nothing but one of some dozen tags.
fn share_details(target: &Path) -> Outcome<()> {
    let (words, index) = (target.join("dict.words"), target.join("dict.wordsidx"));
    let read = |path: &Path| fs::read(path).map_err(|e| cannot("read", path, e));
    let (all, offsets) = (read(&words)?, read(&index)?);

    let mut kept = Vec::new();
    let mut place_of: HashMap<&[u8], u32> = HashMap::new();
    let mut places = Vec::with_capacity(offsets.len());
    for offset in offsets.as_chunks::<4>().0 {
        let start = u32::from_le_bytes(*offset) as usize;
        let length = all
            .get(start..start + 4)
            .and_then(|l| l.try_into().ok())
            .map(|l| u32::from_le_bytes(l) as usize);
        let record = length
            .and_then(|length| all.get(start..start + 4 + length))
            .ok_or("dict.words is not in the expected form")?;
        let place = *place_of.entry(record).or_insert_with(|| {
            kept.extend_from_slice(record);
            (kept.len() - record.len()) as u32
        });
        places.extend_from_slice(&place.to_le_bytes());
    }
    fs::write(&words, kept).map_err(|e| cannot("write", &words, e))?;
    fs::write(&index, places).map_err(|e| cannot("write", &index, e))
}
