//! Letters: an address counts once its link was opened, a forgotten password is set anew by one.

use crate::kit::{PASSWORD, Person, TestApp};
use maru::config::Signup;
use maru::http::Settings;
use maru::mail::Mailer;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Whom it went to, and the whole of it.
struct Received {
    to: String,
    text: String,
}

/// A mail server that takes everything.
async fn mail_server() -> (String, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, sender.clone()));
        }
    });
    (url, receiver)
}

async fn talk(stream: TcpStream, sender: mpsc::UnboundedSender<Received>) {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    let mut say = "220 mail.example ready\r\n";
    loop {
        if stream.write_all(say.as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        say = match verb.as_str() {
            "EHLO" => "250-mail.example\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.trim().to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.expect("sent");
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.expect("text");
                    if line == ".\r\n" {
                        break;
                    }
                    // A dot in front of a line is doubled (RFC 5321, 4.5.2).
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let to = std::mem::take(&mut to);
                let _ = sender.send(Received { to, text });
                "250 taken\r\n"
            }
            "QUIT" => return,
            _ => "250 ok\r\n",
        };
    }
}

async fn app(url: &str) -> TestApp {
    TestApp::with(Settings {
        signup: Signup::Open,
        public_url: Some("https://chat.example".parse().expect("an address")),
        mail: Some(Mailer::new(url, "Maru <maru@chat.example>", None).expect("a mailer")),
        ..Settings::default()
    })
    .await
}

/// The next letter, and the token of the link in it.
async fn letter(letters: &mut mpsc::UnboundedReceiver<Received>, page: &str) -> (Received, String) {
    let next = timeout(Duration::from_secs(30), letters.recv());
    let received = next.await.expect("in time").expect("a letter");
    let start = format!("https://chat.example/{page}?token=");
    // Long lines are broken as RFC 2045 says.
    let text = received.text.replace("=\r\n", "").replace("=3D", "=");
    let rest = text.split(&start).nth(1).expect("a link");
    let token = rest.split_whitespace().next().expect("a token").to_owned();
    (received, token)
}

async fn ask(app: &TestApp, person: &Person, address: &str) -> u16 {
    let new = json!({ "address": address, "current_password": PASSWORD });
    app.post("/email", new).by(person).send().await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_set_anew_by_a_letter() {
    let (url, mut letters) = mail_server().await;
    let mut app = app(&url).await;
    let root = app.admin("root").await;
    let kim = app.person("kim").await;
    assert_eq!(app.get("/server").send().await.json["mail"], true);
    // Without an address nothing is sent, and the answer is the same as for nobody.
    for name in ["kim", "nobody"] {
        let asked = app
            .post("/reset/mail", json!({ "username": name }))
            .send()
            .await;
        assert_eq!((asked.status, asked.text()), (204, String::new()));
    }
    assert_eq!(ask(&app, &kim, "kim@example.org").await, 204);
    let (received, token) = letter(&mut letters, "email").await;
    assert!(received.to.contains("<kim@example.org>"), "{}", received.to);
    assert!(
        received.text.contains("Maru <maru@chat.example>"),
        "{}",
        received.text
    );
    // It counts once the link was opened, also after a restart.
    assert_eq!(
        app.get("/email").by(&kim).send().await.json,
        json!({ "possible": true })
    );
    app.restart().await;
    for (token, status) in [("nonsense", 403), (token.as_str(), 204)] {
        let confirmed = app
            .post("/email/confirm", json!({ "token": token }))
            .send()
            .await;
        assert_eq!(confirmed.status, status, "{}", confirmed.text());
    }
    let mine = app.get("/email").by(&kim).send().await;
    assert_eq!(mine.json["address"], "kim@example.org");
    // By name and by address; the last link is the one that counts.
    for name in ["kim", "KIM@example.org"] {
        let asked = app.post("/reset/mail", json!({ "username": name }));
        assert_eq!(asked.send().await.status, 204);
    }
    let (_, first) = letter(&mut letters, "reset").await;
    let (received, second) = letter(&mut letters, "reset").await;
    assert!(
        received.text.contains("the account kim"),
        "{}",
        received.text
    );
    let password = "a new and long password";
    let used = async |token: &str| {
        let reset = json!({ "token": token, "password": password });
        app.post("/reset", reset).send().await.status
    };
    let statuses = (used(&first).await, used(&second).await, used(&second).await);
    let one_counts = matches!(statuses, (403, 204, 403) | (204, 403, 403));
    assert!(one_counts, "{statuses:?}");
    assert_eq!(
        app.get("/me").by(&kim).send().await.status,
        401,
        "sessions ended"
    );
    let login = json!({ "username": "kim", "password": password });
    let kim = app.post("/login", login).send().await;
    let kim = Person {
        id: 0,
        token: kim.json["token"].as_str().expect("a token").to_owned(),
    };
    let export = app.get("/me/export").by(&kim).send().await;
    assert_eq!(export.json["email"], "kim@example.org");
    let audit = app.get("/admin/audit?action=user.").by(&root).send().await;
    let audit = audit.text();
    assert!(
        audit.contains("user.email_set") && audit.contains("user.reset_created"),
        "{audit}"
    );
    assert!(!audit.contains("kim@example.org"), "{audit}");
    let with = json!({ "current_password": password });
    assert_eq!(
        app.delete("/email")
            .json(&with)
            .by(&kim)
            .send()
            .await
            .status,
        204
    );
    assert_eq!(
        app.get("/email").by(&kim).send().await.json,
        json!({ "possible": true })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_of_whoever_asks_and_letters_are_few() {
    let (url, mut letters) = mail_server().await;
    let app = app(&url).await;
    let kim = app.person("kim").await;
    for bad in [
        "",
        "kim",
        "a@b\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
    ] {
        assert_eq!(ask(&app, &kim, bad).await, 400, "{bad}");
    }
    let without = json!({ "address": "kim@example.org" });
    assert_eq!(
        app.post("/email", without).by(&kim).send().await.status,
        403
    );
    // In Korean where the browser asks for it.
    let new = json!({ "address": "kim@example.org", "current_password": PASSWORD });
    let asked = app
        .post("/email", new)
        .header("accept-language", "ko-KR,ko;q=0.9");
    assert_eq!(asked.by(&kim).send().await.status, 204);
    let received = timeout(Duration::from_secs(30), letters.recv()).await;
    let text = received.expect("in time").expect("a letter").text;
    assert!(text.contains("Subject: Maru: =?utf-8?"), "{text}");
    for _ in 0..4 {
        assert_eq!(ask(&app, &kim, "kim@example.org").await, 204);
    }
    assert_eq!(ask(&app, &kim, "kim@example.org").await, 429);
}

#[tokio::test]
async fn without_a_mail_server_that_is_said() {
    let app = TestApp::start().await;
    let kim = app.person("kim").await;
    assert_eq!(app.get("/server").send().await.json["mail"], false);
    assert_eq!(
        app.get("/email").by(&kim).send().await.json,
        json!({ "possible": false })
    );
    let asked = app
        .post("/reset/mail", json!({ "username": "kim" }))
        .send()
        .await;
    assert_eq!(asked.code(), "not_found");
    assert_eq!(ask(&app, &kim, "kim@example.org").await, 404);
}
