//! Pictures without what cameras and programs write beside them: positions, names, previews. What
//! is needed to show them right stays: colours, and which side is up.
//!
//! Streams from reader to writer: no picture is in memory as a whole.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

/// Copies a picture of this type without its metadata. `false` where the type has none that is
/// known here, and nothing was written.
pub fn without(mime: &str, from: impl Read, mut to: impl Write + Seek) -> io::Result<bool> {
    let mut from = BufReader::with_capacity(64 * 1024, from);
    match mime {
        "image/jpeg" => jpeg(&mut from, &mut to)?,
        "image/png" => png(&mut from, &mut to)?,
        "image/webp" => webp(&mut from, &mut to)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Segments up to the scans; what follows the end of the picture (another one, a film) is left out.
fn jpeg(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    if [byte(from)?, byte(from)?] != [0xff, 0xd8] {
        return Err(bad("no JPEG"));
    }
    to.write_all(&[0xff, 0xd8])?;
    let mut marker = next_marker(from)?;
    loop {
        match marker {
            0xd9 => return to.write_all(&[0xff, 0xd9]),
            0x01 | 0xd0..=0xd7 => to.write_all(&[0xff, marker])?,
            _ => {
                let mut length = [0; 2];
                from.read_exact(&mut length)?;
                let size = usize::from(u16::from_be_bytes(length));
                let mut data = vec![0; size.checked_sub(2).ok_or_else(|| bad("a short segment"))?];
                from.read_exact(&mut data)?;
                if is_kept(marker, &data) {
                    to.write_all(&[0xff, marker])?;
                    to.write_all(&length)?;
                    to.write_all(&data)?;
                } else if let Some(side) = orientation(marker, &data) {
                    to.write_all(&upright(side))?;
                }
            }
        }
        marker = if marker == 0xda {
            match scan(from, to)? {
                Some(marker) => marker,
                // It was cut off; browsers show what is there.
                None => return Ok(()),
            }
        } else {
            next_marker(from)?
        };
    }
}

fn next_marker(from: &mut impl Read) -> io::Result<u8> {
    if byte(from)? != 0xff {
        return Err(bad("no marker"));
    }
    loop {
        match byte(from)? {
            0xff => {}
            marker => return Ok(marker),
        }
    }
}

/// Everything but what programs add (APPn, comments), except colours and the JFIF and Adobe heads.
fn is_kept(marker: u8, data: &[u8]) -> bool {
    match marker {
        0xe0 | 0xee => true,
        0xe2 => data.starts_with(b"ICC_PROFILE\0"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// Copies one scan; the marker behind it.
fn scan(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Option<u8>> {
    loop {
        let available = from.fill_buf()?;
        if available.is_empty() {
            return Ok(None);
        }
        let plain = available.iter().position(|&b| b == 0xff);
        let plain = plain.unwrap_or(available.len());
        to.write_all(&available[..plain])?;
        let is_marker = plain < available.len();
        from.consume(plain + usize::from(is_marker));
        if !is_marker {
            continue;
        }
        let mut code = [0xff];
        while code[0] == 0xff {
            if from.read(&mut code)? == 0 {
                return Ok(None);
            }
        }
        match code[0] {
            0x00 | 0xd0..=0xd7 => to.write_all(&[0xff, code[0]])?,
            marker => return Ok(Some(marker)),
        }
    }
}

/// Which side is up, from 2 to 8; 1 is nothing to say.
fn orientation(marker: u8, data: &[u8]) -> Option<u16> {
    let tiff = data.strip_prefix(b"Exif\0\0").filter(|_| marker == 0xe1)?;
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let u32_at = |at: usize| {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    };
    let start = usize::try_from(u32_at(4)?).ok()?;
    let count = usize::from(u16_at(start)?);
    let side = (0..count).find_map(|entry| {
        let at = start.checked_add(2 + 12 * entry)?;
        (u16_at(at)? == 0x0112).then(|| u16_at(at + 8))?
    });
    side.filter(|side| (2..=8).contains(side))
}

/// An Exif segment that says nothing else.
fn upright(side: u16) -> [u8; 36] {
    let mut segment =
        *b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    segment[28..30].copy_from_slice(&side.to_be_bytes());
    segment
}

fn png(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut signature = [0; 8];
    from.read_exact(&mut signature)?;
    if signature != *b"\x89PNG\r\n\x1a\n" {
        return Err(bad("no PNG"));
    }
    to.write_all(&signature)?;
    loop {
        let mut head = [0; 8];
        from.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let rest = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
        let kept = !matches!(&kind, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt");
        let copied = if kept {
            to.write_all(&head)?;
            io::copy(&mut from.take(rest), to)?
        } else {
            io::copy(&mut from.take(rest), &mut io::sink())?
        };
        if copied < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if &kind == b"IEND" {
            return Ok(());
        }
    }
}

fn webp(from: &mut impl Read, to: &mut (impl Write + Seek)) -> io::Result<()> {
    const EXIF: u8 = 0x08;
    const XMP: u8 = 0x04;
    let mut head = [0; 12];
    from.read_exact(&mut head)?;
    if &head[..4] != b"RIFF" || &head[8..] != b"WEBP" {
        return Err(bad("no WebP"));
    }
    let declared = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let mut left = u64::from(declared).saturating_sub(4);
    to.write_all(&head)?;
    let mut written: u64 = 4;
    while left >= 8 {
        let mut head = [0; 8];
        from.read_exact(&mut head)?;
        let [kind @ .., a, b, c, d] = head;
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        let padded = size + size % 2;
        left = left.saturating_sub(8 + padded);
        if matches!(&kind, b"EXIF" | b"XMP ") {
            io::copy(&mut from.take(padded), &mut io::sink())?;
            continue;
        }
        to.write_all(&head)?;
        let mut rest = padded;
        if &kind == b"VP8X" && size > 0 {
            to.write_all(&[byte(from)? & !(EXIF | XMP)])?;
            rest -= 1;
        }
        if io::copy(&mut from.take(rest), to)? < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        written += 8 + padded;
    }
    to.seek(SeekFrom::Start(4))?;
    let size = u32::try_from(written).map_err(|_| bad("too large"))?;
    to.write_all(&size.to_le_bytes())?;
    to.seek(SeekFrom::End(0))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
    use std::io::Cursor;

    /// What cameras write: a position, a name, which side is up.
    fn exif() -> Vec<u8> {
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        exif.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
        exif.extend(b"GPS 37.5665 126.9780 SECRET");
        exif
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture: DynamicImage = match format {
            ImageFormat::Jpeg => {
                RgbImage::from_fn(40, 20, |x, y| image::Rgb([x as u8 * 6, y as u8 * 9, 7])).into()
            }
            _ => RgbaImage::from_pixel(40, 20, image::Rgba([1, 2, 3, 128])).into(),
        };
        picture.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    }

    fn stripped(mime: &str, bytes: &[u8]) -> Vec<u8> {
        let mut to = Cursor::new(Vec::new());
        assert!(without(mime, bytes, &mut to).expect("is read"));
        to.into_inner()
    }

    fn says_secrets(bytes: &[u8]) -> bool {
        bytes.windows(6).any(|part| part == b"SECRET")
    }

    #[test]
    fn positions_leave_jpegs_and_the_side_stays() {
        let plain = encoded(ImageFormat::Jpeg);
        let segment = |marker: u8, data: &[u8]| {
            let size = (data.len() as u16 + 2).to_be_bytes();
            [&[0xff, marker][..], &size, data].concat()
        };
        let mut photo = plain[..2].to_vec();
        photo.extend(segment(0xe1, &exif()));
        photo.extend(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0SECRET"));
        photo.extend(segment(0xed, b"Photoshop 3.0\0SECRET"));
        photo.extend(segment(0xfe, b"SECRET"));
        photo.extend(segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"));
        photo.extend(&plain[2..]);
        photo.extend(b"\xff\xd8SECRET film");
        let kept = stripped("image/jpeg", &photo);
        assert!(!says_secrets(&kept));
        assert!(kept.windows(7).any(|part| part == b"colours"));
        assert_eq!(kept[2..38], upright(6));
        let reader = image::ImageReader::new(Cursor::new(&kept)).with_guessed_format();
        let mut decoder = reader.expect("reads").into_decoder().expect("decodes");
        let side = image::ImageDecoder::orientation(&mut decoder).expect("an orientation");
        assert_eq!(side, image::metadata::Orientation::Rotate90);
        let same = |bytes: &[u8]| {
            image::load_from_memory(bytes)
                .expect("decodes")
                .into_bytes()
        };
        assert_eq!(same(&kept), same(&plain));
        assert_eq!(stripped("image/jpeg", &plain), plain);
        // Cut off within the scan, it is shown as far as it goes.
        let cut = &plain[..plain.len() - 9];
        assert_eq!(stripped("image/jpeg", cut), cut);
    }

    #[test]
    fn positions_leave_pngs() {
        let plain = encoded(ImageFormat::Png);
        let mut photo = plain[..33].to_vec();
        for kind in [b"eXIf", b"tEXt", b"iTXt", b"zTXt"] {
            photo.extend(6_u32.to_be_bytes());
            photo.extend(kind);
            photo.extend(b"SECRET\0\0\0\0");
        }
        photo.extend(&plain[33..]);
        photo.extend(b"SECRET");
        assert_eq!(stripped("image/png", &photo), plain);
        assert!(
            without(
                "image/png",
                &plain[..plain.len() - 20],
                Cursor::new(Vec::new())
            )
            .is_err()
        );
    }

    #[test]
    fn positions_leave_webps() {
        let plain = encoded(ImageFormat::WebP);
        let mut body = b"WEBPVP8X\x0a\0\0\0\x1c\0\0\0\x27\0\0\x13\0\0".to_vec();
        body.extend(&plain[12..]);
        let clean_size = body.len() as u32;
        body.extend(b"EXIF\x07\0\0\0SECRET.\0XMP \x06\0\0\0SECRET");
        let photo = [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat();
        let kept = stripped("image/webp", &photo);
        assert!(!says_secrets(&kept));
        assert_eq!(kept[4..8], clean_size.to_le_bytes());
        assert_eq!(kept[20], 0x10);
        assert!(image::load_from_memory(&kept).is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        for mime in ["image/jpeg", "image/png", "image/webp"] {
            for bytes in [
                &b""[..],
                b"\xff\xd8\xff\xe1\0\0",
                b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT",
            ] {
                assert!(without(mime, bytes, Cursor::new(Vec::new())).is_err());
            }
        }
        let nothing = without("image/gif", &b"GIF89a"[..], Cursor::new(Vec::new()));
        assert!(matches!(nothing, Ok(false)));
    }
}
