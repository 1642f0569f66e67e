//! Locks, health, checks and the service manager.
