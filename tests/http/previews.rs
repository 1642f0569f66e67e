//! Pages that messages link to, and what messages said before they were edited.

use super::files;
use crate::kit::{Pages, Person, Socket, TestApp};
use maru::config::Signup;
use maru::domain::Timestamp;
use maru::http::Settings;
use serde_json::{Value, json};
use std::collections::HashMap;

const HTML: &str = "text/html; charset=utf-8";

fn pictured(picture: &str) -> Vec<u8> {
    let html = format!("<title>그림</title><meta property=og:image content='{picture}'>");
    Pages::page(HTML, html)
}

/// Of one colour, with a note of where it was taken.
fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([9, 80, 70]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    let written = picture.write_to(&mut bytes, image::ImageFormat::Png);
    written.expect("writes");
    bytes.into_inner()
}

async fn site() -> Pages {
    Pages::start(|url| {
        HashMap::from([
            (
                "/news",
                Pages::page(
                    HTML,
                    "<title>다른</title><meta property=og:title content='새 마루'>\
                     <meta property=og:description content='나무 냄새'>\
                     <meta property=og:site_name content='마을 소식'>",
                ),
            ),
            ("/shown", pictured("pictures/wide.png")),
            ("/lying", pictured("/lying.png")),
            ("/inner", pictured("http://169.254.169.254/x.png")),
            ("/dot", pictured("/dot.png")),
            (
                "/pictures/wide.png",
                Pages::page("image/png", png(960, 480)),
            ),
            ("/dot.png", Pages::page("image/png", png(1, 1))),
            (
                "/lying.png",
                Pages::page("image/png", "<svg><script>alert(1)</script></svg>"),
            ),
            ("/plain", Pages::page(HTML, "<title>그냥 제목</title>")),
            (
                "/site",
                Pages::page(
                    HTML,
                    "<title>제목</title><meta property=og:site_name content=마을>",
                ),
            ),
            (
                "/data",
                Pages::page("application/json", "{\"title\":\"x\"}"),
            ),
            (
                "/moved",
                format!("302 Found\r\nlocation: {url}/plain\r\ncontent-length: 0\r\n\r\n").into(),
            ),
            (
                "/inside",
                "302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                    .into(),
            ),
            (
                "/round",
                format!("302 Found\r\nlocation: {url}/round\r\ncontent-length: 0\r\n\r\n").into(),
            ),
            (
                "/large",
                Pages::page(HTML, format!("<title>큰</title>{}", "x".repeat(2 << 20))),
            ),
        ])
    })
    .await
}

async fn looking() -> TestApp {
    let settings = Settings {
        signup: Signup::Open,
        ..Settings::default()
    };
    TestApp::planned(settings, |plan| plan.link_previews = true).await
}

/// The previews of a message once it has some.
async fn shown(socket: &mut Socket, message: u64) -> Value {
    loop {
        let event = socket.find("message.updated").await;
        if event["message_id"] == message {
            return event["message"]["previews"].clone();
        }
    }
}

async fn now(app: &TestApp, person: &Person, message: u64) -> Value {
    let path = format!("/messages/{message}");
    let message = app.get(&path).by(person).send().await.json;
    message.get("previews").cloned().unwrap_or_default()
}

#[tokio::test]
async fn what_a_page_says_stands_below_the_message_that_links_to_it() {
    let mut app = looking().await;
    let site = site().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    let mut socket = app.socket(&lee).await;
    let url = &site.url;
    let text = format!("보세요 {url}/news, {url}/data {url}/moved");
    let said = app.say(&kim, room, &text).await;
    let wanted = json!([
        { "url": format!("{url}/news"), "title": "새 마루", "description": "나무 냄새", "site": "마을 소식" },
        { "url": format!("{url}/moved"), "title": "그냥 제목" },
    ]);
    assert_eq!(shown(&mut socket, said).await, wanted);
    let message = app.get(&format!("/messages/{said}")).by(&lee).send().await;
    assert_eq!(message.json["edited_at"], Value::Null, "nobody edited it");
    // The same page again is remembered.
    let again = app.say(&lee, room, &format!("{url}/news")).await;
    assert_eq!(shown(&mut socket, again).await[0], wanted[0]);
    assert_eq!(site.asked("/news"), 1);
    let site_alone = app.say(&kim, room, &format!("{url}/site")).await;
    let site_alone_wanted =
        json!([{ "url": format!("{url}/site"), "title": "제목", "site": "마을" }]);
    assert_eq!(shown(&mut socket, site_alone).await, site_alone_wanted);
    app.restart().await;
    assert_eq!(now(&app, &kim, said).await, wanted);
    assert_eq!(now(&app, &kim, site_alone).await, site_alone_wanted);

    // A link that is edited out takes its preview along.
    let mut socket = app.socket(&lee).await;
    let edit = json!({ "text": format!("nur {url}/news") });
    let path = format!("/messages/{said}");
    app.patch(&path, edit).by(&kim).send().await;
    let left = socket.find("message.updated").await["message"]["previews"].clone();
    assert_eq!(left, json!([wanted[0]]));

    // Who sent it takes them off, for good; others do not.
    let previews = format!("{path}/previews");
    assert_eq!(app.delete(&previews).by(&lee).send().await.status, 403);
    let bare = app.delete(&previews).by(&kim).send().await;
    assert_eq!((bare.status, bare.json.get("previews")), (200, None));
    let more = json!({ "text": format!("noch {url}/news {url}/plain") });
    app.patch(&path, more).by(&kim).send().await;
    let last = app.say(&kim, room, &format!("{url}/large")).await;
    assert_eq!(shown(&mut socket, last).await[0]["title"], "큰");
    assert_eq!(now(&app, &kim, said).await, Value::Null);
}

