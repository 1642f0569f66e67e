//! Queries. [`Lookup`] finds records, [`Views`] builds what people see of them; both work inside a
//! write and on a snapshot. [`Reader`] is one snapshot with the viewer's rights applied.
mod history;
mod lookup;
mod reader;
mod views;

pub use history::{History, Page};
pub use lookup::{Lookup, require};
pub use reader::{Account, Reader, SessionRow};
pub use views::{Views, message};
