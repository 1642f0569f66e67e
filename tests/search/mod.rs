//! Search from outside: what is said is found, by selection it may be found.

mod at_once;
mod corpus;
mod figures;
mod finding;
mod hostile;
mod kinds;
mod leaks;
mod life;
mod paging;
mod pairs;
mod source;
mod suggesting;
mod words;
