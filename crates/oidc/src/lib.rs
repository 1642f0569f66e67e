//! Signing in through a provider of OpenID Connect: the code flow with PKCE, a nonce and a state.
//!
//! 1. [`Provider::begin`] gives the address to which the browser is sent, and what has to be kept
//!    for it until it is back.
//! 2. The browser comes back with a code; [`Provider::redeem`] exchanges it and verifies the token:
//!    issuer, audience, time, nonce, signature by a key that the provider publishes.
//!
//! What the provider says of itself is asked when it is needed first, and again after an hour.
mod claims;
mod discovery;
mod provider;

pub use claims::Identity;
pub use provider::{Begun, Kept, OidcError, Provider, Redeemed, Settings};
