//! Queries. [`Lookup`] finds records, [`Views`] and [`Unread`] build what people see of them; all
//! work inside a write and on a snapshot. [`Reader`] is one snapshot with the viewer's rights
//! applied.
mod audit;
mod emails;
mod export;
mod factors;
mod files;
mod history;
mod lookup;
mod messages;
mod places;
mod programs;
mod pushes;
mod reader;
mod retention;
mod rooms;
mod threads;
mod unread;
mod unsent;
mod views;
mod words;

pub use audit::AuditFilter;
pub use files::FileLookup;
pub use history::{History, HistoryQuery};
pub use lookup::{Located, Lookup, require};
pub use messages::MessageKey;
pub use programs::Programs;
pub use reader::{Account, Reader, SessionRow};
pub use retention::{Expiring, Kept};
pub use rooms::DirectoryPage;
pub use threads::{FollowedThread, ThreadPage, ThreadSpan, Threads};
pub use unread::Unread;
pub use views::Views;
