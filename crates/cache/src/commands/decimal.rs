//! Adding numbers with fractions as Redis does: with 64 bits of precision, shown with up to 17
//! digits behind the point.

use super::super::values::parse_hex;
use std::cmp::Ordering;

/// Natural numbers of any size: 32 bits each, the lowest first, no zeros at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Natural(Vec<u32>);

/// `natural * 2^exponent`, with a sign; `natural` has at most 64 bits after rounding.
#[derive(Clone, Debug)]
struct Float {
    negative: bool,
    natural: Natural,
    exponent: i32,
}

const PRECISION_BITS: usize = 64;
const DIGITS: u32 = 17;
/// Beyond this no text that a client sends makes sense, and sums would only take time.
const MAX_EXPONENT: i64 = 5000;

/// The sum of two decimal numbers as text; `None` if it is no finite number.
pub(super) fn sum(a: &[u8], b: &[u8]) -> Option<String> {
    let (a, b) = (Float::parse(a)?, Float::parse(b)?);
    Some(a.add(b).text())
}

impl Natural {
    fn trim(mut self) -> Natural {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn bits(&self) -> usize {
        self.0
            .last()
            .map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    fn bit(&self, at: usize) -> bool {
        self.0
            .get(at / 32)
            .is_some_and(|word| word >> (at % 32) & 1 == 1)
    }

    fn times_plus(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for word in &mut self.0 {
            let product = u64::from(*word) * u64::from(factor) + carry;
            *word = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides in place; answers the remainder.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0u64;
        for word in self.0.iter_mut().rev() {
            let value = rest << 32 | u64::from(*word);
            *word = (value / u64::from(by)) as u32;
            rest = value % u64::from(by);
        }
        *self = std::mem::take(self).trim();
        rest as u32
    }

    fn shl(&self, by: usize) -> Natural {
        let mut words = vec![0; by / 32];
        let mut carry = 0u64;
        for word in &self.0 {
            let value = u64::from(*word) << (by % 32) | carry;
            words.push(value as u32);
            carry = value >> 32;
        }
        words.push(carry as u32);
        Natural(words).trim()
    }

    fn shr(&self, by: usize) -> Natural {
        let mut words = Vec::new();
        for at in by / 32..self.0.len() {
            let high = u64::from(self.0.get(at + 1).copied().unwrap_or(0));
            words.push(((high << 32 | u64::from(self.0[at])) >> (by % 32)) as u32);
        }
        Natural(words).trim()
    }

    /// Halves `by` times, to the nearest, ties to the even one; `sticky`: a little more than it says.
    fn round_off(&self, by: usize, sticky: bool) -> Natural {
        if by == 0 {
            return self.clone();
        }
        let half = self.bit(by - 1);
        let below = sticky || (0..by - 1).any(|at| self.bit(at));
        let mut result = self.shr(by);
        if half && (below || result.bit(0)) {
            if result.0.is_empty() {
                result.0.push(0);
            }
            result.times_plus(1, 1);
        }
        result
    }

    fn plus(&self, other: &Natural) -> Natural {
        let mut carry = 0u64;
        let mut words = Vec::new();
        for at in 0..self.0.len().max(other.0.len()) + 1 {
            let word = |n: &Natural| u64::from(n.0.get(at).copied().unwrap_or(0));
            let value = word(self) + word(other) + carry;
            words.push(value as u32);
            carry = value >> 32;
        }
        Natural(words).trim()
    }

    /// The other must not be larger.
    fn minus(&self, other: &Natural) -> Natural {
        let mut borrow = 0i64;
        let mut words = Vec::new();
        for at in 0..self.0.len() {
            let word = |n: &Natural| i64::from(n.0.get(at).copied().unwrap_or(0));
            let value = word(self) - word(other) - borrow;
            borrow = i64::from(value < 0);
            words.push(value as u32);
        }
        Natural(words).trim()
    }

    fn compare(&self, other: &Natural) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl Float {
    fn parse(text: &[u8]) -> Option<Float> {
        let text = std::str::from_utf8(text).ok()?;
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if let Some((digits, exponent)) = parse_hex(digits) {
            let words = vec![digits as u32, (digits >> 32) as u32];
            let float = Float {
                negative,
                natural: Natural(words).trim(),
                exponent,
            };
            return Some(float.rounded(false));
        }
        let (digits, power) = match digits.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i64>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut natural = Natural::default();
        for digit in whole.bytes().chain(fraction.bytes()) {
            natural.times_plus(10, u32::from(digit.checked_sub(b'0').filter(|d| *d < 10)?));
        }
        let natural = natural.trim();
        let power = power - fraction.len() as i64;
        if power.abs() > MAX_EXPONENT {
            return None;
        }
        let mut float = Float {
            negative,
            natural,
            exponent: 0,
        };
        if power >= 0 {
            for _ in 0..power {
                float.natural.times_plus(10, 0);
            }
            Some(float.rounded(false))
        } else {
            // Enough bits that what is cut off by the division only matters for ties.
            let extra = PRECISION_BITS + 4 * power.unsigned_abs() as usize + 2;
            float.natural = float.natural.shl(extra);
            float.exponent = -(extra as i32);
            let mut sticky = false;
            for _ in power..0 {
                sticky |= float.natural.divide(10) != 0;
            }
            Some(float.rounded(sticky))
        }
    }

    fn rounded(mut self, sticky: bool) -> Float {
        let over = self.natural.bits().saturating_sub(PRECISION_BITS);
        if over > 0 {
            self.natural = self.natural.round_off(over, sticky);
            self.exponent += over as i32;
        }
        self
    }

    fn add(self, other: Float) -> Float {
        let exponent = self.exponent.min(other.exponent);
        let a = self.natural.shl((self.exponent - exponent) as usize);
        let b = other.natural.shl((other.exponent - exponent) as usize);
        let (negative, natural) = if self.negative == other.negative {
            (self.negative, a.plus(&b))
        } else if a.compare(&b) == Ordering::Less {
            (other.negative, b.minus(&a))
        } else {
            (self.negative, a.minus(&b))
        };
        Float {
            negative,
            natural,
            exponent,
        }
        .rounded(false)
    }

    fn text(mut self) -> String {
        for _ in 0..DIGITS {
            self.natural.times_plus(10, 0);
        }
        let mut scaled = match usize::try_from(self.exponent) {
            Ok(up) => self.natural.shl(up),
            Err(_) => self
                .natural
                .round_off(self.exponent.unsigned_abs() as usize, false),
        };
        let mut digits = Vec::new();
        while !scaled.0.is_empty() || digits.len() <= DIGITS as usize {
            digits.push(char::from(b'0' + scaled.divide(10) as u8));
        }
        let text: String = digits.iter().rev().collect();
        let (whole, fraction) = text.split_at(text.len() - DIGITS as usize);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let zero = fraction.is_empty() && whole == "0";
        let sign = if self.negative && !zero { "-" } else { "" };
        format!("{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::sum;

    /// As `redis-server` 7.0.15 answered.
    #[test]
    fn sums_are_those_of_eighty_bits() {
        for (a, b, expected) in [
            ("0.1", "0.2", "0.3"),
            ("10.50", "0.1", "10.6"),
            ("5.0e3", "2.0e2", "5200"),
            ("-3", "3", "0"),
            ("1e-18", "0", "0"),
            ("3.0e3", "-0.5", "2999.5"),
            ("123456.1", "0", "123456.10000000000000142"),
            ("1e20", "1", "100000000000000000000"),
            ("1e19", "1", "10000000000000000001"),
            (
                "99999999999.12345",
                "0.001",
                "99999999999.12445000559091568",
            ),
            ("0.000001", "-0.0000005", "0.0000005"),
            ("0x10", "1", "17"),
        ] {
            assert_eq!(
                sum(a.as_bytes(), b.as_bytes()).as_deref(),
                Some(expected),
                "{a} + {b}"
            );
        }
        assert_eq!(sum(b"inf", b"1"), None);
    }
}
