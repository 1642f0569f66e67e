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
        let positive = |at: usize| {
            let number = call.integer(at).ok();
            let number = number.and_then(|number| usize::try_from(number).ok());
            number.filter(|&number| number > 0)
        };
        let keys = positive(at).ok_or(Failure::new("ERR numkeys should be greater than 0"))?;
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
            let given = positive(option + 1);
            count = Some(given.ok_or(Failure::new("ERR count should be greater than 0"))?);
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
