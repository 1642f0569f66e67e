//! Pictures: how large they are before anything is decoded, and small ones of them.

use crate::{FileError, Result};
use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, metadata::Orientation,
};
use std::{
    fs::File,
    io::{BufReader, Cursor},
    path::Path,
};

/// A picture with more pixels is a file: nobody decodes it here, and no browser is made to.
pub const MAX_PIXELS: u64 = 50_000_000;
const MAX_SIDE: u32 = 32_000;
/// What one decoder may take.
const MAX_DECODER_BYTES: u64 = 256 * 1024 * 1024;
/// The longer side of a thumbnail.
pub const THUMBNAIL: u32 = 480;
const JPEG_QUALITY: u8 = 80;

/// Width and height as they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// What a thumbnail of it measures.
    pub fn thumbnail(self) -> Size {
        let longer = self.width.max(self.height);
        if longer <= THUMBNAIL {
            return self;
        }
        let scaled = |side: u32| {
            let side = (u64::from(side) * u64::from(THUMBNAIL)).div_ceil(u64::from(longer));
            (side as u32).max(1)
        };
        Size {
            width: scaled(self.width),
            height: scaled(self.height),
        }
    }
}

/// The size of a picture that may be shown, from its head alone.
pub fn size(path: &Path) -> Result<Size> {
    let mut decoder = decoder(path)?;
    let (width, height) = decoder.dimensions();
    let size = match decoder.orientation().unwrap_or(Orientation::NoTransforms) {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => Size {
            width: height,
            height: width,
        },
        _ => Size { width, height },
    };
    Ok(size)
}

/// A small picture of a picture: JPEG, or PNG where something shines through.
pub fn thumbnail(path: &Path) -> Result<Vec<u8>> {
    let mut decoder = decoder(path)?;
    let side = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| FileError::BadPicture)?;
    if picture.width().max(picture.height()) > THUMBNAIL {
        picture = picture.thumbnail(THUMBNAIL, THUMBNAIL);
    }
    picture.apply_orientation(side);
    let mut bytes = Cursor::new(Vec::new());
    let written = if picture.color().has_alpha() {
        DynamicImage::from(picture.into_rgba8()).write_to(&mut bytes, ImageFormat::Png)
    } else {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        picture.into_rgb8().write_with_encoder(encoder)
    };
    written.map_err(|_| FileError::BadPicture)?;
    Ok(bytes.into_inner())
}

/// A decoder that has read the picture's head and found it within bounds.
fn decoder(path: &Path) -> Result<impl image::ImageDecoder> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let reader = BufReader::new(File::open(path)?);
    let mut reader = ImageReader::new(reader).with_guessed_format()?;
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| FileError::BadPicture)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS || decoder.total_bytes() > MAX_DECODER_BYTES {
        return Err(FileError::BadPicture);
    }
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{RgbImage, RgbaImage};

    #[test]
    fn thumbnails_are_small_and_keep_their_shape() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("picture");
        RgbImage::from_pixel(1200, 600, image::Rgb([9, 8, 7]))
            .save_with_format(&path, ImageFormat::Jpeg)
            .expect("saves");
        let whole = size(&path).expect("a size");
        assert_eq!((whole.width, whole.height), (1200, 600));
        let small = thumbnail(&path).expect("a thumbnail");
        assert!(small.starts_with(b"\xff\xd8"));
        let small = image::load_from_memory(&small).expect("decodes");
        let told = whole.thumbnail();
        assert_eq!((small.width(), small.height()), (told.width, told.height));
        assert_eq!((told.width, told.height), (480, 240));

        RgbaImage::from_pixel(10, 3000, image::Rgba([9, 8, 7, 100]))
            .save_with_format(&path, ImageFormat::Png)
            .expect("saves");
        let small = thumbnail(&path).expect("a thumbnail");
        assert!(small.starts_with(b"\x89PNG"));
        let small = image::load_from_memory(&small).expect("decodes");
        let told = size(&path).expect("a size").thumbnail();
        assert_eq!((small.width(), small.height()), (told.width, told.height));
    }

    #[test]
    fn bombs_are_no_pictures() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("bomb");
        // A head that announces 30,000 × 30,000 pixels.
        let mut bomb =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x06\0\0\0".to_vec();
        let crc = flate_crc(&bomb[12..]);
        bomb.extend(crc.to_be_bytes());
        for bytes in [
            &bomb[..],
            b"GIF89a\xff\xff\xff\xff\0\0\0",
            b"\xff\xd8",
            b"text",
            b"",
        ] {
            std::fs::write(&path, bytes).expect("writes");
            assert!(size(&path).is_err());
            assert!(thumbnail(&path).is_err());
        }
    }

    fn flate_crc(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for &byte in bytes {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xedb8_8320 & (0_u32.wrapping_sub(crc & 1)));
            }
        }
        !crc
    }
}
