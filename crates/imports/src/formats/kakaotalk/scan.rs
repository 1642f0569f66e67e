//! Stamps and day lines of KakaoTalk's texts, in all known forms.

/// A day.
pub type Day = (i32, u32, u32);

/// What a line begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// `None`: the day stands on a line of its own above.
    pub day: Option<Day>,
    pub hour: u32,
    pub minute: u32,
    /// What follows the stamp.
    pub rest: &'a str,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Eats a text from its start.
#[derive(Clone, Copy)]
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn blanks(&mut self) {
        self.0 = self
            .0
            .trim_start_matches([' ', '\u{a0}', '\u{202f}', '\u{2009}']);
    }

    fn eat(&mut self, word: &str) -> bool {
        match self.0.strip_prefix(word) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn number(&mut self, max_digits: usize) -> Option<u32> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > max_digits {
            return None;
        }
        let number = self.0[..digits].parse().ok()?;
        self.0 = &self.0[digits..];
        Some(number)
    }

    fn word(&mut self) -> &'a str {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.0.split_at(letters);
        self.0 = rest;
        word
    }

    /// `2024년 12월 9일`, `2019. 7. 30.`, `December 9, 2024`, with a weekday before it or behind.
    fn day(&mut self) -> Option<Day> {
        let mut scan = *self;
        let day = if scan.0.starts_with(|c: char| c.is_ascii_digit()) {
            scan.numbers()?
        } else {
            scan.words()?
        };
        let (year, month, date) = day;
        let is_one =
            (2000..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&date);
        if !is_one {
            return None;
        }
        *self = scan;
        Some(day)
    }

    fn numbers(&mut self) -> Option<Day> {
        let year = self.number(4)?;
        let signs = if self.eat("년") {
            ["월", "일"]
        } else if self.eat(".") {
            [".", "."]
        } else {
            return None;
        };
        self.blanks();
        let month = self.number(2)?;
        if !self.eat(signs[0]) {
            return None;
        }
        self.blanks();
        let date = self.number(2)?;
        if !self.eat(signs[1]) {
            return None;
        }
        let mut behind = *self;
        behind.blanks();
        for weekday in [
            "월요일",
            "화요일",
            "수요일",
            "목요일",
            "금요일",
            "토요일",
            "일요일",
        ] {
            if behind.eat(weekday) {
                *self = behind;
                break;
            }
        }
        Some((i32::try_from(year).ok()?, month, date))
    }

    fn words(&mut self) -> Option<Day> {
        let mut ahead = *self;
        let weekday = ahead.word().to_ascii_lowercase();
        if DAYS.contains(&weekday.as_str()) {
            ahead.eat(",");
            ahead.blanks();
            *self = ahead;
        }
        let name = self.word().to_ascii_lowercase();
        if name.len() < 3 {
            return None;
        }
        let month = MONTHS.iter().position(|month| month.starts_with(&name))?;
        self.eat(".");
        self.blanks();
        let date = self.number(2)?;
        self.eat(",");
        self.blanks();
        let year = self.number(4)?;
        Some((i32::try_from(year).ok()?, month as u32 + 1, date))
    }

    /// `오전 9:00`, `2:30 PM`, `2:30 p.m.`, `19:12`, `12:39AM`.
    fn time(&mut self) -> Option<(u32, u32)> {
        let mut scan = *self;
        let korean = if scan.eat("오전") {
            Some(false)
        } else if scan.eat("오후") {
            Some(true)
        } else {
            None
        };
        scan.blanks();
        let hour = scan.number(2)?;
        if !scan.eat(":") {
            return None;
        }
        let minute = scan.number(2)?;
        let mut behind = scan;
        if behind.eat(":") && behind.number(2).is_some() {
            scan = behind;
        }
        let mut half = korean;
        if korean.is_none() {
            let mut behind = scan;
            behind.blanks();
            for (word, afternoon) in [
                ("AM", false),
                ("PM", true),
                ("am", false),
                ("pm", true),
                ("a.m.", false),
                ("p.m.", true),
                ("A.M.", false),
                ("P.M.", true),
            ] {
                if behind.eat(word) {
                    half = Some(afternoon);
                    scan = behind;
                    break;
                }
            }
        }
        let hour = match half {
            Some(afternoon) => crate::times::hour24(hour, afternoon)?,
            None => hour,
        };
        if hour > 23 || minute > 59 {
            return None;
        }
        *self = scan;
        Some((hour, minute))
    }
}

