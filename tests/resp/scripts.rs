//! Scripts that run for long, take much or end with the server.

use super::kit::{Client, PATIENCE, Port, Reply, bulk};
use maru::cache::{Embedded, Options};
use std::time::Instant;

const FOREVER: &str = "while true do end";

fn eval(client: &mut Client, script: &str) -> Reply {
    client.call(&[b"EVAL", script.as_bytes(), b"0"])
}

/// Asks until others are told that a script runs.
fn until_busy(client: &mut Client) -> String {
    let started = Instant::now();
    loop {
        let told = client.ask("GET k").text();
        if told.starts_with("BUSY") {
            return told;
        }
        assert!(started.elapsed() < PATIENCE, "nobody is told");
    }
}

#[test]
fn a_script_that_runs_for_long_can_be_killed() {
    let port = Port::open();
    let (mut one, mut other) = (port.client(), port.client());
    other.ask("CONFIG SET busy-reply-threshold 1");
    // Whatever the script does to stay.
    for script in [
        FOREVER,
        "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() while true do end end)()",
        "while true do redis.call('get', 'k') end",
    ] {
        one.send(&[b"EVAL", script.as_bytes(), b"0"]);
        assert_eq!(
            until_busy(&mut other),
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
        );
        // Who comes only now is served, too.
        let mut third = port.client();
        assert!(third.ask("WATCH k").text().starts_with("BUSY"));
        assert!(third.ask("FUNCTION KILL").text().starts_with("BUSY"));
        assert_eq!(third.ask("MULTI").text(), "OK");
        assert!(third.ask("GET k").text().starts_with("BUSY"));
        assert_eq!(other.ask("SCRIPT KILL").text(), "OK");
        let told = one.read().text();
        assert!(
            told.starts_with("ERR Script killed by user with SCRIPT KILL... script: "),
            "{script}: {told}"
        );
        assert_eq!(
            other.ask("SCRIPT KILL").text(),
            "NOTBUSY No scripts in execution right now."
        );
        assert_eq!(one.ask("PING").text(), "PONG");
    }
}

#[test]
fn a_script_that_has_written_cannot_be_killed() {
    let port = Port::open();
    let (mut one, mut other) = (port.client(), port.client());
    other.ask("CONFIG SET busy-reply-threshold 1");
    let script = "redis.call('set', 'k', 1) local n = 0 repeat n = n + 1 until n == 3e8 return n";
    one.send(&[b"EVAL", script.as_bytes(), b"0"]);
    until_busy(&mut other);
    // A watch that ends meanwhile waits for no lock.
    assert!(other.ask("SCRIPT KILL").text().starts_with("UNKILLABLE"));
    assert_eq!(one.read(), Reply::Integer(300_000_000));
    assert_eq!(other.ask("GET k"), bulk("1"));
}

#[test]
fn the_port_closes_under_a_running_script() {
    let port = Port::open();
    let (mut one, mut other) = (port.client(), port.client());
    other.ask("CONFIG SET busy-reply-threshold 1");
    let script = "redis.call('set', 'k', 1) while true do end";
    one.send(&[b"EVAL", script.as_bytes(), b"0"]);
    until_busy(&mut other);
    let cache = port.cache.clone();
    drop(port);
    assert_eq!(cache.get(b"k").expect("read").as_deref(), Some(&b"1"[..]));
}

#[test]
fn the_memory_of_scripts_is_bounded() {
    let port = Port::open();
    let mut client = port.client();
    for script in [
        "local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end",
        "return ('x'):rep(2 ^ 30)",
        "local s = 'x' while true do s = s .. s end",
    ] {
        let told = eval(&mut client, script).text();
        assert!(told.contains("not enough memory"), "{told}");
        assert_eq!(eval(&mut client, "return 1"), Reply::Integer(1));
    }
}

#[test]
fn nothing_that_was_compiled_elsewhere_is_run() {
    let port = Port::open();
    let mut client = port.client();
    for script in [
        "return loadstring(string.dump(function() return 1 end))",
        "local done = false return load(function() if not done then done = true return '\\27Lua' end end)",
    ] {
        assert_eq!(eval(&mut client, script), Reply::Null, "{script}");
    }
    let told = client.call(&[b"EVAL", b"\x1bLua", b"0"]).text();
    assert!(told.contains("bytecode is not loaded"), "{told}");
}

#[test]
fn scripts_share_nothing_but_what_redis_lets_them() {
    let port = Port::open();
    let mut client = port.client();
    for script in [
        "setmetatable(_G, nil)",
        "rawset(_G, 'x', 1)",
        "rawset(redis, 'call', 1)",
        "table.insert(redis, 1)",
        "setfenv(0, {})",
        "getmetatable(redis).__index.call = 1",
        "setmetatable(string, {})",
        "for name, value in pairs(redis) do redis[name] = nil end",
        "local _, value = next(_G) _G[1] = value",
    ] {
        let told = eval(&mut client, script);
        assert!(matches!(told, Reply::Error(_)), "{script}: {told:?}");
    }
    assert_eq!(
        eval(
            &mut client,
            "return {redis.call('ping'), rawget(_G, 'x') == nil, ('x'):upper()}"
        )
        .items()[0]
            .text(),
        "PONG"
    );
}

