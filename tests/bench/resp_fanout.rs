//! Fan-out of Redis publications: how fast does one publisher reach many subscribers? Any number of
//! servers take turns in one run, so that they are compared on the same machine in the same minutes.
//!
//! usage: `cargo run --release --example resp-fanout -- 127.0.0.1:6379 127.0.0.1:6380`
use anyhow::{Context, ensure};
use clap::Parser;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Measures publish/subscribe of Redis servers, in turns.
#[derive(Parser)]
struct Args {
    /// Addresses of the servers.
    #[arg(required = true)]
    servers: Vec<SocketAddr>,
    /// Connections that subscribe.
    #[arg(long, default_value_t = 100)]
    subscribers: usize,
    /// Messages published in each round.
    #[arg(long, default_value_t = 5000)]
    messages: usize,
    /// Messages published before an answer must have come.
    #[arg(long, default_value_t = 16)]
    in_flight: usize,
    /// Bytes of a message.
    #[arg(long, default_value_t = 64)]
    bytes: usize,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

const CHANNEL: &str = "bench:fan-out";
const PUBLISHER: u64 = u64::MAX;
const SILENCE: Duration = Duration::from_secs(10);

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!(
        args.subscribers > 0 && args.messages > 0 && args.in_flight > 0 && args.rounds > 0,
        "all numbers must be at least 1"
    );
    let mut rates = vec![Vec::new(); args.servers.len()];
    for _ in 0..args.rounds {
        for (server, rates) in args.servers.iter().zip(&mut rates) {
            let rate = round(*server, &args).with_context(|| format!("at {server}"))?;
            rates.push(rate);
        }
    }
    let medians: Vec<f64> = rates.iter_mut().map(|rates| median(rates)).collect();
    for (server, deliveries) in args.servers.iter().zip(&medians) {
        println!(
            "{server}: {deliveries:.0} deliveries/s to {} subscribers, {:.2} times the first",
            args.subscribers,
            deliveries / medians[0],
        );
    }
    Ok(())
}

/// Deliveries per second, from the first publication until everybody has heard the last.
fn round(server: SocketAddr, args: &Args) -> anyhow::Result<f64> {
    let subscribers = (0..args.subscribers)
        .map(|_| subscribe(server))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut publisher = TcpStream::connect(server)?;
    publisher.set_nodelay(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (token, subscriber) in (0..).zip(&subscribers) {
        subscriber.set_nonblocking(true)?;
        let data = EventData::new_u64(token);
        epoll::add(&epoll, subscriber, data, EventFlags::IN)?;
    }
    let data = EventData::new_u64(PUBLISHER);
    epoll::add(&epoll, &publisher, data, EventFlags::IN)?;

    let payload = "m".repeat(args.bytes);
    let request = command(&["PUBLISH", CHANNEL, &payload]);
    let message = command(&["message", CHANNEL, &payload]);
    let answer = format!(":{}\r\n", args.subscribers);
    let mut missing = vec![message.len() * args.messages; subscribers.len()];
    let mut deaf = subscribers.len();
    let (mut sent, mut answered_bytes) = (0, 0);
    let mut events: Vec<epoll::Event> = Vec::with_capacity(1024);
    let mut heard = Vec::with_capacity(256 << 10);

    let start = Instant::now();
    while deaf > 0 || answered_bytes < answer.len() * args.messages {
        let answered = answered_bytes / answer.len();
        let now = (answered + args.in_flight).min(args.messages) - sent;
        if now > 0 {
            publisher.write_all(request.repeat(now).as_bytes())?;
            sent += now;
        }
        events.clear();
        let patience = Timespec::try_from(SILENCE)?;
        epoll::wait(&epoll, spare_capacity(&mut events), Some(&patience))?;
        ensure!(!events.is_empty(), "nothing was heard for {SILENCE:?}");
        for event in &events {
            let token = event.data.u64();
            heard.clear();
            let read = match token {
                PUBLISHER => rustix::io::read(&publisher, spare_capacity(&mut heard)),
                token => rustix::io::read(&subscribers[token as usize], spare_capacity(&mut heard)),
            };
            let read = match read {
                Err(Errno::AGAIN) => continue,
                read => read?,
            };
            ensure!(read > 0, "the server closed a connection");
            if token == PUBLISHER {
                let whole = answer.as_bytes().repeat(2 + read / answer.len());
                let at = answered_bytes % answer.len();
                ensure!(heard == whole[at..at + read], "an unexpected answer");
                answered_bytes += read;
                continue;
            }
            let missing = &mut missing[token as usize];
            let at = (message.len() - *missing % message.len()) % message.len();
            let first = &heard[..read.min(message.len() - at)];
            ensure!(
                read <= *missing && first == &message.as_bytes()[at..at + first.len()],
                "a subscriber heard something else"
            );
            *missing -= read;
            deaf -= usize::from(*missing == 0);
        }
    }
    let deliveries = args.messages * args.subscribers;
    Ok(deliveries as f64 / start.elapsed().as_secs_f64())
}

fn subscribe(server: SocketAddr) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(command(&["SUBSCRIBE", CHANNEL]).as_bytes())?;
    let confirmed = format!(
        "*3\r\n$9\r\nsubscribe\r\n${}\r\n{CHANNEL}\r\n:1\r\n",
        CHANNEL.len()
    );
    let mut answer = vec![0; confirmed.len()];
    stream.read_exact(&mut answer)?;
    ensure!(answer == confirmed.as_bytes(), "SUBSCRIBE was refused");
    Ok(stream)
}

fn command(words: &[&str]) -> String {
    let words = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.collect::<String>())
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