#[tokio::test]
async fn the_picture_of_a_page_is_made_small_and_kept_here_as_long_as_its_message() {
    let app = looking().await;
    let site = site().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "private").await;
    let mut socket = app.socket(&kim).await;
    let url = &site.url;
    let said = app.say(&kim, room, &format!("{url}/shown")).await;
    let shown = shown_picture(&mut socket, said).await;
    assert_eq!(
        shown,
        json!({ "width": 480, "height": 240 }),
        "without its name"
    );
    let path = format!("/messages/{said}/previews/0/picture");
    let read = app.get(&path).by(&kim).send().await;
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(read.header("content-type"), Some("image/jpeg"));
    let policy = read.header("content-security-policy");
    assert_eq!(policy, Some("default-src 'none'; sandbox"));
    let small = image::load_from_memory(&read.body).expect("a picture");
    assert_eq!((small.width(), small.height()), (480, 240));
    assert_eq!(site.asked("/pictures/wide.png"), 1);
    // Who may not read the message is told nothing, and there is no second one.
    assert_eq!(app.get(&path).by(&lee).send().await.status, 404);
    assert_eq!(app.get(&path).send().await.status, 401);
    let second = format!("/messages/{said}/previews/1/picture");
    assert_eq!(app.get(&second).by(&kim).send().await.status, 404);

    // What is no picture, lies inside or counts readers is none; the words stay.
    for page in ["lying", "inner", "dot"] {
        let said = app.say(&kim, room, &format!("{url}/{page}")).await;
        assert_eq!(
            shown_picture(&mut socket, said).await,
            Value::Null,
            "{page}"
        );
    }

    // The same page again is the same content; it goes with the last message that shows it.
    let contents = || {
        let read = app.services().engine.read().expect("a state");
        read.contents().expect("reads").len()
    };
    let again = app.say(&kim, room, &format!("{url}/shown")).await;
    shown_picture(&mut socket, again).await;
    assert_eq!(contents(), 1);
    app.delete(&format!("/messages/{said}"))
        .by(&kim)
        .send()
        .await;
    assert_eq!(contents(), 1);
    assert_eq!(app.get(&path).by(&kim).send().await.status, 404);
    let edit = json!({ "text": "anders" });
    app.patch(&format!("/messages/{again}"), edit)
        .by(&kim)
        .send()
        .await;
    assert_eq!(contents(), 0);
}

async fn shown_picture(socket: &mut Socket, message: u64) -> Value {
    let previews = shown(socket, message).await;
    assert_eq!(previews[0]["title"], "그림");
    previews[0]["picture"].clone()
}

#[tokio::test]
async fn nothing_inside_is_asked_and_nothing_without_the_setting() {
    let site = site().await;
    let url = &site.url;
    let app = looking().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    let mut socket = app.socket(&kim).await;
    let text = format!("{url}/inside {url}/round `{url}/news`");
    let nothing = app.say(&kim, room, &text).await;
    let last = app.say(&kim, room, &format!("{url}/plain")).await;
    assert_eq!(shown(&mut socket, last).await[0]["title"], "그냥 제목");
    assert_eq!(now(&app, &kim, nothing).await, Value::Null);
    assert_eq!(site.asked("/news"), 0, "an example in code is no link");

    let off = TestApp::start().await;
    let kim = off.person("kim").await;
    let room = off.room(&kim, "room", "public").await;
    let asked = site.asked("/plain");
    let said = off.say(&kim, room, &format!("{url}/plain")).await;
    off.settled().await;
    assert_eq!(now(&off, &kim, said).await, Value::Null);
    assert_eq!(site.asked("/plain"), asked);
}

