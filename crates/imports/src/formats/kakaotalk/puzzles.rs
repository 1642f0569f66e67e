//! Lines that are not understood. A few are somebody's quotes; many mean that the file has a form
//! that is not known, and that messages would be lost without a word.

use crate::out::{ImportError, Options, Out};

/// Fewer are never too many.
const FEW: u64 = 5;
const SHOWN: usize = 5;

#[derive(Default)]
pub struct Puzzles {
    lines: u64,
    count: u64,
    first: Vec<u64>,
}

impl Puzzles {
    /// A line of the file.
    pub fn see(&mut self, line: &str) {
        self.lines += u64::from(!line.trim().is_empty());
    }

    /// A line that is not understood.
    pub fn add(&mut self, number: u64, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(number);
        }
    }

    /// Stops above one in a hundred, unless everything else is wanted.
    pub fn end(&self, options: &Options, out: &mut Out<'_>) -> Result<(), ImportError> {
        for _ in 0..self.count {
            out.report.lose("lines that are no message");
        }
        if options.force || self.count < FEW || self.count * 100 <= self.lines {
            return Ok(());
        }
        let numbers: Vec<String> = self.first.iter().map(u64::to_string).collect();
        let more = if self.count > SHOWN as u64 {
            " …"
        } else {
            ""
        };
        Err(ImportError::unusable(format!(
            "{} of its {} lines are not understood (line {}{more}); --skip-bad-lines imports the others",
            self.count,
            self.lines,
            numbers.join(", "),
        )))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Format, ImportError, Options, Report, convert};

    fn read(text: &str, options: &Options) -> Result<(usize, Report), ImportError> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("talk.txt");
        std::fs::write(&path, text).expect("written");
        let mut out = Vec::new();
        let report = convert(Format::Kakaotalk, &path, options, &mut out)?;
        Ok((
            String::from_utf8_lossy(&out).matches("\"id\"").count(),
            report,
        ))
    }

    #[test]
    fn a_conversation_of_which_much_is_not_understood_is_refused_by_line() {
        let mut text = "우리 방 님과 카카오톡 대화\n저장한 날짜 : x\n\n".to_owned();
        for n in 0..100 {
            text += &format!("2024년 12월 9일 오후 1:00, Lee : {n}\n");
            if n % 10 == 0 {
                text += &format!("[Lee] [오후 1:00] other {n}\n");
            }
        }
        let error = read(&text, &Options::default()).expect_err("refused");
        let error = error.to_string();
        assert!(error.contains("10 of its 112 lines"), "{error}");
        assert!(error.contains("line 5, 16,"), "{error}");
        let force = Options {
            force: true,
            ..Options::default()
        };
        let (messages, report) = read(&text, &force).expect("wanted");
        assert_eq!(messages, 100);
        assert_eq!(report.lost["lines that are no message"], 10);
    }
}
