//! Groups come and go.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::ids;
use maru_cache::{Happenings, StreamId, Txn};

const NO_KEY: Failure = Failure::new(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);

/// The group that is meant, or why not.
pub fn no_group(group: &[u8], key: &[u8]) -> Failure {
    Failure::of(format!(
        "NOGROUP No such consumer group '{}' for key name '{}'",
        String::from_utf8_lossy(group),
        String::from_utf8_lossy(key)
    ))
}

/// Options after the id: whether to make the stream, and how many entries have been read.
fn options(call: &Call<'_>, makes: bool) -> Result<(bool, Option<u64>), Failure> {
    let (mut make, mut read) = (false, None);
    let mut at = 5;
    while at < call.args.len() {
        if makes && call.is(at, "MKSTREAM") {
            make = true;
            at += 1;
        } else if call.is(at, "ENTRIESREAD") && at + 1 < call.args.len() {
            let given = call.integer(at + 1)?;
            if given < -1 {
                return Err(Failure::new(
                    "ERR value for ENTRIESREAD must be positive or -1",
                ));
            }
            read = u64::try_from(given).ok();
            at += 2;
        } else {
            return Err(Failure::of(format!(
                "ERR unknown subcommand or wrong number of arguments for '{}'. Try XGROUP HELP.",
                String::from_utf8_lossy(call.args[1])
            )));
        }
    }
    Ok((make, read))
}

/// Where a group begins; one that is put elsewhere may also be sent to either end.
fn place(
    call: &Call<'_>,
    last_id: Option<StreamId>,
    read: fn(&[u8], u64) -> Result<StreamId, Failure>,
) -> Result<StreamId, Failure> {
    match call.args[4] {
        b"$" => Ok(last_id.unwrap_or_default()),
        text => read(text, 0),
    }
}

pub fn create(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (make, read) = options(call, true)?;
    let (key, group) = (call.args[2], call.args[3]);
    let (last_id, taken) = match txn.stream(key)? {
        None if !make => return Err(NO_KEY),
        None => (None, false),
        Some(stream) => (Some(stream.last_id()), stream.group(group).is_some()),
    };
    let place = place(call, last_id, ids::strict)?;
    if taken {
        return Err(Failure::new("BUSYGROUP Consumer Group name already exists"));
    }
    txn.put_group(key, group, place, read)?;
    txn.tell(Happenings::STREAM, "xgroup-create", key);
    call.out.ok();
    Ok(())
}

pub fn set_id(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (_, read) = options(call, false)?;
    let (key, group) = (call.args[2], call.args[3]);
    let last_id = existing(txn, key, group)?;
    let place = place(call, Some(last_id), ids::open)?;
    txn.put_group(key, group, place, read)?;
    txn.tell(Happenings::STREAM, "xgroup-setid", key);
    call.out.ok();
    Ok(())
}

/// The stream's last id, if it has this group.
fn existing(txn: &mut Txn<'_>, key: &[u8], group: &[u8]) -> Result<StreamId, Failure> {
    let stream = txn.stream(key)?.ok_or(NO_KEY)?;
    if stream.group(group).is_none() {
        return Err(no_group(group, key));
    }
    Ok(stream.last_id())
}

pub fn destroy(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group) = (call.args[2], call.args[3]);
    txn.stream(key)?.ok_or(NO_KEY)?;
    let destroyed = txn.remove_group(key, group)?;
    if destroyed {
        txn.tell(Happenings::STREAM, "xgroup-destroy", key);
    }
    call.out.integer(destroyed.into());
    Ok(())
}

pub fn create_consumer(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group, consumer) = (call.args[2], call.args[3], call.args[4]);
    existing(txn, key, group)?;
    let is_new = make_consumer(txn, key, group, consumer)?;
    call.out.integer(is_new.into());
    Ok(())
}

/// Makes a consumer if there is none of this name.
pub fn make_consumer(
    txn: &mut Txn<'_>,
    key: &[u8],
    group: &[u8],
    consumer: &[u8],
) -> Result<bool, Failure> {
    let known = txn.stream(key)?.and_then(|stream| stream.group(group));
    if known.is_none_or(|group| group.consumers().contains_key(consumer)) {
        return Ok(false);
    }
    let now_ms = txn.now_unix_ms();
    txn.put_consumer(key, group, consumer, now_ms)?;
    txn.tell(Happenings::STREAM, "xgroup-createconsumer", key);
    Ok(true)
}

pub fn delete_consumer(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let (key, group, consumer) = (call.args[2], call.args[3], call.args[4]);
    existing(txn, key, group)?;
    let held = txn
        .stream(key)?
        .and_then(|stream| stream.group(group)?.consumers().get(consumer))
        .map(|consumer| consumer.pending().len());
    if held.is_some() {
        txn.remove_consumer(key, group, consumer)?;
        txn.tell(Happenings::STREAM, "xgroup-delconsumer", key);
    }
    call.out.count(held.unwrap_or(0));
    Ok(())
}
