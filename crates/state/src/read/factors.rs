//! What people sign in with besides their passwords.

use super::Reader;
use crate::Result;
use crate::apply::SECOND_FACTOR;
use crate::records::{FactorsRecord, PasskeyRecord};
use crate::table::Readable;
use maru_domain::factor::{Demand, Factors};
use maru_domain::{Role, UserId};

impl Reader {
    pub fn factors_record(&self, user: UserId) -> Result<Option<FactorsRecord>> {
        self.tables.factors.get(user.0)
    }

    pub fn factors(&self, user: UserId) -> Result<Factors> {
        let held = self.factors_record(user)?.unwrap_or_default();
        let mut passkeys = Vec::new();
        for id in &held.passkeys {
            let record = self.passkey(id)?;
            passkeys.extend(record.map(|record| record.view(id)));
        }
        Ok(held.view(passkeys))
    }

    pub fn passkey(&self, id: &str) -> Result<Option<PasskeyRecord>> {
        self.tables.passkeys.get(id)
    }

    /// Of whom a second factor is demanded.
    pub fn demand(&self) -> Result<Demand> {
        Ok(match self.tables.demands.get(SECOND_FACTOR)? {
            Some(1) => Demand::Admins,
            Some(2) => Demand::Everyone,
            _ => Demand::Nobody,
        })
    }

    /// Whether a person has to set one up before anything else. Who has no password signs in by a
    /// provider, which asks for what it wants.
    pub fn lacks_factor(&self, user: UserId, role: Role) -> Result<bool> {
        let is_demanded = match self.demand()? {
            Demand::Nobody => false,
            Demand::Admins => role == Role::Admin,
            Demand::Everyone => true,
        };
        if !is_demanded || self.factors_record(user)?.is_some_and(|held| held.any()) {
            return Ok(false);
        }
        let account = self.account(user)?;
        Ok(account.is_some_and(|account| account.password_hash.is_some()))
    }
}
