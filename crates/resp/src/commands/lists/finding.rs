//! Where elements are.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use maru_cache::Txn;

pub fn lpos(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (mut rank, mut count, mut look_at) = (1, None, 0);
    let mut at = 3;
    while at < call.args.len() {
        if at + 1 >= call.args.len() {
            return Err(Failure::SYNTAX);
        }
        if call.is(at, "RANK") {
            rank = call.integer(at + 1)?;
            if rank == 0 {
                return Err(Failure::new(
                    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
                ));
            }
        } else if call.is(at, "COUNT") {
            let negative = Failure::new("ERR COUNT can't be negative");
            count = Some(call.size(at + 1, negative)?);
        } else if call.is(at, "MAXLEN") {
            let negative = Failure::new("ERR MAXLEN can't be negative");
            look_at = call.size(at + 1, negative)?;
        } else {
            return Err(Failure::SYNTAX);
        }
        at += 2;
    }
    let mut skip = rank.unsigned_abs() as usize - 1;
    if rank == i64::MIN {
        // Redis cannot turn it round: any match is far enough, and none too many.
        skip = 0;
        count = count.map(|_| 0);
    }
    let found = txn.lpos(
        call.args[1],
        call.args[2],
        rank < 0,
        skip,
        count.unwrap_or(1),
        look_at,
    )?;
    match count {
        None => match found.first() {
            Some(&position) => call.out.count(position),
            None => call.out.null(),
        },
        Some(_) => {
            call.out.array(found.len());
            for position in found {
                call.out.count(position);
            }
        }
    }
    Ok(())
}
