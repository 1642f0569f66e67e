//! Moving in from other programs.

use super::run::Place;
use std::io::Write;

const KAKAO: &str = "우리 방 님과 카카오톡 대화\n저장한 날짜 : 2024년 12월 9일 오후 3:39\n\n2024년 12월 9일 오전 9:05, 김철수 : 안녕\n2024년 12월 9일 오전 9:06, Lee : 둘째\n";

fn slack(place: &Place, name: &str, files: &[(&str, &str)]) {
    let file = std::fs::File::create(place.dir.path().join(name)).expect("made");
    let mut zip = zip::ZipWriter::new(file);
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).expect("begins");
        zip.write_all(text.as_bytes()).expect("writes");
    }
    zip.finish().expect("ends");
}

#[test]
fn a_kakaotalk_conversation_comes_once() {
    let place = Place::new();
    place.file("talk.txt", KAKAO);
    let import = ["import", "--format", "kakaotalk", "talk.txt"];
    let dry = place.run(&[&import[..], &["--dry-run"]].concat()).ok();
    assert!(
        dry.starts_with("2 messages") && dry.contains("dry run"),
        "{dry}"
    );
    let done = place.run(&import).ok();
    assert!(done.starts_with("2 messages loaded"), "{done}");
    let exported = place.run(&["export"]).ok();
    assert_eq!(exported.lines().count(), 2, "{exported}");
    // Whoever came this way sets a password by a link of their own.
    let links = place.run(&["user", "claim"]).ok();
    assert_eq!(links.lines().count(), 2, "{links}");
    assert!(
        links.contains("김철수\t") && links.contains("/reset?token="),
        "{links}"
    );
    assert!(
        exported.contains(r#""sent_at":"2024-12-09T00:05:00.000Z""#),
        "{exported}"
    );
    place.run(&import).ok();
    place.file(
        "talk.txt",
        &format!("{KAKAO}2024년 12월 10일 오후 1:00, Lee : 새것\n"),
    );
    place.run(&import).ok();
    assert_eq!(place.run(&["export"]).ok().lines().count(), 3);
    place.file("who", "김철수, chulsoo\n");
    let other = [
        "import",
        "--format",
        "kakaotalk",
        "talk.txt",
        "--room",
        "다른 방",
        "--map-users",
        "who",
    ];
    place.run(&other).ok();
    let exported = place.run(&["export"]).ok();
    assert!(exported.contains(r#""room":"다른 방""#) && exported.contains(r#""user":"chulsoo""#));
    place.file("no.txt", "nothing of the kind\n");
    let error = place
        .run(&["import", "--format", "kakaotalk", "no.txt"])
        .failed(1);
    assert!(error.contains("KakaoTalk"), "{error}");
    place.run(&["import", "talk.txt", "--room", "x"]).failed(2);
}

#[test]
fn a_slack_archive_comes_with_its_threads_and_files() {
    let place = Place::new();
    let files = [
        (
            "users.json",
            r#"[{"id":"U1","name":"kim","profile":{"real_name":"Kim"}},{"id":"U2","name":"ci","is_bot":true}]"#,
        ),
        (
            "channels.json",
            r#"[{"id":"C1","name":"general","members":["U1"]}]"#,
        ),
        (
            "groups.json",
            r#"[{"id":"G1","name":"secret","members":["U1"]}]"#,
        ),
        (
            "general/2020-01-01.json",
            r#"[{"type":"message","user":"U1","text":"root","ts":"1577836800.000100","thread_ts":"1577836800.000100"},
          {"type":"message","user":"U2","text":"reply","ts":"1577836900.000100","thread_ts":"1577836800.000100","files":[{"id":"F1","name":"a.txt"}]}]"#,
        ),
        (
            "secret/2020-01-01.json",
            r#"[{"type":"message","user":"U1","text":"psst","ts":"1577836850.000100"}]"#,
        ),
        ("__uploads/F1/a.txt", "the content"),
    ];
    slack(&place, "a.zip", &files);
    place.run(&["import", "--format", "slack", "a.zip"]).ok();
    let all = place.run(&["export", "--all"]).ok();
    let said: Vec<&str> = all
        .lines()
        .filter(|line| line.contains(r#""id":"slack:"#))
        .collect();
    assert_eq!(said.len(), 3, "{all}");
    assert!(
        all.contains(r#""reply_to":"slack:C1:1577836800.000100""#),
        "{all}"
    );
    assert!(all.contains(r#""room":"secret","kind":"private""#), "{all}");
    let again = place.run(&["import", "--format", "slack", "a.zip"]).ok();
    assert!(again.starts_with("0 messages loaded"), "{again}");
    assert!(
        place
            .run(&["check"])
            .ok()
            .contains("3 of them in the index")
    );
}

#[test]
fn a_broken_archive_is_one_sentence_and_leaves_nothing() {
    let place = Place::new();
    slack(
        &place,
        "climbs.zip",
        &[("../../evil.json", "[]"), ("users.json", "[]")],
    );
    place.file("torn.zip", "PK\u{3}\u{4}torn");
    for (name, why) in [("climbs.zip", "leads out"), ("torn.zip", "zip archive")] {
        let error = place.run(&["import", "--format", "slack", name]).failed(1);
        assert!(error.contains(why), "{error}");
        assert_eq!(error.trim().lines().count(), 1, "{error}");
    }
    assert!(!place.dir.path().join("evil.json").exists());
    for format in ["mattermost", "discord", "csv"] {
        place
            .run(&["import", "--format", format, "torn.zip"])
            .failed(1);
    }
}

#[test]
fn files_that_an_archive_only_names_are_fetched_where_that_is_wanted() {
    use std::io::{BufRead, BufReader};
    let place = Place::new();
    place.file("maru.toml", "outbound-allow = [\"127.0.0.0/8\"]\n");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let server = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().expect("asked");
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
            reader.read_line(&mut line).expect("read");
            while reader.read_line(&mut String::new()).expect("read") > 2 {}
            let answer = if line.contains("/good") {
                "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nfetched"
            } else {
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
            };
            stream.write_all(answer.as_bytes()).expect("answered");
        }
    });
    let said = format!(
        r#"[{{"type":"message","user":"U1","text":"two","ts":"1577836800.000100","files":[
          {{"id":"F1","name":"a.txt","url_private_download":"{url}/good?t=xoxe"}},
          {{"id":"F2","name":"b.txt","url_private_download":"{url}/gone?t=xoxe"}}]}}]"#
    );
    let files = [
        ("users.json", r#"[{"id":"U1","name":"kim"}]"#),
        ("channels.json", r#"[{"id":"C1","name":"general"}]"#),
        ("general/2020-01-01.json", said.as_str()),
    ];
    slack(&place, "a.zip", &files);
    let import = ["import", "--format", "slack", "a.zip", "--fetch-files"];
    // Nobody is asked by a dry run.
    place.run(&[&import[..], &["--dry-run"]].concat()).ok();
    place.run(&import).ok();
    server.join().expect("both were asked for");
    let all = place.run(&["export", "--all"]).ok();
    assert!(all.contains(r#""name":"a.txt""#), "{all}");
    assert!(
        all.contains("ZmV0Y2hlZA==") && all.contains("📎 b.txt"),
        "{all}"
    );
    assert!(!all.contains("xoxe"), "{all}");
    place
        .run(&["import", "--format", "csv", "a.zip", "--fetch-files"])
        .failed(2);
}

/// What is in the file is told in one sentence, with what to do; nothing comes of it.
#[test]
fn what_cannot_be_read_is_told_with_the_remedy() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..4_000_u32).map(|n| (n * n % 251) as u8).collect();
    std::fs::write(place.dir.path().join("noise"), bytes).expect("written");
    std::fs::create_dir(place.dir.path().join("folder")).expect("made");
    let line = r#"{"id":"5","room":"hall","user":"kim","sent_at":"2026-01-01T00:00:00Z","text":""#;
    // 한글 as old Windows programs write it.
    let line = [line.as_bytes(), b"\xc7\xd1\xb1\xdb\"}\n"].concat();
    std::fs::write(place.dir.path().join("old.jsonl"), line).expect("written");
    for (format, file, remedy) in [
        ("slack", "noise", "export it again"),
        ("slack", "folder", "name the zip file"),
        ("discord", "noise", "export it again as JSON"),
        ("mattermost", "noise", "no bulk export of Mattermost"),
        ("kakaotalk", "noise", "no conversation saved by KakaoTalk"),
        ("jsonl", "old.jsonl", "save the file as UTF-8"),
    ] {
        let done = place.run(&["import", "--format", format, file]);
        let err = done.failed(1);
        assert!(err.contains(remedy), "{format} {file}: {err}");
        let strange = |c: char| c == '\u{fffd}' || (c.is_control() && c != '\n');
        assert!(!err.contains(strange), "{format} {file}: {err:?}");
    }
    let all = place.run(&["export", "--all"]).ok();
    assert!(!all.contains("\"text\""), "{all}");
}
