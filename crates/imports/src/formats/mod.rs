//! One file per program.
pub mod csv;
pub mod discord;
pub mod kakaotalk;
pub mod mattermost;
pub mod slack;
