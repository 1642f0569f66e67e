//! Messages to whoever listens.

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::{Answer, Failure};
use super::super::out::Out;
use super::super::table::{Command, FAST, Keys, LOADING, MAY_REPLICATE, NOSCRIPT, PUBSUB, STALE};
use bytes::Bytes;
use maru_cache::{Limits, Selector};

const HEAR: u32 = PUBSUB | NOSCRIPT | LOADING | STALE;
const SPEAK: u32 = PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE;
const ASK: u32 = PUBSUB | LOADING | STALE;

pub const COMMANDS: &[Command] = &[
    Command::plain("psubscribe", -2, HEAR, |call| {
        subscribe(call, Selector::Pattern)
    })
    .says(
        "2.0.0",
        "Hears all channels whose names match one of the patterns.",
    )
    .written("pattern..."),
    Command::plain("publish", 3, SPEAK, publish)
        .says("2.0.0", "Sends a message to all who hear a channel.")
        .written("channel message"),
    Command::family(
        "pubsub",
        &[
            Command::plain("channels", -2, ASK, |call| names(call, Selector::Channel))
                .says("2.8.0", "Channels that somebody hears.")
                .written("[pattern]"),
            Command::plain("help", 2, LOADING | STALE, help)
                .says("6.2.0", "What the subcommands do."),
            Command::plain("numpat", 2, ASK, numpat)
                .says("2.8.0", "How many patterns somebody hears."),
            Command::plain("numsub", -2, ASK, |call| counts(call, Selector::Channel))
                .says("2.8.0", "How many hear each of the channels.")
                .written("[channel...]"),
            Command::plain("shardchannels", -2, ASK, |call| {
                names(call, Selector::Sharded)
            })
            .says("7.0.0", "Shard channels that somebody hears.")
            .written("[pattern]"),
            Command::plain("shardnumsub", -2, ASK, |call| {
                counts(call, Selector::Sharded)
            })
            .says("7.0.0", "How many hear each of the shard channels.")
            .written("[shardchannel...]"),
        ],
    )
    .says("2.8.0", "Questions about channels."),
    Command::plain("punsubscribe", -1, HEAR, |call| {
        unsubscribe(call, Selector::Pattern)
    })
    .says("2.0.0", "Hears the patterns no longer; without any, none.")
    .written("[pattern...]"),
    Command::plain("spublish", 3, SPEAK, spublish)
        .on(Keys::ONE)
        .says("7.0.0", "Sends a message to all who hear a shard channel.")
        .written("shardchannel message"),
    Command::plain("ssubscribe", -2, HEAR, |call| {
        subscribe(call, Selector::Sharded)
    })
    .on(Keys::ALL)
    .says("7.0.0", "Hears shard channels.")
    .written("shardchannel..."),
    Command::plain("subscribe", -2, HEAR, |call| {
        subscribe(call, Selector::Channel)
    })
    .says("2.0.0", "Hears channels.")
    .written("channel..."),
    Command::plain("sunsubscribe", -1, HEAR, |call| {
        unsubscribe(call, Selector::Sharded)
    })
    .on(Keys::ALL)
    .says(
        "7.0.0",
        "Hears the shard channels no longer; without any, none.",
    )
    .written("[shardchannel...]"),
    Command::plain("unsubscribe", -1, HEAR, |call| {
        unsubscribe(call, Selector::Channel)
    })
    .says("2.0.0", "Hears the channels no longer; without any, none.")
    .written("[channel...]"),
];

const KINDS: [Selector; 3] = [Selector::Channel, Selector::Pattern, Selector::Sharded];

fn place(selector: Selector) -> usize {
    match selector {
        Selector::Channel => 0,
        Selector::Pattern => 1,
        Selector::Sharded => 2,
    }
}

/// The number that confirmations tell: shard channels are counted for themselves.
fn heard(client: &Client, selector: Selector) -> i64 {
    let [channels, patterns, sharded] = client.hears;
    match selector {
        Selector::Channel | Selector::Pattern => (channels + patterns) as i64,
        Selector::Sharded => sharded as i64,
    }
}

fn confirm(out: &mut Out, word: &str, name: Option<&[u8]>, heard: i64) {
    out.push(3);
    out.bulk(word.as_bytes());
    out.bulk_or_null(name);
    out.integer(heard);
}

