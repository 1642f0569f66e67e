//! Files: sent whole or in pieces, read by whom the room lets read, gone with their message.

use crate::kit::{Answer, Person, TestApp};
use serde_json::{Value, json};

/// A picture of one pixel.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\x0dIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub async fn send(app: &TestApp, person: &Person, name: &str, content: &[u8]) -> Answer {
    let mut body = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    let request = app.request("POST", "/files").by(person);
    request
        .bytes("multipart/form-data; boundary=edge", body)
        .send()
        .await
}

pub async fn post(app: &TestApp, person: &Person, room: u64, text: &str, file: &Value) -> Answer {
    let body = json!({ "text": text, "file_ids": [file] });
    let path = format!("/rooms/{room}/messages");
    app.post(&path, body).by(person).send().await
}

#[tokio::test]
async fn a_file_is_its_senders_until_a_message_carries_it() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let max = app.person("max").await;
    let room = app.room(&kim, "room", "private").await;
    app.add(&kim, room, &lee).await;
    let sent = send(&app, &kim, "../사진.png", PNG).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let file = &sent.json;
    assert_eq!(
        (&file["name"], &file["mime"]),
        (&json!("사진.png"), &json!("image/png"))
    );
    assert_eq!(
        (&file["width"], &file["height"], &file["size"]),
        (&json!(1), &json!(1), &json!(PNG.len()))
    );
    assert!(file["thumbnail"].is_object());
    let path = format!("/files/{}", file["id"]);
    assert_eq!(app.get(&path).by(&kim).send().await.status, 200);
    assert_eq!(app.get(&path).by(&lee).send().await.status, 404);
    // Somebody else's file cannot be posted, nor one that is not there.
    assert_eq!(
        post(&app, &lee, room, "mine", &file["id"]).await.status,
        404
    );
    let mut socket = app.socket(&lee).await;
    let message = post(&app, &kim, room, "", &file["id"]).await;
    assert_eq!(message.status, 201, "{}", message.text());
    assert_eq!(&message.json["files"], &json!([file]));
    let heard = socket.find("message.created").await;
    assert_eq!(&heard["message"]["files"], &json!([file]));
    let read = app.get(&path).by(&lee).send().await;
    assert_eq!((read.status, &read.body[..]), (200, PNG));
    assert_eq!(app.get(&path).by(&max).send().await.status, 404);
    assert_eq!(app.get(&path).send().await.status, 401);
    let small = app.get(&format!("{path}/thumbnail")).by(&lee).send().await;
    assert_eq!(
        (small.status, small.header("content-type")),
        (200, Some("image/png"))
    );
    assert_eq!(
        app.get(&format!("{path}/thumbnail"))
            .by(&max)
            .send()
            .await
            .status,
        404
    );
    // Once only.
    assert_eq!(
        post(&app, &kim, room, "again", &file["id"]).await.status,
        404
    );
    let shared = app
        .get(&format!("/rooms/{room}/files"))
        .by(&lee)
        .send()
        .await;
    assert_eq!(&shared.json["files"][0]["file"], file);
    assert_eq!(shared.json["files"][0]["message"]["id"], message.json["id"]);
    let hidden = app
        .get(&format!("/rooms/{room}/files"))
        .by(&max)
        .send()
        .await;
    assert_eq!(hidden.status, 404);
    // It goes with its message.
    let gone = app
        .delete(&format!("/messages/{}", message.json["id"]))
        .by(&kim)
        .send()
        .await;
    assert!(gone.status < 300, "{}", gone.text());
    assert_eq!(app.get(&path).by(&kim).send().await.status, 404);
    let shared = app
        .get(&format!("/rooms/{room}/files"))
        .by(&lee)
        .send()
        .await;
    assert_eq!(shared.json["files"], json!([]));
}

#[tokio::test]
async fn what_is_sent_runs_nowhere() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (name, content, mime, how) in [
        ("a.png", &svg[..], "text/plain; charset=utf-8", "attachment"),
        (
            "a.html",
            b"<script>alert(1)</script>",
            "text/plain; charset=utf-8",
            "attachment",
        ),
        ("a.txt", PNG, "image/png", "inline"),
        (
            "a.png",
            b"\x89PNG\r\n\x1a\nno",
            "application/octet-stream",
            "attachment",
        ),
        ("empty", b"", "text/plain; charset=utf-8", "attachment"),
        (
            "a.html",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            "application/pdf",
            "inline",
        ),
        (
            "a.pdf",
            b"<script>alert(1)</script>",
            "text/plain; charset=utf-8",
            "attachment",
        ),
    ] {
        let sent = send(&app, &kim, name, content).await;
        assert_eq!(sent.status, 201, "{name}: {}", sent.text());
        assert_eq!(sent.json["mime"], mime, "{name}");
        let read = app
            .get(&format!("/files/{}", sent.json["id"]))
            .by(&kim)
            .send()
            .await;
        assert_eq!(read.body, content);
        assert_eq!(read.header("content-type"), Some(mime));
        let disposition = read.header("content-disposition").expect("is there");
        assert!(disposition.starts_with(how), "{disposition}");
        let policy = read.header("content-security-policy").expect("a policy");
        assert_eq!(policy, "default-src 'none'; sandbox");
        assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
        let saved = format!("/files/{}?download=true", sent.json["id"]);
        let saved = app.get(&saved).by(&kim).send().await;
        let disposition = saved.header("content-disposition").expect("is there");
        assert!(disposition.starts_with("attachment"), "{disposition}");
    }
}

