//! What a token needs for a route. Sessions may do everything that their person may.

use super::route::Route;
use crate::auth::policy::Need;
use crate::domain::{Code, Refusal, Scope};
use axum::http::Method;
use std::sync::Arc;

/// The scopes of the token that was shown; `None`: it was a session.
pub type Held = Option<Arc<[Scope]>>;

/// What a route needs of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    Nothing,
    Scope(Scope),
    /// No token may: a person signs in for it.
    Session,
}

/// Read off the route's method and path, so that a new route needs something from its first day.
pub fn of(route: &Route) -> Needed {
    if route.need == Need::Anyone {
        return Needed::Nothing;
    }
    let reads = matches!(route.method, Method::GET | Method::HEAD);
    let either = |read, write| Needed::Scope(if reads { read } else { write });
    let messages = || either(Scope::MessagesRead, Scope::MessagesWrite);
    let hooks = || either(Scope::HooksRead, Scope::HooksWrite);
    let tail = route.path.rsplit('/').next().unwrap_or_default();
    match route.noun() {
        "sessions" | "logout" | "tokens" | "bots" | "factors" | "email" => Needed::Session,
        _ if route.need == Need::Admin => Needed::Scope(Scope::Admin),
        "me" if reads && tail == "me" => Needed::Nothing,
        "me" | "users" => either(Scope::UsersRead, Scope::UsersWrite),
        "events" | "consumers" => either(Scope::EventsRead, Scope::EventsWrite),
        "search" => Needed::Scope(Scope::SearchRead),
        "files" | "uploads" => either(Scope::FilesRead, Scope::FilesWrite),
        "messages" | "threads" | "saved" | "mentions" => messages(),
        "elastic" if tail == "_search" => Needed::Scope(Scope::SearchRead),
        "elastic" => Needed::Scope(Scope::MessagesWrite),
        "commands" if reads => Needed::Scope(Scope::MessagesRead),
        "commands" if tail == "answer" => Needed::Scope(Scope::MessagesWrite),
        "webhooks" | "commands" => hooks(),
        "rooms" if route.path.contains("/hooks") => hooks(),
        "rooms" if tail == "files" => Needed::Scope(Scope::FilesRead),
        "rooms" if matches!(tail, "messages" | "pins" | "read" | "unread" | "commands") => {
            messages()
        }
        "rooms" | "direct" => either(Scope::RoomsRead, Scope::RoomsWrite),
        _ => either(Scope::Read, Scope::Write),
    }
}

/// Whether what is held is enough.
pub fn admit(needed: Needed, held: &Held) -> Result<(), Refusal> {
    let Some(held) = held else {
        return Ok(());
    };
    match needed {
        Needed::Nothing => Ok(()),
        Needed::Scope(scope) if held.iter().any(|held| held.covers(scope)) => Ok(()),
        Needed::Scope(scope) => Err(Refusal {
            field: Some(scope.as_str().into()),
            ..Refusal::new(
                Code::MissingScope,
                format!("This token has no scope `{scope}`; make one that has."),
            )
        }),
        Needed::Session => Err(Refusal::forbidden(
            "A token may not do this; sign in with a password.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes;

    /// A token that may nothing passes nothing but what is open to anybody, and who it is.
    #[test]
    fn every_route_needs_something_of_a_token() {
        let empty: Held = Some(Arc::from([]));
        let open: Vec<String> = routes::list()
            .iter()
            .filter(|route| route.need != Need::Anyone && admit(of(route), &empty).is_ok())
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        assert_eq!(open, ["GET /api/v1/me"]);
    }

    #[test]
    fn reading_tokens_change_nothing_and_others_do_not_administer() {
        let held = |scope| Some(Arc::from([scope]));
        for route in routes::list() {
            let reads = route.method == Method::GET;
            let needed = of(&route);
            let asks = route.path.ends_with("/_search");
            if !reads && !asks && route.need != Need::Anyone {
                assert!(admit(needed, &held(Scope::Read)).is_err(), "{}", route.path);
            }
            if route.need == Need::Admin {
                for scope in [Scope::Read, Scope::Write] {
                    assert!(admit(needed, &held(scope)).is_err(), "{}", route.path);
                }
            }
        }
        assert!(admit(Needed::Session, &held(Scope::Admin)).is_err());
        assert!(admit(Needed::Session, &None).is_ok());
    }
}
