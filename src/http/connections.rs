//! How many connections there may be, together and for one address.

use crate::auth::throttle::network;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

/// All together.
const TOTAL: usize = 50_000;
/// Of one address, or one customer's network of IPv6. Offices and proxies share one; the machine itself counts only in the total.
const PER_ADDRESS: usize = 4_096;

/// The open connections. Clones count the same.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    total: usize,
    addresses: HashMap<IpAddr, usize>,
}

/// A connection's place; dropping it makes room.
pub struct ConnectionSlot {
    connections: Connections,
    /// `None` where it is not counted.
    address: Option<IpAddr>,
}

impl Connections {
    /// A place, or nothing where a limit is reached. Behind a shared address are many people.
    pub fn admit(&self, address: IpAddr, is_shared: bool) -> Option<ConnectionSlot> {
        let address = network(address);
        let mut counts = self.0.lock();
        if counts.total >= TOTAL {
            return None;
        }
        let counted = (!address.is_loopback() && !is_shared).then_some(address);
        if let Some(address) = counted {
            let held = counts.addresses.entry(address).or_default();
            if *held >= PER_ADDRESS {
                return None;
            }
            *held += 1;
        }
        counts.total += 1;
        Some(ConnectionSlot {
            connections: self.clone(),
            address: counted,
        })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut counts = self.connections.0.lock();
        counts.total -= 1;
        if let Some(address) = self.address
            && let Entry::Occupied(mut held) = counts.addresses.entry(address)
        {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_every_place() {
        let connections = Connections::default();
        let greedy: IpAddr = "192.0.2.1".parse().expect("an address");
        let other: IpAddr = "192.0.2.2".parse().expect("an address");
        let mut held: Vec<_> = (0..PER_ADDRESS)
            .map(|_| connections.admit(greedy, false))
            .collect();
        assert!(held.iter().all(Option::is_some));
        assert!(connections.admit(greedy, false).is_none());
        assert!(connections.admit(greedy, true).is_some());
        assert!(connections.admit(other, false).is_some());
        held.pop();
        assert!(connections.admit(greedy, false).is_some());
        drop(held);
        let of = |n: usize| {
            let address = format!("2001:db8:0:1::{n:x}").parse().expect("an address");
            connections.admit(address, false)
        };
        let held: Vec<_> = (0..=PER_ADDRESS).map(of).collect();
        assert_eq!(
            held.iter().filter(|place| place.is_some()).count(),
            PER_ADDRESS
        );
        let next = "2001:db8:0:2::1".parse().expect("an address");
        assert!(connections.admit(next, false).is_some());
        drop(held);
        assert_eq!(connections.0.lock().total, 0);
        assert!(connections.0.lock().addresses.is_empty());
    }
}
