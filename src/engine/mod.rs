//! The way from a command to its outcome; the only thing doors hold.
