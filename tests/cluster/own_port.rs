//! A node's own Redis port as the Redis: no other server is needed for a second node.

use super::kit::{Node, Place, free_port, until};
use super::sequencer::{entered, follow};
use crate::log::sequencer_suite;
use crate::resp::kit::Port;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_node_needs_no_redis_but_the_first_nodes_port() {
    let place = Place::new();
    let port = free_port();
    let (url, listen) = (
        format!("redis://127.0.0.1:{port}"),
        format!("127.0.0.1:{port}"),
    );
    let more = ["--resp-listen", listen.as_str()];
    let mut a = Node::start_with("a", &url, &place.of("a"), "127.0.0.1:0", &more);
    let b = Node::start("b", &url, &place.of("b"));
    let token = a.sign_up("kim").await;
    let room = b.room(&token, "마루").await;
    b.post_until_taken(&token, room, "one").await;
    a.post_until_taken(&token, room, "two").await;
    let both = ["one", "two"].map(str::to_owned);
    b.reads(&token, room, &both).await;
    // Its Redis dies with it, and comes back with it.
    a.kill();
    let (status, answer) = b.post(&token, room, "three").await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (503, Some("read_only"))
    );
    assert_eq!(b.texts(&token, room).await, both);
    a.start_again();
    b.post_until_taken(&token, room, "four").await;
    a.post_until_taken(&token, room, "five").await;
    let wanted = ["one", "two", "four", "five"].map(str::to_owned);
    for node in [&a, &b] {
        until(node.name, async || {
            let texts = node.texts(&token, room).await;
            let ours: Vec<String> = texts.into_iter().filter(|text| text != "three").collect();
            ours == wanted
        })
        .await;
    }
}

#[test]
fn the_sequencer_keeps_its_contract_over_it() {
    let port = Port::open();
    let url = format!("redis://{}", port.address);
    let mut dirs = Vec::new();
    sequencer_suite(&mut || {
        port.cache.db(0).flush().expect("is flushed");
        let dir = TempDir::new().expect("a directory");
        let made = follow(&entered(&url, "a", dir.path()));
        dirs.push(dir);
        made
    });
}
