//! Members within a range: by rank, by score, by name.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::{names, pairs, scores};
use bytes::Bytes;
use maru_cache::{Between, Txn};

/// What a command's name says about its arguments.
#[derive(Clone, Copy)]
pub struct Form {
    by: By,
    reversed: bool,
    /// Says the rest in its arguments.
    open: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Rank,
    Score,
    Lex,
}

const fn form(by: By, reversed: bool, open: bool) -> Form {
    Form { by, reversed, open }
}

pub const ZRANGE: Form = form(By::Rank, false, true);
pub const REVERSED: Form = form(By::Rank, true, false);
pub const BY_SCORE: Form = form(By::Score, false, false);
pub const REVERSED_BY_SCORE: Form = form(By::Score, true, false);
pub const BY_LEX: Form = form(By::Lex, false, false);
pub const REVERSED_BY_LEX: Form = form(By::Lex, true, false);

struct Asked<'a> {
    between: Between<'a>,
    reversed: bool,
    skip: usize,
    take: usize,
    with_scores: bool,
}

impl<'a> Asked<'a> {
    /// `start stop [options]` from an argument on.
    fn parse(
        call: &Call<'a>,
        at: usize,
        mut form: Form,
        stores: bool,
    ) -> Result<Asked<'a>, Failure> {
        let (mut offset, mut limit, mut limited, mut with_scores) = (0, -1, false, false);
        let mut option = at + 2;
        while option < call.args.len() {
            let left = call.args.len() - option - 1;
            match () {
                () if !stores && call.is(option, "WITHSCORES") => with_scores = true,
                () if call.is(option, "LIMIT") && left >= 2 => {
                    offset = call.integer(option + 1)?;
                    limit = call.integer(option + 2)?;
                    limited = true;
                    option += 2;
                }
                () if form.open && call.is(option, "REV") => form.reversed = true,
                () if form.open && form.by == By::Rank && call.is(option, "BYLEX") => {
                    form.by = By::Lex
                }
                () if form.open && form.by == By::Rank && call.is(option, "BYSCORE") => {
                    form.by = By::Score
                }
                () => return Err(Failure::SYNTAX),
            }
            option += 1;
        }
        if limited && form.by == By::Rank && limit != -1 {
            return Err(Failure::new(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if with_scores && form.by == By::Lex {
            return Err(Failure::new(
                "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
            ));
        }
        let (low, high) = if form.reversed && form.by != By::Rank {
            (at + 1, at)
        } else {
            (at, at + 1)
        };
        let between = match form.by {
            By::Rank => Between::Ranks(call.integer(at)?, call.integer(at + 1)?),
            By::Score => scores(call, low, high)?,
            By::Lex => names(call, low, high)?,
        };
        Ok(Asked {
            between,
            reversed: form.reversed,
            // From before the beginning there is nothing.
            skip: if form.by == By::Rank {
                0
            } else {
                usize::try_from(offset).unwrap_or(usize::MAX)
            },
            take: match form.by {
                By::Rank => usize::MAX,
                By::Score | By::Lex => usize::try_from(limit).unwrap_or(usize::MAX),
            },
            with_scores,
        })
    }

    fn find(&self, txn: &mut Txn<'_>, key: &[u8]) -> Result<Vec<(Bytes, f64)>, Failure> {
        Ok(txn.zrange(key, self.between, self.reversed, self.skip, self.take)?)
    }
}

pub fn range(call: &mut Call<'_>, txn: &mut Txn<'_>, form: Form) -> Answer {
    let asked = Asked::parse(call, 2, form, false)?;
    let found = asked.find(txn, call.args[1])?;
    pairs(call, &found, asked.with_scores);
    Ok(())
}

pub fn zrangestore(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let asked = Asked::parse(call, 3, ZRANGE, true)?;
    let found = asked.find(txn, call.args[2])?;
    let size = txn.store_ranked(call.args[1], &found, "zrangestore")?;
    call.out.count(size);
    Ok(())
}
