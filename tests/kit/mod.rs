//! A real server on a free port in one line.
