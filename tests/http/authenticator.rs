//! A device with one passkey, as software: it makes it, shows it, and may lie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    handle: Vec<u8>,
    pub counter: u32,
    /// What it says the page's address is.
    pub origin: String,
    pub rp_id: String,
    /// Whether its holder was verified.
    pub verified: bool,
}

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 4;
const ATTESTED: u8 = 64;

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    pub fn new(origin: &str, rp_id: &str) -> Authenticator {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let pkcs8 = pkcs8.expect("a key");
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random);
        let key = key.expect("a key");
        let id = Sha256::digest(key.public_key().as_ref())[..20].to_vec();
        Authenticator {
            key,
            id,
            handle: Vec::new(),
            counter: 1,
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            verified: true,
        }
    }

    pub fn id(&self) -> String {
        text(&self.id)
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("a challenge");
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        let verified = if self.verified { USER_VERIFIED } else { 0 };
        data.push(USER_PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes the passkey.
    pub fn make(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().expect("a handle");
        self.handle = URL_SAFE_NO_PAD.decode(handle).expect("base64url");
        let client = self.client_data("webauthn.create", options);
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        // {1: 2 (EC), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        let point = &self.key.public_key().as_ref()[1..];
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[..32]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[32..]);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.extend(b"\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        self.answer(json!({
            "clientDataJSON": text(&client),
            "attestationObject": text(&object),
            "transports": ["internal"],
        }))
    }

    /// Shows it.
    pub fn show(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        self.counter += 1;
        let data = self.data(0);
        let signed = [data.clone(), Sha256::digest(&client).to_vec()].concat();
        let signature = self
            .key
            .sign(&SystemRandom::new(), &signed)
            .expect("signed");
        self.answer(json!({
            "clientDataJSON": text(&client),
            "authenticatorData": text(&data),
            "signature": text(signature.as_ref()),
            "userHandle": text(&self.handle),
        }))
    }

    fn answer(&self, response: Value) -> Value {
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }
}
