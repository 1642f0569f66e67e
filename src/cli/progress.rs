//! How far something long is, on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Read};
use std::time::Duration;

const ROWS: &str = "{msg} [{bar:30}] {human_pos} of {human_len} records, {elapsed}";
const BYTES: &str = "{msg} [{bar:30}] {bytes} of {total_bytes}, {elapsed}, {eta} left";
const UNKNOWN: &str = "{msg} {spinner} {elapsed}";

/// A bar on the standard error; nothing where that is no terminal.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn start(what: &'static str) -> Bar {
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.set_style(style(UNKNOWN));
        bar.enable_steady_tick(Duration::from_millis(100));
        Bar(bar)
    }

    /// Never fails; the shape of what long work reports to.
    pub fn rows(&self, done: u64, all: u64) -> io::Result<()> {
        self.show(ROWS, done, all);
        Ok(())
    }

    /// As [`Bar::rows`].
    pub fn bytes(&self, done: u64, all: u64) -> io::Result<()> {
        self.show(BYTES, done, all);
        Ok(())
    }

    fn show(&self, template: &str, done: u64, all: u64) {
        if self.0.length() != Some(all) {
            self.0.set_style(style(template));
            self.0.set_length(all);
        }
        self.0.set_position(done.min(all));
    }

    /// The same bytes, counted.
    pub fn reading(&self, from: impl Read, size: Option<u64>) -> impl Read {
        if let Some(size) = size {
            self.show(BYTES, 0, size);
        }
        self.0.wrap_read(from)
    }

    pub fn finish(self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
