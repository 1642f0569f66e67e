use super::*;
use crate::{Compressed, Packer};

#[derive(Default)]
struct Taken {
    files: Vec<String>,
}

impl Sink for Taken {
    fn about(&mut self, _: &About) -> io::Result<()> {
        Ok(())
    }
    fn file(&mut self, path: &str, _: u64) -> io::Result<Option<Box<dyn Write>>> {
        self.files.push(path.to_owned());
        Ok(None)
    }
}

fn about(format: u32) -> About {
    About {
        format,
        maru: "9.9.9".to_owned(),
        seq: 7,
        ..About::default()
    }
}

fn archive(format: u32) -> Vec<u8> {
    let out = Compressed::new(Vec::new()).expect("begins");
    let mut packer = Packer::new(out, &about(format)).expect("begins");
    // What does not pack well, so that every cut meets some of it.
    let mut state = Vec::new();
    let mut word = 88_172_645_463_325_252_u64;
    while state.len() < 200_000 {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        state.extend_from_slice(&word.to_le_bytes());
    }
    packer
        .add("state.redb", state.len() as u64, &state[..])
        .expect("added");
    packer.add("keys/hs256", 3, &b"key"[..]).expect("added");
    let out = packer.finish().expect("ends");
    out.finish().expect("ends")
}

fn read(bytes: &[u8]) -> Result<(About, Manifest), ArchiveError> {
    unpack(bytes, &mut Taken::default())
}

#[test]
fn what_was_packed_is_unpacked() {
    let mut taken = Taken::default();
    let (said, manifest) = unpack(&archive(FORMAT)[..], &mut taken).expect("whole");
    assert_eq!(said, about(FORMAT));
    assert_eq!(taken.files, ["state.redb", "keys/hs256"]);
    assert_eq!(manifest.members.len(), 3);
}

#[test]
fn every_cut_is_noticed() {
    let whole = archive(FORMAT);
    for len in (5..whole.len())
        .step_by(997)
        .chain(whole.len() - 40..whole.len())
    {
        let error = read(&whole[..len]).expect_err("cut");
        assert!(
            matches!(error, ArchiveError::Truncated(_)),
            "{len} of {}: {error}",
            whole.len()
        );
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let whole = archive(FORMAT);
    for at in (0..whole.len())
        .step_by(1_009)
        .chain(whole.len() - 40..whole.len())
    {
        let mut altered = whole.clone();
        altered[at] ^= 4;
        // Some bits say where zeros are copied from: others are as good, and every sum holds.
        if let Ok(found) = read(&altered) {
            assert_eq!(found, read(&whole).expect("whole"), "byte {at}");
        }
    }
    let mut longer = whole.clone();
    longer.extend_from_slice(b"and more");
    assert!(read(&longer).is_err());
}

#[test]
fn what_is_none_and_what_is_newer_is_named() {
    for foreign in [&b""[..], b"PK\x03\x04", b"hello, maru", &[0; 600]] {
        let error = read(foreign).expect_err("foreign");
        assert!(matches!(error, ArchiveError::Foreign(_)), "{error}");
    }
    let packed = |bytes: &[u8]| {
        let mut out = Compressed::new(Vec::new()).expect("begins");
        out.write_all(bytes).expect("written");
        out.finish().expect("ends")
    };
    let error = read(&packed(b"some text that is no tar at all")).expect_err("foreign");
    assert!(!matches!(error, ArchiveError::Newer { .. }), "{error}");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    tar.append_data(&mut header, "readme", &b"hi"[..])
        .expect("added");
    let tar = tar.into_inner().expect("ends");
    let error = read(&packed(&tar)).expect_err("foreign");
    assert!(matches!(error, ArchiveError::Foreign(_)), "{error}");
    let error = read(&archive(FORMAT + 1)).expect_err("newer");
    assert!(error.to_string().contains("9.9.9"), "{error}");
}

#[test]
fn nothing_leaves_its_place() {
    for path in ["/etc/passwd", "a/../../b"] {
        let out = Compressed::new(Vec::new()).expect("begins");
        let mut packer = Packer::new(out, &about(FORMAT)).expect("begins");
        // The packer itself does not write such names.
        if packer.add(path, 1, &b"x"[..]).is_err() {
            continue;
        }
        let bytes = packer.finish().and_then(Compressed::finish).expect("ends");
        assert!(read(&bytes).is_err(), "{path}");
    }
}
