//! What is known of connections.

use super::super::super::call::Call;
use super::super::super::client::Client;
use super::super::super::failure::{Answer, Failure};
use super::super::super::number;
use super::super::super::out::Protocol;

/// One line, as Redis writes it.
pub fn line(client: &Client) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let [channels, patterns, sharded] = client.hears;
    let command = client.last_row.map_or("NULL", |row| &row.full_name);
    let waits = client.backlog_bytes();
    // Small answers fit into the buffer that every client has.
    let (small, listed) = if waits <= SMALL_BYTES {
        (waits, 0)
    } else {
        (0, waits)
    };
    let queued = client.queue.as_ref();
    let queued = queued.map_or(-1, |queue| queue.commands.len() as i64);
    // As Redis counts them: a long argument has the buffer to itself.
    let held = client.held.len() - client.parser.before_long().min(client.held.len());
    let query = client.query_bytes.max(held);
    let protocol = if client.protocol == Protocol::Resp3 {
        3
    } else {
        2
    };
    format!(
        "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub={channels} psub={patterns} \
         ssub={sharded} multi={queued} qbuf={query} qbuf-free={} argv-mem={} multi-mem={} rbs={} rbp={} obl={small} \
         oll={} omem={listed} tot-mem={} events={} cmd={command} user={} redir={} resp={protocol} lib-name={} \
         lib-ver={}",
        client.id,
        client.address,
        client.local_address,
        std::os::fd::AsRawFd::as_raw_fd(&client.stream),
        text(&client.name),
        client.since.elapsed().as_secs(),
        client.last_used.elapsed().as_secs(),
        client.flags(),
        client.db,
        client.held.capacity().saturating_sub(client.held.len()),
        client.query_bytes,
        client.queued_bytes(),
        client.out.bytes.capacity().clamp(1024, SMALL_BYTES),
        client.out.bytes.len(),
        u8::from(listed > 0),
        client.memory_bytes(),
        if client.wants_write { "rw" } else { "r" },
        text(&client.user.name),
        redirect(client),
        text(&client.library),
        text(&client.library_version),
    )
}

/// An answer up to this length is no list of buffers.
const SMALL_BYTES: usize = 16 << 10;

fn redirect(client: &Client) -> i64 {
    match &client.tracking {
        None => -1,
        Some(tracking) => tracking.redirect.unwrap_or(0) as i64,
    }
}

pub fn info(call: &mut Call<'_>) -> Answer {
    let line = line(call.client()) + "\n";
    call.out.verbatim("txt", &line);
    Ok(())
}

/// Whether a client is of a type that Redis knows; `None` if Redis does not know the type.
pub fn is_of_type(client: &Client, name: &[u8]) -> Option<bool> {
    let hears = client.subscriptions() > 0;
    match name.to_ascii_lowercase().as_slice() {
        b"normal" => Some(!hears),
        b"pubsub" => Some(hears),
        b"master" | b"replica" | b"slave" => Some(false),
        _ => None,
    }
}

pub fn unknown_type(name: &[u8]) -> Failure {
    Failure::of(format!(
        "ERR Unknown client type '{}'",
        String::from_utf8_lossy(name)
    ))
}

pub fn list(call: &mut Call<'_>) -> Answer {
    let mut lines = String::new();
    if call.args.len() == 4 && call.is(2, "TYPE") {
        let name = call.args[3];
        for (_, client) in &call.world.clients {
            if is_of_type(client, name).ok_or_else(|| unknown_type(name))? {
                lines.push_str(&line(client));
                lines.push('\n');
            }
        }
        let client = call.client();
        is_of_type(client, name).ok_or_else(|| unknown_type(name))?;
    } else if call.args.len() > 3 && call.is(2, "ID") {
        for id in &call.args[3..] {
            let id = number::integer(id).ok_or(Failure::new("ERR Invalid client ID"))?;
            let token = u64::try_from(id)
                .ok()
                .and_then(|id| call.world.token_of(id));
            if let Some(token) = token {
                lines.push_str(&line(&call.world.clients[token]));
                lines.push('\n');
            }
        }
    } else if call.args.len() > 2 {
        return Err(Failure::SYNTAX);
    } else {
        for (_, client) in &call.world.clients {
            lines.push_str(&line(client));
            lines.push('\n');
        }
    }
    call.out.verbatim("txt", &lines);
    Ok(())
}
