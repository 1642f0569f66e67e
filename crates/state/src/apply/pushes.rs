//! Subscriptions to pushes: a few for each person, each endpoint somebody's alone.

use super::{Stop, Work};
use crate::records::PushRecord;
use crate::table::Readable;
use maru_domain::push::{NewPush, PUSHES, PushCommand};
use maru_domain::{Actor, Outcome, Refusal, UserId};

impl Work<'_, '_> {
    pub(super) fn push(&mut self, command: &PushCommand) -> Result<Outcome, Stop> {
        match command {
            PushCommand::Subscribe(new) => self.subscribe(new),
            PushCommand::Drop { user, endpoint } => self.drop_push(*user, endpoint.as_deref()),
        }
    }

    fn subscribe(&mut self, new: &NewPush) -> Result<Outcome, Stop> {
        let user = self.person()?;
        // The browser is another person's now.
        if let Some(before) = self.tables.push_endpoints.get(new.endpoint.as_str())?
            && before != user.0
        {
            self.forget_push(UserId(before), Some(&new.endpoint))?;
        }
        let mut held = self.tables.pushes.get(user.0)?.unwrap_or_default();
        held.pushes.retain(|push| push.endpoint != new.endpoint);
        if held.pushes.len() >= PUSHES {
            let oldest = held.pushes.remove(0);
            self.tables
                .push_endpoints
                .remove(oldest.endpoint.as_str())?;
        }
        held.pushes.push(PushRecord {
            endpoint: new.endpoint.clone(),
            p256dh: new.p256dh.clone(),
            auth: new.auth.clone(),
            session: new.session,
            user_agent: new.user_agent.clone(),
            created_at: self.at,
        });
        self.tables
            .push_endpoints
            .put(new.endpoint.as_str(), &user.0)?;
        self.tables.pushes.put(user.0, &held)?;
        Ok(Outcome::Done)
    }

    /// One endpoint of somebody, or all of theirs.
    fn drop_push(&mut self, user: UserId, endpoint: Option<&str>) -> Result<Outcome, Stop> {
        if self.actor != Actor::System && self.actor != Actor::User(user) {
            return Err(Refusal::not_found("user").into());
        }
        self.forget_push(user, endpoint)?;
        Ok(Outcome::Done)
    }

    fn forget_push(&mut self, user: UserId, endpoint: Option<&str>) -> Result<(), Stop> {
        let Some(mut held) = self.tables.pushes.get(user.0)? else {
            return Ok(());
        };
        let goes = |push: &PushRecord| endpoint.is_none_or(|one| push.endpoint == one);
        for push in held.pushes.iter().filter(|push| goes(push)) {
            self.tables.push_endpoints.remove(push.endpoint.as_str())?;
        }
        held.pushes.retain(|push| !goes(push));
        if held.pushes.is_empty() {
            self.tables.pushes.remove(user.0)?;
        } else {
            self.tables.pushes.put(user.0, &held)?;
        }
        Ok(())
    }
}