/// A line that is a day and nothing else.
pub fn day_line(line: &str) -> Option<Day> {
    let line = line.trim();
    let bare = line.trim_matches('-').trim();
    let mut scan = Scan(bare);
    let day = scan.day()?;
    scan.blanks();
    scan.0.is_empty().then_some(day)
}

/// A stamp at the start of a line: with its day, or the time alone.
pub fn stamp(line: &str) -> Option<Stamp<'_>> {
    let mut scan = Scan(line);
    if let Some(day) = scan.day() {
        scan.eat(",");
        scan.blanks();
        if scan.eat("at ") {
            scan.blanks();
        }
        let (hour, minute) = scan.time()?;
        return Some(Stamp {
            day: Some(day),
            hour,
            minute,
            rest: scan.0,
        });
    }
    let (hour, minute) = scan.time()?;
    // `12:39AM, December 9, 2024, Name : text`
    let mut old = scan;
    if old.eat(",") {
        old.blanks();
        if let Some(day) = old.day() {
            return Some(Stamp {
                day: Some(day),
                hour,
                minute,
                rest: old.0,
            });
        }
    }
    Some(Stamp {
        day: None,
        hour,
        minute,
        rest: scan.0,
    })
}

/// `[이름] [오전 9:00] 본문`: the name, the time, the text.
pub fn bracketed(line: &str) -> Option<(&str, (u32, u32), &str)> {
    let inner = line.strip_prefix('[')?;
    for (at, _) in inner.match_indices("] [") {
        let mut scan = Scan(&inner[at + 3..]);
        if let Some(time) = scan.time()
            && scan.eat("]")
        {
            let text = scan.0.strip_prefix(' ').unwrap_or(scan.0);
            return (at > 0).then_some((&inner[..at], time, text));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_all_phones() {
        let day = Some((2024, 12, 9));
        for (line, hour, minute, rest) in [
            (
                "2024년 12월 9일 오전 12:39, 김 : 안녕",
                0,
                39,
                ", 김 : 안녕",
            ),
            ("2024년 12월 9일 오후 12:05", 12, 5, ""),
            ("2024. 12. 9. 오전 10:22, 김 : 안녕", 10, 22, ", 김 : 안녕"),
            (
                "2024. 12. 9. 01:01: 김님이 나갔습니다.",
                1,
                1,
                ": 김님이 나갔습니다.",
            ),
            ("December 9, 2024, 12:39 AM, Kim : hi", 0, 39, ", Kim : hi"),
            ("12:39AM, December 9, 2024, Kim : hi", 0, 39, ", Kim : hi"),
            (
                "December 9, 2024, 2:30 p.m., Kim : hi",
                14,
                30,
                ", Kim : hi",
            ),
            (
                "December 9, 2024 at 2:30\u{202f}p.m., Kim : hi",
                14,
                30,
                ", Kim : hi",
            ),
            ("Dec 9, 2024 at 19:12, Kim : hi", 19, 12, ", Kim : hi"),
            ("Dec 9, 2024, 12:39 AM, Kim : hi", 0, 39, ", Kim : hi"),
        ] {
            assert_eq!(
                stamp(line),
                Some(Stamp {
                    day,
                    hour,
                    minute,
                    rest
                }),
                "{line}"
            );
        }
        let alone = stamp("오후 8:36, 김 : 안녕").expect("a stamp");
        assert_eq!(
            (alone.day, alone.hour, alone.rest),
            (None, 20, ", 김 : 안녕")
        );
        for none in [
            "안녕",
            "2024년에 만나",
            "13월",
            "May I ask",
            "25:00, x",
            "2024. 13. 9. 10:00, a : b",
        ] {
            assert_eq!(stamp(none), None, "{none}");
        }
    }

    #[test]
    fn days_and_brackets() {
        for line in [
            "--------------- 2024년 12월 9일 월요일 ---------------",
            "--------------- Monday, December 9, 2024 ---------------",
            "2024년 12월 9일 월요일",
            "Monday, December 9, 2024",
        ] {
            assert_eq!(day_line(line), Some((2024, 12, 9)), "{line}");
        }
        assert_eq!(day_line("2024년 12월 9일 오전 9:00"), None);
        assert_eq!(
            bracketed("[[팀] 김] [오전 9:00] 안녕"),
            Some(("[팀] 김", (9, 0), "안녕"))
        );
        assert_eq!(
            bracketed("[John] [2:30 PM] Hello"),
            Some(("John", (14, 30), "Hello"))
        );
        assert_eq!(bracketed("[공지] [중요] 읽으세요"), None);
    }
}
