//! From names to addresses.

use crate::Error;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Where names are looked up.
#[derive(Clone, Debug, Default)]
pub enum Names {
    /// The machine's resolver.
    #[default]
    System,
    /// Only these, as a hosts file: for tests.
    Table(BTreeMap<String, Vec<IpAddr>>),
}

impl Names {
    pub(crate) async fn find(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        let unknown = |reason: String| Error::Unknown {
            host: host.to_owned(),
            reason,
        };
        let found: Vec<SocketAddr> = match self {
            Names::System => tokio::net::lookup_host((host, port))
                .await
                .map_err(|error| unknown(error.to_string()))?
                .collect(),
            Names::Table(table) => {
                let addresses = table.get(host).into_iter().flatten();
                addresses
                    .map(|address| SocketAddr::new(*address, port))
                    .collect()
            }
        };
        if found.is_empty() {
            return Err(unknown("the name has no address".to_owned()));
        }
        Ok(found)
    }
}