#[test]
fn what_scripts_write_and_libraries_survive() {
    let dir = tempfile::tempdir().expect("a directory");
    let open = || {
        let cache = Embedded::open(Options {
            path: Some(dir.path().to_owned()),
            ..Options::default()
        });
        Port::over(cache.expect("opens"), maru::resp::Options::default())
    };
    let library =
        "#!lua name=l\nredis.register_function('f', function() return redis.call('incr', 'n') end)";
    {
        let port = open();
        let mut client = port.client();
        let script = "for i = 1, 100 do redis.call('rpush', 'l' .. i, i, ARGV[1]) end redis.call('pexpireat', 'l1', 4e12)";
        client.call(&[b"EVAL", script.as_bytes(), b"0", b"v"]);
        assert_eq!(
            client.call(&[b"FUNCTION", b"LOAD", library.as_bytes()]),
            bulk("l")
        );
        assert_eq!(client.ask("FCALL f 0"), Reply::Integer(1));
    }
    for turn in 2..4 {
        let port = open();
        let mut client = port.client();
        for i in 1..=100 {
            let held = client.ask(&format!("LRANGE l{i} 0 -1"));
            assert_eq!(held, Reply::Array(vec![bulk(&i.to_string()), bulk("v")]));
        }
        assert_eq!(
            client.ask("PEXPIRETIME l1"),
            Reply::Integer(4_000_000_000_000)
        );
        assert_eq!(client.ask("FCALL f 0"), Reply::Integer(turn));
        // The next start reads a snapshot.
        client.ask("SAVE");
    }
    let port = open();
    let mut client = port.client();
    assert_eq!(client.ask("FUNCTION FLUSH").text(), "OK");
    drop((client, port));
    assert_eq!(
        open().client().ask("FUNCTION LIST"),
        Reply::Array(Vec::new())
    );
}

#[test]
fn whoever_waits_for_what_a_script_fills_is_served_after_it() {
    let port = Port::open();
    let (mut waiting, mut other) = (port.client(), port.client());
    waiting.send(&[b"BLPOP", b"a", b"b", b"0"]);
    let started = Instant::now();
    while !other
        .ask("INFO clients")
        .text()
        .contains("blocked_clients:1")
    {
        assert!(started.elapsed() < PATIENCE, "it does not wait");
    }
    let script =
        "redis.call('rpush', 'b', 1, 2) redis.call('rpush', 'a', 3) return redis.call('llen', 'b')";
    assert_eq!(eval(&mut other, script), Reply::Integer(2));
    assert_eq!(waiting.read(), Reply::Array(vec![bulk("b"), bulk("1")]));
}

#[test]
fn no_time_passes_in_a_script() {
    let port = Port::open();
    let mut client = port.client();
    let script = "redis.call('set', 'k', 'v', 'PX', 1) local n = 0 repeat n = n + 1 until n == 3e7 return redis.call('get', 'k')";
    assert_eq!(eval(&mut client, script), bulk("v"));
}

#[test]
fn who_was_answered_in_the_same_turn_need_not_wait_for_a_script() {
    let port = Port::open();
    let (mut one, mut other, mut third) = (port.client(), port.client(), port.client());
    other.ask("CONFIG SET busy-reply-threshold 1");
    // A pipeline of another client may be read in the very turn in which the script begins.
    for _ in 0..20 {
        third.send(&[b"PING"]);
        one.send(&[b"EVAL", FOREVER.as_bytes(), b"0"]);
        let told = third.read().text();
        assert!(told == "PONG" || told.starts_with("BUSY"), "{told}");
        until_busy(&mut other);
        assert_eq!(other.ask("SCRIPT KILL").text(), "OK");
        one.read();
    }
}

#[test]
fn a_script_that_returns_an_error_has_failed() {
    let port = Port::open();
    let mut client = port.client();
    let of_eval = |client: &mut super::kit::Client<_>| {
        let stats = client.ask("INFO commandstats").text();
        let line = stats.lines().find(|line| line.starts_with("cmdstat_eval:"));
        line.unwrap_or_default().to_owned()
    };
    eval(&mut client, "return redis.pcall('select', 99)");
    let told = of_eval(&mut client);
    assert!(told.ends_with("rejected_calls=0,failed_calls=1"), "{told}");
    eval(&mut client, "redis.pcall('select', 99) return 1");
    let told = of_eval(&mut client);
    assert!(
        told.contains("calls=2,") && told.ends_with("failed_calls=1"),
        "{told}"
    );
}

#[test]
fn scripts_may_call_debug_where_that_was_asked_for() {
    let port = Port::open();
    let mut client = port.client();
    let script = "return redis.call('debug', 'protocol', 'bignum')";
    let refused = eval(&mut client, script).text();
    assert!(refused.contains("not allowed from script"), "{refused}");
    client.ask("DEBUG SET-DISABLE-DENY-SCRIPTS 1");
    let answer = eval(&mut client, script).text();
    assert!(answer.starts_with("1234567999999999999"), "{answer}");
    let slept = eval(
        &mut client,
        "redis.call('debug', 'sleep', '0.001') return 1",
    );
    assert_eq!(slept, Reply::Integer(1));
    client.ask("DEBUG SET-DISABLE-DENY-SCRIPTS 0");
    assert!(
        eval(&mut client, script)
            .text()
            .contains("not allowed from script")
    );
}
