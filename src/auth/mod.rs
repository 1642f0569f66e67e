//! Passwords, tokens, throttles and the guard that every route declares.
