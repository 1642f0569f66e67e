//! Passwords, tokens, throttles and the guard that every route declares.
mod guesses;
mod keys;
mod sessions;
mod throttle;
mod tokens;
