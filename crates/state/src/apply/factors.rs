//! Second factors: added and removed by their owner, reset by administrators, counted once.

use super::audit::{Noting, target};
use super::{Stop, Work};
use crate::records::{FactorsRecord, PasskeyRecord, TotpRecord};
use crate::table::Readable;
use maru_domain::factor::{Demand, FactorCommand, Proof, needed, used};
use maru_domain::{Code, Outcome, Refusal, UserId, limits};

/// The row of [`crate::tables::Tables::demands`] for second factors.
pub(crate) const SECOND_FACTOR: &str = "second-factor";

impl Work<'_, '_> {
    pub(super) fn factor(&mut self, command: &FactorCommand) -> Result<Outcome, Stop> {
        match command {
            FactorCommand::AddTotp {
                user,
                secret,
                period,
                recovery,
            } => {
                let totp = TotpRecord {
                    secret: secret.clone(),
                    period: *period,
                    at: self.at,
                };
                self.change_factors(*user, |factors| {
                    factors.totp = Some(totp);
                    renew(factors, recovery);
                    Ok(())
                })
            }
            FactorCommand::AddPasskey {
                user,
                id,
                name,
                key,
                moving,
                transports,
                recovery,
            } => {
                if self.tables.passkeys.has(id.as_str())? {
                    let text = "This passkey is in use already.";
                    return Err(Refusal::new(Code::Conflict, text).into());
                }
                let outcome = self.change_factors(*user, |factors| {
                    if factors.passkeys.len() >= limits::PASSKEYS {
                        return Err(Refusal::new(
                            Code::Conflict,
                            format!("More than {} passkeys; remove one.", limits::PASSKEYS),
                        ));
                    }
                    factors.passkeys.push(id.clone());
                    renew(factors, recovery);
                    Ok(())
                })?;
                let record = PasskeyRecord {
                    user: *user,
                    name: name.clone(),
                    key: key.clone(),
                    moving: moving.clone(),
                    transports: *transports,
                    at: self.at,
                    used_at: None,
                };
                self.tables.passkeys.put(id.as_str(), &record)?;
                Ok(outcome)
            }
            FactorCommand::RemoveTotp { user } => self.change_factors(*user, |factors| {
                let had = factors.totp.take();
                had.map(drop).ok_or_else(|| Refusal::not_found("app"))
            }),
            FactorCommand::RemovePasskey { user, id } => {
                let outcome = self.change_factors(*user, |factors| {
                    let at = factors.passkeys.iter().position(|held| held == id);
                    let at = at.ok_or_else(|| Refusal::not_found("passkey"))?;
                    factors.passkeys.remove(at);
                    Ok(())
                })?;
                self.tables.passkeys.remove(id.as_str())?;
                Ok(outcome)
            }
            FactorCommand::SetRecovery { user, digests } => self.change_factors(*user, |factors| {
                if !factors.any() {
                    let text = "Recovery codes stand for a second factor; set one up first.";
                    return Err(Refusal::new(Code::Conflict, text));
                }
                renew(factors, digests);
                Ok(())
            }),
            FactorCommand::Reset { user } => {
                self.need_admin()?;
                self.user_record(*user)?;
                self.drop_factors(*user)?;
                self.drop_sessions(*user, None)?;
                Ok(Outcome::Done)
            }
            FactorCommand::SetDemand { of } => {
                self.need_admin()?;
                let of = match of {
                    Demand::Nobody => 0,
                    Demand::Admins => 1,
                    Demand::Everyone => 2,
                };
                self.tables.demands.put(SECOND_FACTOR, &of)?;
                Ok(Outcome::Done)
            }
        }
    }

    /// Checks first: a refusal leaves everything as it was.
    fn change_factors(
        &mut self,
        user: UserId,
        change: impl FnOnce(&mut FactorsRecord) -> Result<(), Refusal>,
    ) -> Result<Outcome, Stop> {
        self.need_self_or_admin(user)?;
        self.user_record(user)?;
        let mut factors = self.tables.factors.get(user.0)?.unwrap_or_default();
        change(&mut factors)?;
        self.keep_factors(user, &factors)?;
        Ok(Outcome::Done)
    }

    /// Without a factor recovery codes stand for nothing.
    fn keep_factors(&mut self, user: UserId, factors: &FactorsRecord) -> Result<(), Stop> {
        if factors.any() {
            self.tables.factors.put(user.0, factors)?;
        } else {
            self.tables.factors.remove(user.0)?;
        }
        Ok(())
    }

    pub(super) fn drop_factors(&mut self, user: UserId) -> Result<(), Stop> {
        let held = self.tables.factors.get(user.0)?.unwrap_or_default();
        for id in &held.passkeys {
            self.tables.passkeys.remove(id.as_str())?;
        }
        self.tables.factors.remove(user.0)?;
        Ok(())
    }

    /// Whether what was shown is enough for a session, and that it counts no second time.
    pub(super) fn prove(&mut self, user: UserId, proof: Option<&Proof>) -> Result<(), Stop> {
        let mut factors = self.tables.factors.get(user.0)?.unwrap_or_default();
        match proof {
            None if factors.any() => return Err(needed().into()),
            None => return Ok(()),
            Some(Proof::Totp { period }) => {
                let totp = factors.totp.as_mut();
                let totp = totp.filter(|totp| *period > totp.period).ok_or_else(used)?;
                totp.period = *period;
            }
            Some(Proof::Recovery { digest }) => {
                let at = factors.recovery.iter().position(|held| held == digest);
                factors.recovery.remove(at.ok_or_else(used)?);
            }
            Some(Proof::Passkey { id, moving }) => {
                let record = self.tables.passkeys.get(id.as_str())?;
                let record = record.filter(|record| record.user == user);
                let mut record = record.ok_or_else(used)?;
                record.moving.clone_from(moving);
                record.used_at = Some(self.at);
                self.tables.passkeys.put(id.as_str(), &record)?;
                return Ok(());
            }
        }
        self.keep_factors(user, &factors)
    }

    pub(super) fn noting_factor(&self, command: &FactorCommand) -> Result<Option<Noting>, Stop> {
        let of = |action: &'static str, user: UserId| -> Result<Noting, Stop> {
            Ok(Noting::new(action, self.the_user(user)?))
        };
        Ok(Some(match command {
            FactorCommand::AddTotp { user, .. } => of("factor.added", *user)?.with("kind", "totp"),
            FactorCommand::AddPasskey { user, name, .. } => of("factor.added", *user)?
                .with("kind", "passkey")
                .with("name", name),
            FactorCommand::RemoveTotp { user } => of("factor.removed", *user)?.with("kind", "totp"),
            FactorCommand::RemovePasskey { user, id } => {
                let record = self.tables.passkeys.get(id.as_str())?;
                let name = record.map(|record| record.name).unwrap_or_default();
                of("factor.removed", *user)?
                    .with("kind", "passkey")
                    .with("name", name)
            }
            FactorCommand::SetRecovery { user, .. } => of("factor.codes_made", *user)?,
            FactorCommand::Reset { user } => of("factors.reset", *user)?,
            FactorCommand::SetDemand { of } => {
                let of = match of {
                    Demand::Nobody => "nobody",
                    Demand::Admins => "admins",
                    Demand::Everyone => "everyone",
                };
                Noting::new("factors.demanded", target("server", 0, "")).with("of", of)
            }
        }))
    }
}

fn renew(factors: &mut FactorsRecord, recovery: &[String]) {
    if !recovery.is_empty() {
        factors.recovery = recovery.to_vec();
    }
}
