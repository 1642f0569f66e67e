//! The HTTP door from outside: every call as guest, stranger, member, owner and administrator.
mod access;
mod browser;
mod callers;
mod document;
mod emptied;
mod files;
mod hostile;
mod input;
mod live;
mod people;
mod rooms;
mod searching;
mod secrets;
mod sessions;
mod smoke;
mod stream;
mod unsent;
