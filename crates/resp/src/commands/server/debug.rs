//! DEBUG, as far as the tests of clients lean on it.

use super::super::super::call::{Call, Nothing};
use super::super::super::dispatch;
use super::super::super::failure::{Answer, Failure};
use super::super::super::figures::note_time;
use super::super::super::number;
use super::digest;
use maru_cache::Txn;
use std::time::{Duration, Instant};

/// Nobody sleeps longer.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

pub fn debug(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let word = call.args[1].to_ascii_lowercase();
    match (word.as_slice(), call.args.len()) {
        (b"sleep", 3) => sleep(call),
        (b"object", 3) => object(call, txn),
        (b"protocol", 3) => protocol(call),
        (b"reload", _) | (b"loadaof", 2) => reload(call, txn),
        (b"error", 3) => {
            let text = String::from_utf8_lossy(call.args[2]);
            Err(Failure::of(text.replace(['\r', '\n'], " ")))
        }
        (b"help", 2) => super::super::help(
            call,
            "DEBUG",
            &[
                ("ERROR <text>", "Fails with these words."),
                ("JMAP", "Does nothing."),
                ("LOADAOF", "Reads everything back from the files."),
                ("OBJECT <key>", "How a value is kept."),
                ("PROTOCOL <type>", "An answer of this type."),
                (
                    "RELOAD [option ...]",
                    "Reads everything back from the files.",
                ),
                (
                    "SLEEP <seconds>",
                    "Answers after a while; the others go on.",
                ),
                (
                    "STRINGMATCH-LEN <length> <pattern>",
                    "How a pattern does on a long text.",
                ),
            ],
        ),
        (b"digest", 2) => {
            let digest = digest::of_everything(txn)?;
            call.out.simple(&digest);
            Ok(())
        }
        (b"digest-value", 3..) => {
            call.out.array(call.args.len() - 2);
            for key in &call.args[2..] {
                let digest = digest::of_key(txn, key)?;
                call.out.simple(&digest);
            }
            Ok(())
        }
        (b"set-active-expire", 3) => {
            call.cache.sweep(number::integer(call.args[2]) != Some(0));
            call.out.ok();
            Ok(())
        }
        (b"set-disable-deny-scripts", 3) => {
            call.world.scripting.allows_debug = number::integer(call.args[2]) != Some(0);
            call.out.ok();
            Ok(())
        }
        (b"log", 3) => {
            tracing::debug!(text = %String::from_utf8_lossy(call.args[2]), "a client says");
            call.out.ok();
            Ok(())
        }
        (b"replybuffer", 4)
        | (b"jmap", 2)
        | (b"quicklist-packed-threshold" | b"listpack" | b"quicklist", 3)
        | (b"change-repl-id", 2)
        | (b"dict-resizing" | b"pause-cron", 3) => {
            call.out.ok();
            Ok(())
        }
        (b"stringmatch-len", 4) => {
            let length = number::integer(call.args[2]).unwrap_or(0).clamp(0, 1 << 20);
            let text = vec![b'a'; length as usize];
            let matches = maru_cache::glob::matches(call.args[3], &text);
            call.out.integer(matches.into());
            Ok(())
        }
        _ => Err(Failure::of(format!(
            "ERR unknown subcommand or wrong number of arguments for '{}'. Try DEBUG HELP.",
            String::from_utf8_lossy(call.args[1])
        ))),
    }
}

/// What has been done is in the log already, so there is nothing to save before.
fn reload(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    // Within a transaction that is not so yet.
    if !call.in_exec {
        match call.cache.reload(txn) {
            Ok(true) => {}
            Ok(false) => {
                return Err(Failure::new(
                    "ERR the files are being written at the moment; try again",
                ));
            }
            Err(error) => return Err(Failure::of(format!("ERR {error}"))),
        }
    }
    call.out.ok();
    Ok(())
}

/// Only this client sleeps: the others have their own business.
fn sleep(call: &mut Call<'_>) -> Answer {
    let seconds = call.float(2)?;
    let sleep = Duration::try_from_secs_f64(seconds.max(0.0))
        .map_or(LONGEST_SLEEP, |sleep| sleep.min(LONGEST_SLEEP));
    if call.in_exec {
        // Nobody sleeps on the locks of a transaction; its client does, when it is done.
        call.world.drowsy += sleep;
        // It counts as this command's time all the same.
        let row = dispatch::find(call.args)?;
        note_time(call.world, call.token, row, call.args, sleep);
        call.out.ok();
        return Ok(());
    }
    call.wait(Some(Instant::now() + sleep), Nothing::Ok);
    Ok(())
}

fn object(call: &mut Call<'_>, txn: &mut Txn<'_>) -> Answer {
    let key = call.args[2];
    let encoding = txn.encoding(key).ok_or(Failure::NO_SUCH_KEY)?;
    let bytes = txn.key_bytes(key).unwrap_or(0);
    let idle_s = txn.idle_s(key).unwrap_or(0);
    call.out.simple(&format!(
        "Value at:0x0 refcount:1 encoding:{encoding} serializedlength:{bytes} lru:0 lru_seconds_idle:{idle_s}"
    ));
    Ok(())
}

/// One answer of each kind that there is.
fn protocol(call: &mut Call<'_>) -> Answer {
    let word = call.args[2].to_ascii_lowercase();
    let out = &mut *call.out;
    match word.as_slice() {
        b"string" => out.bulk(b"Hello World"),
        b"integer" => out.integer(12345),
        b"double" => {
            #[expect(
                clippy::approx_constant,
                reason = "the number that tests of clients know"
            )]
            out.double(3.141);
        }
        b"null" => out.null(),
        b"array" => {
            out.array(3);
            (0..3).for_each(|number| out.integer(number));
        }
        b"set" => {
            out.set(3);
            (0..3).for_each(|number| out.integer(number));
        }
        b"map" => {
            out.map(3);
            for number in 0..3 {
                out.integer(number);
                out.boolean(number == 1);
            }
        }
        b"push" if out.is_resp3() => {
            out.push(2);
            out.bulk(b"server-cpu-usage");
            out.integer(42);
        }
        b"attrib" => {
            if out.is_resp3() {
                out.attributes(1);
                out.bulk(b"key-popularity");
                out.array(2);
                out.bulk(b"key:123");
                out.integer(90);
            }
            out.bulk(b"Some real reply following the attribute");
        }
        b"verbatim" => out.verbatim("txt", "This is a verbatim\nstring"),
        b"true" => out.boolean(true),
        b"false" => out.boolean(false),
        b"bignum" => out.big_number("1234567999999999999999999999999999999"),
        _ => {
            return Err(Failure::new(
                "ERR Wrong protocol type name. Please use one of the following: \
                 string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
            ));
        }
    }
    Ok(())
}