#[tokio::test]
async fn administrators_read_what_was_edited_where_that_is_kept() {
    let keeping = Settings {
        signup: Signup::Open,
        edit_history: true,
        ..Settings::default()
    };
    for (settings, kept) in [(keeping, 2), (Settings::default(), 0)] {
        let mut app = TestApp::with(settings).await;
        let (kim, admin) = (app.person("kim").await, app.admin("admin").await);
        let room = app.room(&kim, "room", "public").await;
        let said = app.say(&kim, room, "첫 글").await;
        let path = format!("/messages/{said}");
        for text in ["둘째 글", "셋째 글"] {
            let edit = json!({ "text": text });
            assert_eq!(app.patch(&path, edit).by(&kim).send().await.status, 200);
        }
        app.restart().await;
        let history = format!("{path}/history");
        assert_eq!(app.get(&history).by(&kim).send().await.status, 403);
        let texts = app.get(&history).by(&admin).send().await.json["texts"].take();
        let texts = texts.as_array().expect("texts").iter();
        let texts: Vec<&str> = texts.filter_map(|old| old["text"].as_str()).collect();
        assert_eq!(texts, ["첫 글", "둘째 글"][..kept]);
        // What is deleted is deleted whole.
        app.delete(&path).by(&kim).send().await;
        let texts = app.get(&history).by(&admin).send().await.json["texts"].take();
        assert_eq!(texts, json!([]));
        let closed = app.room(&kim, "closed", "private").await;
        let hidden = app.say(&kim, closed, "x").await;
        let history = format!("/messages/{hidden}/history");
        assert_eq!(app.get(&history).by(&admin).send().await.status, 404);
    }
}

#[tokio::test]
async fn files_wait_with_a_scheduled_message() {
    let mut app = TestApp::start().await;
    let (kim, lee) = (app.person("kim").await, app.person("lee").await);
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    let mut ids = Vec::new();
    for name in ["a.png", "b.png"] {
        let file = files::send(&app, &kim, name, files::PNG).await.json;
        ids.push(file["id"].clone());
    }
    let path = format!("/rooms/{room}/scheduled");
    let send_at = json!(Timestamp(maru::engine::now().0 + 3_600_000));
    let later = |ids: Vec<&Value>| json!({ "text": "", "send_at": send_at, "file_ids": ids });
    let theirs = app.post(&path, later(vec![&ids[0]])).by(&lee).send().await;
    assert_eq!(theirs.status, 404, "somebody else's file");
    let empty = app.post(&path, later(vec![])).by(&kim).send().await;
    assert_eq!(empty.status, 400, "neither text nor file");
    let made = app.post(&path, later(vec![&ids[0]])).by(&kim).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json["files"][0]["name"], "a.png");
    let other = app
        .post(&path, later(vec![&ids[1]]))
        .by(&kim)
        .send()
        .await
        .json;
    // They are taken: no message, no second one carries them, and they are not taken back.
    assert_eq!(
        files::post(&app, &kim, room, "x", &ids[0]).await.status,
        404
    );
    let twice = app.post(&path, later(vec![&ids[0]])).by(&kim).send().await;
    assert_eq!(twice.status, 404);
    let file = format!("/files/{}", ids[0]);
    assert_eq!(app.delete(&file).by(&kim).send().await.status, 404);
    app.restart().await;
    assert_eq!(app.get(&file).by(&kim).send().await.status, 200);
    assert_eq!(app.get(&file).by(&lee).send().await.status, 404);
    let send = format!("/scheduled/{}/send", made.json["id"]);
    let sent = app.post(&send, json!({})).by(&kim).send().await;
    assert_eq!((sent.status, &sent.json["files"][0]["id"]), (200, &ids[0]));
    assert_eq!(app.get(&file).by(&lee).send().await.status, 200);
    // Given up, they go.
    let given_up = format!("/scheduled/{}", other["id"]);
    assert_eq!(app.delete(&given_up).by(&kim).send().await.status, 204);
    let file = format!("/files/{}", ids[1]);
    assert_eq!(app.get(&file).by(&kim).send().await.status, 404);
}
