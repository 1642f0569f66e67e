//! Who is asking, and may they? Passwords, tokens, throttles and the guard that every route declares.
//!
//! - [`passwords`]: what a password must be, and hashing it without standing in anybody's way.
//! - [`keys`] and [`tokens`]: signed tokens and the keys that sign them.
//! - [`sessions`]: a token counts only while its session lives; `roster` knows which do.
//! - [`throttle`]: delays for those who guess, limits for those who flood.
//! - [`policy`]: what a route needs of its caller. Rights inside a room are the domain's.
//! - [`origin`]: whether a browser's request comes from our own pages, and the session cookie.
//! - [`random`]: tokens nobody guesses, digests for keeping them, comparing without telling.
//!
//! Nothing here knows HTTP types or the chat's state; both come in as plain values.
pub mod keys;
pub mod origin;
pub mod passwords;
pub mod policy;
pub mod random;
mod roster;
mod seals;
pub mod sessions;
pub mod throttle;
pub mod tokens;
