//! Who is served with what, when several wait and several keys are filled in one step.

use super::super::kit::{Client, PATIENCE, Port, Reply};
use super::chance::Chance;
use super::{Redis, Request, ask, number};
use std::io::{Read, Write};
use std::time::Instant;

const SEQUENCES: u64 = 300;

/// Commands that wait, one client each; then what another client does.
struct Scene {
    waiting: Vec<Request>,
    done: Vec<Request>,
}

fn words(text: &str) -> Request {
    let words = text.split(' ').map(|word| word.as_bytes().to_vec());
    words.collect()
}

fn scene(waiting: &[&str], done: &[&str]) -> Scene {
    Scene {
        waiting: waiting.iter().map(|text| words(text)).collect(),
        done: done.iter().map(|text| words(text)).collect(),
    }
}

/// Plays a scene on a server: answers of those who waited, then of the one who acts.
fn play<S: Read + Write>(connect: &dyn Fn() -> Client<S>, scene: &Scene) -> [Vec<Reply>; 2] {
    let mut actor = connect();
    actor.ask("FLUSHALL");
    for name in ["s1", "s2"] {
        ask(
            &mut actor,
            &[
                words(&format!("XADD {name} 1-1 f v")),
                words(&format!("XGROUP CREATE {name} g $")),
            ],
        );
    }
    let mut waiting = Vec::new();
    for (at, request) in scene.waiting.iter().enumerate() {
        let mut client = connect();
        let id = client.ask("CLIENT ID").text();
        let args: Vec<&[u8]> = request.iter().map(Vec::as_slice).collect();
        client.send(&args);
        let started = Instant::now();
        let wanted = format!("blocked_clients:{}\r", at + 1);
        while !actor.ask("INFO clients").text().contains(&wanted) {
            assert!(started.elapsed() < PATIENCE, "{request:?} does not wait");
        }
        waiting.push((client, id));
    }
    let done = ask(&mut actor, &scene.done);
    for (_, id) in &waiting {
        actor.ask(&format!("CLIENT UNBLOCK {id}"));
    }
    let served = waiting.iter_mut().map(|(client, _)| client.read());
    [served.collect(), done]
}

fn compare(scenes: &[Scene]) {
    let (redis, port) = (Redis::start(), Port::open());
    for scene in scenes {
        let expected = play(&|| redis.client(), scene);
        let answered = play(&|| port.client(), scene);
        let text = |requests: &[Request]| {
            let lines = requests.iter().map(|request| {
                let words = request.iter().map(|word| String::from_utf8_lossy(word));
                words.collect::<Vec<_>>().join(" ")
            });
            lines.collect::<Vec<_>>().join("\n  ")
        };
        assert!(
            expected == answered,
            "waiting:\n  {}\nthen:\n  {}\nRedis: {expected:?}\nhere:  {answered:?}",
            text(&scene.waiting),
            text(&scene.done)
        );
    }
}

#[test]
fn the_key_that_was_filled_first_serves() {
    let lists = [
        "MULTI",
        "RPUSH k2 a",
        "RPUSH k1 b",
        "EXEC",
        "LRANGE k1 0 -1",
    ];
    let ranked = ["MULTI", "ZADD k2 1 a", "ZADD k1 2 b", "EXEC"];
    let streams = ["MULTI", "XADD s2 2-1 a b", "XADD s1 2-1 c d", "EXEC"];
    let taken_back = [
        "MULTI",
        "DEL k1",
        "RPUSH k2 a",
        "RPUSH k1 b",
        "DEL k2",
        "RPUSH k2 c",
        "EXEC",
    ];
    let scenes = [
        scene(&["BLPOP k1 k2 0"], &lists),
        scene(&["BRPOP k1 k2 0"], &lists),
        scene(&["BLMPOP 0 2 k1 k2 LEFT COUNT 2"], &lists),
        scene(&["BZPOPMIN k1 k2 0"], &ranked),
        scene(&["BZPOPMAX k1 k2 0"], &ranked),
        scene(&["BZMPOP 0 2 k1 k2 MAX"], &ranked),
        scene(&["XREAD BLOCK 0 STREAMS s1 s2 $ $"], &streams),
        scene(
            &["XREADGROUP GROUP g c BLOCK 0 STREAMS s1 s2 > >"],
            &streams,
        ),
        scene(&["BLPOP k1 k2 0", "BLPOP k1 k2 0"], &lists),
        scene(&["BLPOP k1 k2 0"], &taken_back),
        scene(
            &["BLPOP k1 k2 0"],
            &[
                "MULTI",
                "ZADD k1 1 a",
                "RPUSH k2 a",
                "DEL k1",
                "RPUSH k1 b",
                "EXEC",
            ],
        ),
        scene(
            &["BLPOP k1 k2 0", "BZPOPMIN k3 0"],
            &[
                "MULTI",
                "ZADD k1 1 a",
                "RPUSH k2 a",
                "DEL k1",
                "RPUSH k1 b",
                "EXEC",
            ],
        ),
        scene(
            &["BLMOVE k1 k2 LEFT RIGHT 0", "BLPOP k2 k3 0"],
            &[
                "MULTI",
                "RPUSH k3 c",
                "RPUSH k1 a",
                "EXEC",
                "LRANGE k3 0 -1",
            ],
        ),
        scene(
            &["XREADGROUP GROUP g c BLOCK 0 STREAMS s1 s2 > >"],
            &["MULTI", "XADD s2 2-1 a b", "DEL s1", "EXEC"],
        ),
        scene(
            &["XREADGROUP GROUP g c BLOCK 0 STREAMS s1 >"],
            &["XGROUP SETID s1 g 0", "XGROUP DESTROY s1 g"],
        ),
    ];
    compare(&scenes);
}