fn subscribe(call: &mut Call<'_>, selector: Selector) -> Answer {
    let word = ["subscribe", "psubscribe", "ssubscribe"][place(selector)];
    let limits = Limits {
        messages: usize::MAX,
        bytes: match call.world.settings.output[1].hard_bytes {
            0 => usize::MAX,
            bytes => bytes,
        },
    };
    for name in &call.args[1..] {
        let client = &mut call.world.clients[call.token];
        let ear = client
            .ear
            .get_or_insert_with(|| call.cache.subscription_with(limits));
        client.hears[place(selector)] += usize::from(ear.add(selector, name));
        confirm(call.out, word, Some(name), heard(client, selector));
    }
    Ok(())
}

fn unsubscribe(call: &mut Call<'_>, selector: Selector) -> Answer {
    let word = ["unsubscribe", "punsubscribe", "sunsubscribe"][place(selector)];
    hear_what_came(call);
    let client = &mut call.world.clients[call.token];
    if call.args.len() > 1 {
        for name in &call.args[1..] {
            let known = match &mut client.ear {
                Some(ear) => ear.remove(selector, name),
                None => false,
            };
            client.hears[place(selector)] -= usize::from(known);
            confirm(call.out, word, Some(name), heard(client, selector));
        }
        return Ok(());
    }
    let names = names_of(client, selector);
    for name in &names {
        if let Some(ear) = &mut client.ear {
            ear.remove(selector, name);
        }
        client.hears[place(selector)] -= 1;
        confirm(call.out, word, Some(name), heard(client, selector));
    }
    if names.is_empty() {
        confirm(call.out, word, None, heard(client, selector));
    }
    Ok(())
}

fn names_of(client: &Client, selector: Selector) -> Vec<Bytes> {
    let names = client.ear.iter().flat_map(|ear| ear.names());
    names
        .filter(|(kind, _)| *kind == selector)
        .map(|(_, name)| name.clone())
        .collect()
}

/// Ends all subscriptions of a client, without a word.
pub fn hear_nothing(client: &mut Client) {
    for selector in KINDS {
        for name in names_of(client, selector) {
            if let Some(ear) = &mut client.ear {
                ear.remove(selector, &name);
            }
        }
    }
    client.hears = [0; 3];
    client.ear = None;
}

/// Messages that came before this command are told before its answer.
fn hear_what_came(call: &mut Call<'_>) {
    let client = &mut call.world.clients[call.token];
    if let Some(ear) = &mut client.ear
        && !Client::listen(ear, &client.waker, call.out, usize::MAX)
    {
        client.dead = true;
    }
}

fn publish(call: &mut Call<'_>) -> Answer {
    let (channel, payload) = (call.args[1], call.args[2]);
    let receivers = call.cache.publish(channel, Bytes::copy_from_slice(payload));
    told(call, receivers)
}

fn spublish(call: &mut Call<'_>) -> Answer {
    let (channel, payload) = (call.args[1], call.args[2]);
    let receivers = call
        .cache
        .publish_sharded(channel, Bytes::copy_from_slice(payload));
    told(call, receivers)
}

fn told(call: &mut Call<'_>, receivers: u64) -> Answer {
    hear_what_came(call);
    call.out.integer(receivers as i64);
    Ok(())
}

fn names(call: &mut Call<'_>, selector: Selector) -> Answer {
    if call.args.len() > 3 {
        return Err(wrong_arguments(call));
    }
    let pattern = call.args.get(2).copied().unwrap_or(b"*");
    let names = call.cache.listened_to(selector, pattern);
    call.out.array(names.len());
    for name in names {
        call.out.bulk(&name);
    }
    Ok(())
}

fn counts(call: &mut Call<'_>, selector: Selector) -> Answer {
    let names = &call.args[2..];
    call.out.array(names.len() * 2);
    for name in names {
        call.out.bulk(name);
        call.out.count(call.cache.listeners(selector, name));
    }
    Ok(())
}

fn numpat(call: &mut Call<'_>) -> Answer {
    call.out
        .count(call.cache.names_listened_to(Selector::Pattern));
    Ok(())
}

fn wrong_arguments(call: &Call<'_>) -> Failure {
    Failure::of(format!(
        "ERR unknown subcommand or wrong number of arguments for '{}'. Try PUBSUB HELP.",
        String::from_utf8_lossy(call.args[1])
    ))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::help(
        call,
        "PUBSUB",
        &[
            ("CHANNELS [<pattern>]", "Channels that somebody hears."),
            ("NUMPAT", "How many patterns somebody hears."),
            ("NUMSUB [<channel> ...]", "How many hear each channel."),
            (
                "SHARDCHANNELS [<pattern>]",
                "Shard channels that somebody hears.",
            ),
            (
                "SHARDNUMSUB [<shardchannel> ...]",
                "How many hear each shard channel.",
            ),
        ],
    )
}
