//! The HTTP door from outside: every call as guest, stranger, member, owner and administrator.
mod smoke;
