//! Keys with a time to live and publish/subscribe, in process and persistent.
mod contract;
