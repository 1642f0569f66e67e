//! Taking from the first of several keys that has something.

use super::super::call::Call;
use super::super::failure::Failure;

/// `numkeys key [key …] <from> [COUNT count]` from an argument on.
pub struct Several<'a, F> {
    pub keys: Vec<&'a [u8]>,
    /// Which end.
    pub from: F,
    pub count: usize,
}

impl<'a, F> Several<'a, F> {
    pub fn parse(
        call: &Call<'a>,
        at: usize,
        from: fn(&Call<'a>, usize) -> Result<F, Failure>,
    ) -> Result<Several<'a, F>, Failure> {
        let positive = |at: usize, otherwise: &'static str| {
            let otherwise = Failure::new(otherwise);
            match call.size(at, otherwise.clone())? {
                0 => Err(otherwise),
                number => Ok(number),
            }
        };
        let keys = positive(at, "ERR numkeys should be greater than 0")?;
        let after = at.saturating_add(1).saturating_add(keys);
        if after >= call.args.len() {
            return Err(Failure::SYNTAX);
        }
        let from = from(call, after)?;
        let mut count = None;
        let mut option = after + 1;
        while option < call.args.len() {
            if count.is_some() || !call.is(option, "COUNT") || option + 1 >= call.args.len() {
                return Err(Failure::SYNTAX);
            }
            count = Some(positive(option + 1, "ERR count should be greater than 0")?);
            option += 2;
        }
        Ok(Several {
            keys: call.args[at + 1..after].to_vec(),
            from,
            count: count.unwrap_or(1),
        })
    }

    /// To be waited for.
    pub fn owned_keys(&self) -> Vec<Vec<u8>> {
        self.keys.iter().map(|key| key.to_vec()).collect()
    }
}

/// `[LIMIT limit]` from an argument on; 0 is none.
pub fn limit(call: &Call<'_>, from: usize) -> Result<usize, Failure> {
    let mut limit = 0;
    for at in (from..call.args.len()).step_by(2) {
        if !call.is(at, "LIMIT") || at + 1 == call.args.len() {
            return Err(Failure::SYNTAX);
        }
        limit = call.size(at + 1, Failure::new("ERR LIMIT can't be negative"))?;
    }
    Ok(if limit == 0 { usize::MAX } else { limit })
}
