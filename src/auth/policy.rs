//! What a route needs of its caller.

use crate::domain::Role;

/// Declared by every route; checked once, before the route runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Anybody, signed in or not.
    Anyone,
    /// Somebody who is signed in.
    User,
    /// An administrator.
    Admin,
}

/// Why a caller may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Anyone is signed in, so it may help to do that (401).
    #[error("Sign in first.")]
    SignIn,
    /// Signing in again would not help (403).
    #[error("Only an administrator may do this.")]
    Forbidden,
}

/// Whether a caller with this role (`None`: not signed in) meets the need.
pub fn admit(need: Need, caller: Option<Role>) -> Result<(), Denied> {
    match (need, caller) {
        (Need::Anyone, _)
        | (Need::User, Some(Role::Member | Role::Admin))
        | (Need::Admin, Some(Role::Admin)) => Ok(()),
        (Need::User | Need::Admin, None) => Err(Denied::SignIn),
        (Need::Admin, Some(Role::Member)) => Err(Denied::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_against_every_caller() {
        let callers = [None, Some(Role::Member), Some(Role::Admin)];
        let table = [
            (Need::Anyone, [Ok(()), Ok(()), Ok(())]),
            (Need::User, [Err(Denied::SignIn), Ok(()), Ok(())]),
            (
                Need::Admin,
                [Err(Denied::SignIn), Err(Denied::Forbidden), Ok(())],
            ),
        ];
        for (need, expected) in table {
            assert_eq!(
                callers.map(|caller| admit(need, caller)),
                expected,
                "{need:?}"
            );
        }
    }
}
