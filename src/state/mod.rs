//! redb: the snapshot that the log is applied to, and the queries that read it.
