//! A Redis behind a line that leads nowhere, that is a replica, that fails over, that is another's.

use super::kit::{Node, Place, Redis, Sentinel, refused, until};
use super::proxy::Proxy;
use std::time::{Duration, Instant};

/// Of its return.
const BACK: Duration = Duration::from_secs(5);
/// A connection that was used within it is taken as it is.
const QUIET: Duration = Duration::from_millis(1_100);

/// Two nodes, the second one behind a line.
struct Two {
    // Nodes end before their Redis, and that before its folder.
    a: Node,
    b: Node,
    proxy: Proxy,
    token: String,
    room: u64,
    _redis: Redis,
    _place: Place,
}

impl Two {
    async fn start() -> Two {
        let (redis, place) = (Redis::start(), Place::new());
        let proxy = Proxy::to(redis.port).await;
        let a = Node::start("a", &redis.url(), &place.of("a"));
        let b = Node::start("b", &proxy.url(), &place.of("b"));
        let token = a.sign_up("kim").await;
        let room = a.room(&token, "마루").await;
        Two {
            a,
            b,
            proxy,
            token,
            room,
            _redis: redis,
            _place: place,
        }
    }

    fn parts(&self) -> (&Node, &Node, &Proxy, &str, u64) {
        (&self.a, &self.b, &self.proxy, &self.token, self.room)
    }
}

async fn refuses(node: &Node, token: &str, room: u64, what: &str) {
    let began = Instant::now();
    let (status, answer) = node.post(token, room, what).await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("read_only")),
        "{answer}"
    );
    assert!(began.elapsed() < Duration::from_secs(2), "{what}");
    let (status, ready) = crate::crash::raw(node.address, "/readyz").await;
    assert_eq!(status, 503, "{ready}");
    // Reading goes on.
    node.texts(token, room).await;
}