#[tokio::test]
async fn parts_are_read_and_known_ones_are_not_sent_again() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    let content: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let sent = send(&app, &kim, "a.bin", &content).await;
    let path = format!("/files/{}", sent.json["id"]);
    let part = app
        .get(&path)
        .by(&kim)
        .header("range", "bytes=100000-100009");
    let part = part.send().await;
    assert_eq!(
        (part.status, &part.body[..]),
        (206, &content[100_000..100_010])
    );
    assert_eq!(
        part.header("content-range"),
        Some("bytes 100000-100009/200000")
    );
    let behind = app
        .get(&path)
        .by(&kim)
        .header("range", "bytes=200000-")
        .send()
        .await;
    assert_eq!(behind.status, 416);
    let tag = part.header("etag").expect("a tag").to_owned();
    let known = app
        .get(&path)
        .by(&kim)
        .header("if-none-match", &tag)
        .send()
        .await;
    assert_eq!(known.status, 304);
    let head = app.request("HEAD", &path).by(&kim).send().await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("200000"))
    );
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn an_upload_goes_on_where_it_broke_off() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let lee = app.person("lee").await;
    let content: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let new = json!({ "name": "b.bin", "size": content.len() });
    let begun = app.post("/uploads", new).by(&kim).send().await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let path = format!("/uploads/{}", begun.json["id"].as_str().expect("a name"));
    let piece = |app: &TestApp, from: usize, to: usize| {
        let request = app.request("PATCH", &path).by(&kim);
        let request = request.header("upload-offset", &from.to_string());
        request.bytes(
            "application/offset+octet-stream",
            content[from..to].to_vec(),
        )
    };
    let first = piece(&app, 0, 40_000).send().await;
    assert_eq!(first.json["offset"], 40_000, "{}", first.text());
    assert_eq!(piece(&app, 0, 10).send().await.status, 409);
    app.restart().await;
    let come = app.get(&path).by(&kim).send().await;
    assert_eq!((come.status, &come.json["offset"]), (200, &json!(40_000)));
    assert_eq!(app.get(&path).by(&lee).send().await.status, 404);
    let last = piece(&app, 40_000, content.len()).send().await;
    assert_eq!(last.status, 200, "{}", last.text());
    let file = &last.json["file"];
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("b.bin"), &json!(content.len()))
    );
    // Whoever lost the answer can ask again.
    let again = app.get(&path).by(&kim).send().await;
    assert_eq!(&again.json["file"], file);
    let read = app
        .get(&format!("/files/{}", file["id"]))
        .by(&kim)
        .send()
        .await;
    assert_eq!(read.body, content);
}

#[tokio::test]
async fn files_have_their_limits() {
    let settings = maru::http::Settings {
        signup: maru::config::Signup::Open,
        ..maru::http::Settings::default()
    };
    let app = TestApp::planned(settings, |plan| {
        plan.max_file_bytes = 100_000;
        plan.files_max_bytes = Some(150_000);
    })
    .await;
    let kim = app.person("kim").await;
    let large = send(&app, &kim, "a", &vec![7; 200_000]).await;
    assert_eq!((large.status, large.code()), (413, "too_large"));
    assert_eq!(large.json["error"]["details"]["limit"], 100_000);
    let new = json!({ "name": "a", "size": 200_000 });
    assert_eq!(app.post("/uploads", new).by(&kim).send().await.status, 413);
    let first = send(&app, &kim, "a", &vec![1; 90_000]).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let full = send(&app, &kim, "a", &vec![2; 90_000]).await;
    assert_eq!((full.status, full.code()), (507, "storage_full"));
    // What is taken back makes room, and the same content counts once.
    let path = format!("/files/{}", first.json["id"]);
    assert_eq!(app.delete(&path).by(&kim).send().await.status, 204);
    assert_eq!(send(&app, &kim, "a", &vec![2; 90_000]).await.status, 201);
    let nothing = app.request("POST", "/files").by(&kim);
    let nothing = nothing.bytes("multipart/form-data; boundary=x", b"--x--\r\n".to_vec());
    assert_eq!(nothing.send().await.status, 400);
    let json = app.post("/files", json!({})).by(&kim).send().await;
    assert_eq!(json.status, 415);
}
