//! Who is asking, and may they? Passwords, tokens, throttles and the guard that every route declares.
//!
//! - [`passwords`]: what a password must be, and hashing it without standing in anybody's way.
//! - [`keys`] and [`tokens`]: signed tokens and the keys that sign them.
//! - [`sessions`]: a token counts only while its session lives; `roster` knows which do.
//! - [`last_use`]: when sessions were last used.
//! - [`throttle`]: limits for those who flood. [`guesses`]: delays for those who guess passwords.
//! - [`access`]: tokens for programs; [`used`]: when they were last shown.
//! - [`policy`]: what a route needs of its caller. Rights inside a room are the domain's.
//! - [`origin`]: whether a browser's request comes from our own pages.
//! - [`credentials`]: what a request shows of itself: the token, the cookies.
//! - [`forwarded`]: who is calling, behind proxies.
//! - [`totp`]: codes of an app, and recovery codes. [`ceremonies`]: what is kept between two requests.
//! - [`random`]: tokens nobody guesses, digests for keeping them, comparing without telling.
//!
//! Nothing here knows HTTP types or the chat's state; both come in as plain values.
pub mod access;
pub mod ceremonies;
pub mod credentials;
pub mod forwarded;
pub mod guesses;
pub mod keys;
pub mod last_use;
pub mod origin;
pub mod passwords;
pub mod policy;
pub mod random;
mod roster;
mod seals;
pub mod sessions;
pub mod throttle;
pub mod tokens;
pub mod totp;
pub mod used;