/// What was answered with "not known" may have been done.
async fn all_read(nodes: &[&Node], token: &str, room: u64, wanted: &[&str]) {
    for node in nodes {
        until(node.name, async || {
            let texts = node.texts(token, room).await;
            let ours = texts.iter().filter(|text| !text.starts_with("away"));
            ours.eq(wanted)
        })
        .await;
    }
    until("one hash", async || {
        let status = nodes[0].status();
        let told = status["nodes"].as_array().expect("nodes").clone();
        told.iter().all(|node| node["hash"] == told[0]["hash"])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_leads_nowhere_stops_one_node_and_no_other() {
    let two = Two::start().await;
    let (a, b, proxy, token, room) = two.parts();
    b.post_until_taken(token, room, "one").await;
    for round in 0..2 {
        // So long that the connection is not believed in: the node asks before it appends.
        let quiet = Instant::now();
        until("quiet", async || quiet.elapsed() > QUIET).await;
        proxy.hold(true);
        refuses(b, token, room, &format!("away {round}")).await;
        a.post_until_taken(token, room, &format!("two {round}"))
            .await;
        proxy.hold(false);
        let began = Instant::now();
        b.post_until_taken(token, room, &format!("three {round}"))
            .await;
        assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    }
    let wanted = ["one", "two 0", "three 0", "two 1", "three 1"];
    all_read(&[a, b], token, room, &wanted).await;
}

/// Not a line that is dead: one that takes what is said and brings nothing, and then hangs up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_line_loses_is_neither_missing_nor_there_twice() {
    let two = Two::start().await;
    let (a, b, proxy, token, room) = two.parts();
    b.post_until_taken(token, room, "one").await;
    proxy.lose(true);
    refuses(b, token, room, "away").await;
    proxy.lose(false);
    let began = Instant::now();
    b.post_until_taken(token, room, "two").await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    proxy.cut(true);
    refuses(b, token, room, "away, too").await;
    a.post_until_taken(token, room, "three").await;
    proxy.cut(false);
    let began = Instant::now();
    b.post_until_taken(token, room, "four").await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    all_read(&[a, b], token, room, &["one", "two", "three", "four"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_far_away_is_slow_and_takes_part() {
    let two = Two::start().await;
    let (a, b, proxy, token, room) = two.parts();
    proxy.delay(Duration::from_millis(100));
    let mut wanted = Vec::new();
    for turn in 0..5 {
        for node in [a, b] {
            let text = format!("{turn} on {}", node.name);
            let (status, answer) = node.post(token, room, &text).await;
            assert_eq!(status, 201, "{answer}");
            wanted.push(text);
        }
    }
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    all_read(&[a, b], token, room, &wanted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_becomes_a_replica_takes_no_writes() {
    let (redis, place) = (Redis::start(), Place::new());
    let [a, b, c] = place.three(&redis);
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    a.post_until_taken(&token, room, "one").await;
    redis.cli(&["REPLICAOF", "127.0.0.1", "1"]);
    refuses(&b, &token, room, "away").await;
    redis.cli(&["REPLICAOF", "NO", "ONE"]);
    let began = Instant::now();
    c.post_until_taken(&token, room, "two").await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    all_read(&[&a, &b, &c], &token, room, &["one", "two"]).await;
}

/// As after REPLICAOF and back while entries come so fast that nobody waits for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_of_another_name_on_the_same_connection_is_noticed() {
    let place = Place::new();
    let redis = Redis::start_with(&["--enable-debug-command", "yes"]);
    let a = Node::start("a", &redis.url(), &place.of("a"));
    let b = Node::start("b", &redis.url(), &place.of("b"));
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    let mut wanted = Vec::new();
    for round in 0..4 {
        redis.cli(&["DEBUG", "CHANGE-REPL-ID"]);
        // Who waits for entries keeps its connection, who appends gets another one.
        for client in redis.cli(&["CLIENT", "LIST"]).lines() {
            let id = client
                .split(' ')
                .next()
                .and_then(|id| id.strip_prefix("id="));
            if !client.contains("flags=b") && !client.contains("cmd=client") {
                redis.cli(&["CLIENT", "KILL", "ID", id.expect("an id")]);
            }
        }
        let began = Instant::now();
        for node in [&a, &b] {
            let text = format!("{round} on {}", node.name);
            node.post_until_taken(&token, room, &text).await;
            wanted.push(text);
        }
        assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    }
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    all_read(&[&a, &b], &token, room, &wanted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_follow_a_failover() {
    let (mut first, place) = (Redis::start(), Place::new());
    let port = first.port.to_string();
    let second = Redis::start_with(&["--replicaof", "127.0.0.1", &port]);
    until("in step", async || {
        first.cli(&["INFO", "replication"]).contains("state=online")
    })
    .await;
    let sentinel = Sentinel::of(&first);
    until("the replica is known", async || {
        sentinel
            .cli(&["SENTINEL", "replicas", "main"])
            .contains(&second.port.to_string())
    })
    .await;
    let nodes = ["a", "b"].map(|name| Node::start(name, &sentinel.url(), &place.of(name)));
    let [a, b] = &nodes;
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    a.post_until_taken(&token, room, "one").await;
    b.post_until_taken(&token, room, "two").await;
    first.kill();
    refuses(a, &token, room, "away").await;
    until("another one is named", async || {
        second.cli(&["ROLE"]).starts_with("master")
    })
    .await;
    let began = Instant::now();
    a.post_until_taken(&token, room, "three").await;
    b.post_until_taken(&token, room, "four").await;
    assert!(began.elapsed() < BACK, "{:?}", began.elapsed());
    all_read(&[a, b], &token, room, &["one", "two", "three", "four"]).await;
    // People who were signed in still are.
    assert_eq!(b.call(&token, "GET", "/me", None).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_clusters_redis_is_not_written_to() {
    let (mut ours, theirs, place) = (Redis::start(), Redis::start(), Place::new());
    let a = Node::start("a", &ours.url(), &place.of("a"));
    let other = Node::start("other", &theirs.url(), &place.of("other"));
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    a.post_until_taken(&token, room, "one").await;
    other.sign_up("lee").await;
    drop(a);
    let why = refused("a", &theirs.url(), &place.of("a"));
    assert!(why.contains("another cluster"), "{why}");
    // Also when it stands where the own one stood.
    let a = Node::start("a", &ours.url(), &place.of("a"));
    ours.kill();
    let ends = theirs.cli(&["XINFO", "STREAM", "maru:log"]);
    drop(other);
    let theirs = theirs.move_to(ours.port);
    until("noticed", async || {
        let trouble = a.status()["trouble"].to_string();
        trouble.contains("another cluster")
    })
    .await;
    refuses(&a, &token, room, "away").await;
    assert_eq!(theirs.cli(&["XINFO", "STREAM", "maru:log"]), ends);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_would_evict_is_noticed_while_it_runs() {
    let (mut redis, place) = (Redis::start(), Place::new());
    let a = Node::start("a", &redis.url(), &place.of("a"));
    let token = a.sign_up("kim").await;
    let room = a.room(&token, "마루").await;
    redis.kill();
    redis.start_again_with(&["--maxmemory-policy", "allkeys-lru"]);
    until("noticed", async || {
        a.status()["trouble"].to_string().contains("allkeys-lru")
    })
    .await;
    refuses(&a, &token, room, "away").await;
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    redis.cli(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    a.post_until_taken(&token, room, "one").await;
}
