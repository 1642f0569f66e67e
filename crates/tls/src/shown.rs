//! Which certificate a client is shown.

use crate::ACME;
use crate::validity::Validity;
use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug)]
pub struct InForce {
    pub key: Arc<CertifiedKey>,
    pub validity: Validity,
}

#[derive(Debug, Default)]
pub struct Shown {
    in_force: ArcSwapOption<InForce>,
    /// The one before: connections may still have it.
    before: Mutex<Option<Arc<InForce>>>,
    /// By name, while somebody else is asked to look.
    challenges: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Shown {
    pub fn get(&self) -> Option<Arc<InForce>> {
        self.in_force.load_full()
    }

    pub fn put(&self, fresh: InForce) {
        let before = self.in_force.swap(Some(Arc::new(fresh)));
        *self.before.lock() = before;
    }

    /// In DER, the one in force first.
    pub fn lately(&self) -> Vec<Vec<u8>> {
        [self.get(), self.before.lock().clone()]
            .into_iter()
            .flatten()
            .filter_map(|shown| Some(shown.key.cert.first()?.to_vec()))
            .collect()
    }

    pub fn set_challenge(&self, name: &str, shown: Option<Arc<CertifiedKey>>) {
        let mut challenges = self.challenges.lock();
        match shown {
            Some(shown) => challenges.insert(name.to_ascii_lowercase(), shown),
            None => challenges.remove(&name.to_ascii_lowercase()),
        };
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_challenge = hello
            .alpn()
            .is_some_and(|mut asked| asked.next() == Some(ACME) && asked.next().is_none());
        if asks_for_challenge {
            let name = hello.server_name()?.to_ascii_lowercase();
            return self.challenges.lock().get(&name).cloned();
        }
        self.get().map(|shown| Arc::clone(&shown.key))
    }
}