#[test]
fn those_who_wait_are_served_as_by_redis() {
    let first = number("MARU_DIFF_SEED", 1);
    let sequences = number("MARU_DIFF_WAITING", SEQUENCES);
    let scenes: Vec<Scene> = (first..first + sequences).map(by_chance).collect();
    compare(&scenes);
}

const WAITING: &[&str] = &[
    "BLPOP K K 0",
    "BRPOP K K K 0",
    "BLMPOP 0 2 K K LEFT",
    "BLMPOP 0 2 K K RIGHT COUNT 2",
    "BLMOVE K K LEFT RIGHT 0",
    "BRPOPLPUSH K K 0",
    "BZPOPMIN K K 0",
    "BZPOPMAX K K 0",
    "BZMPOP 0 2 K K MAX COUNT 2",
    "XREAD BLOCK 0 STREAMS s1 s2 $ $",
    "XREAD COUNT 1 BLOCK 0 STREAMS s2 s1 $ $",
    "XREADGROUP GROUP g one BLOCK 0 STREAMS s1 s2 > >",
    "XREADGROUP GROUP g two COUNT 1 BLOCK 0 STREAMS s2 > ",
];
const DONE: &[&str] = &[
    "RPUSH K a",
    "LPUSH K b c",
    "ZADD K 1 a",
    "ZADD K inf a -inf b",
    "XADD s1 * a b",
    "XADD s2 * a b",
    "DEL K",
    "LPOP K",
    "RENAME K K",
    "COPY K K REPLACE",
    "SET K v",
    "LMOVE K K LEFT LEFT",
    "SORT K ALPHA STORE K",
    "ZUNIONSTORE K 2 K K",
    "DEL s1",
    "XGROUP DESTROY s2 g",
    "XGROUP SETID s1 g 0",
];

fn by_chance(seed: u64) -> Scene {
    let mut chance = Chance::new(seed);
    let fill = |text: &str, chance: &mut Chance| -> Request {
        let words = text.split_whitespace().map(|word| match word {
            "K" => format!("k{}", chance.below(4)).into_bytes(),
            // Ids of their own, the same on both servers.
            "*" => format!("{}-1", 2 + chance.next() % 1_000_000).into_bytes(),
            word => word.as_bytes().to_vec(),
        });
        words.collect()
    };
    let waiting = (0..1 + chance.below(4))
        .map(|_| {
            let text = *chance.pick(WAITING);
            fill(text, &mut chance)
        })
        .collect();
    let mut done = Vec::new();
    for _ in 0..1 + chance.below(3) {
        let steps: Vec<Request> = (0..1 + chance.below(6))
            .map(|_| {
                let text = *chance.pick(DONE);
                fill(text, &mut chance)
            })
            .collect();
        let is_one_step = chance.one_in(2);
        if is_one_step {
            done.push(words("MULTI"));
        }
        done.extend(steps);
        if is_one_step {
            done.push(words("EXEC"));
        }
    }
    Scene { waiting, done }
}
