//! A message that only one browser can read.

use crate::from_base64;
use ring::aead::{self, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey};
use ring::hkdf::{self, HKDF_SHA256, Salt};
use ring::rand::{SecureRandom, SystemRandom};

/// What fits into the one record that push services take: 4,096 bytes with all that goes around it.
pub const PLAIN_BYTES: usize = 3_900;

const RECORD_BYTES: u32 = 4_096;
const PUBLIC_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// Says that this record is the last one.
const LAST: u8 = 2;

/// A browser's key and the secret that it shares with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    public: [u8; PUBLIC_BYTES],
    auth: [u8; AUTH_BYTES],
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    #[error("`p256dh` is no uncompressed point of P-256 in base64url")]
    BadKey,
    #[error("`auth` is not 16 bytes in base64url")]
    BadAuth,
    #[error("the message is larger than {PLAIN_BYTES} bytes")]
    TooLarge,
    #[error("the system gives no random bytes")]
    Random,
}

impl Receiver {
    /// From the `keys` of a browser's subscription.
    pub fn new(p256dh: &str, auth: &str) -> Result<Receiver, SealError> {
        let public: [u8; PUBLIC_BYTES] = from_base64(p256dh)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(SealError::BadKey)?;
        let auth = from_base64(auth)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(SealError::BadAuth)?;
        if public[0] != 4 {
            return Err(SealError::BadKey);
        }
        let receiver = Receiver { public, auth };
        // Whether it is a point of the curve is found out by using it.
        receiver.seal(b"")?;
        Ok(receiver)
    }

    /// The body of a request with `Content-Encoding: aes128gcm`.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let random = SystemRandom::new();
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt).map_err(|_| SealError::Random)?;
        let private = EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random)
            .map_err(|_| SealError::Random)?;
        let own = private
            .compute_public_key()
            .map_err(|_| SealError::Random)?;
        let theirs = UnparsedPublicKey::new(&agreement::ECDH_P256, &self.public);
        agreement::agree_ephemeral(private, &theirs, |secret| {
            self.seal_with(plain, secret, own.as_ref(), &salt)
        })
        .map_err(|_| SealError::BadKey)?
    }

    /// With all that is random already decided.
    fn seal_with(
        &self,
        plain: &[u8],
        secret: &[u8],
        own: &[u8],
        salt: &[u8; SALT_BYTES],
    ) -> Result<Vec<u8>, SealError> {
        if plain.len() > PLAIN_BYTES {
            return Err(SealError::TooLarge);
        }
        let info = [b"WebPush: info\0", &self.public[..], own].concat();
        let ikm: [u8; 32] = derive(&self.auth, secret, &info);
        let key: [u8; 16] = derive(salt, &ikm, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = derive(salt, &ikm, b"Content-Encoding: nonce\0");
        let mut record = [plain, &[LAST]].concat();
        let key = UnboundKey::new(&aead::AES_128_GCM, &key).map_err(|_| SealError::BadKey)?;
        LessSafeKey::new(key)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                aead::Aad::empty(),
                &mut record,
            )
            .map_err(|_| SealError::TooLarge)?;
        let id_bytes = u8::try_from(own.len()).unwrap_or(u8::MAX);
        Ok([
            &salt[..],
            &RECORD_BYTES.to_be_bytes(),
            &[id_bytes],
            own,
            &record,
        ]
        .concat())
    }
}

/// As many bytes as are wanted, by HKDF.
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    struct Bytes(usize);
    impl hkdf::KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    let filled = key
        .expand(&[info], Bytes(N))
        .and_then(|derived| derived.fill(&mut out));
    debug_assert!(filled.is_ok(), "HKDF gives more bytes than are wanted here");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;

    /// RFC 8291, appendix A.
    #[test]
    fn as_the_standard_seals() {
        let receiver = Receiver::new(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .expect("keys");
        let secret = from_base64("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs").expect("a secret");
        let own = from_base64(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        )
        .expect("a key");
        let salt = from_base64("DGv6ra1nlYgDCS1FRnbzlw").expect("a salt");
        let sealed = receiver
            .seal_with(
                b"When I grow up, I want to be a watermelon",
                &secret,
                &own,
                &salt.try_into().expect("16 bytes"),
            )
            .expect("seals");
        assert_eq!(
            base64url(&sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
             mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
             pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn nothing_is_sealed_twice_alike_and_all_fits_into_one_record() {
        let receiver = Receiver::new(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg==",
        )
        .expect("keys");
        let longest = vec![b'x'; PLAIN_BYTES];
        let sealed = receiver.seal(&longest).expect("seals");
        assert!(sealed.len() <= RECORD_BYTES as usize);
        assert_ne!(sealed, receiver.seal(&longest).expect("seals"));
        assert_eq!(
            receiver.seal(&vec![0; PLAIN_BYTES + 1]),
            Err(SealError::TooLarge)
        );
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let auth = "BTBZMqHH6r4Tts7J_aSIgg";
        // Of the right length, but no point of the curve.
        let nowhere = base64url(&[&[4][..], &[7; 64]].concat());
        for key in ["", "AAAA", nowhere.as_str()] {
            assert_eq!(Receiver::new(key, auth), Err(SealError::BadKey), "{key}");
        }
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        assert_eq!(Receiver::new(key, "short"), Err(SealError::BadAuth));
    }
}
