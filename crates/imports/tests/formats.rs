//! Histories of other programs.

mod kit;

use kit::{lines, messages, pack};
use maru_imports::{Format, Options};
use serde_json::Value;

fn texts(lines: &[Value]) -> Vec<(String, String, String)> {
    let field = |line: &Value, name: &str| line[name].as_str().unwrap_or("").to_owned();
    messages(lines)
        .iter()
        .map(|line| {
            (
                field(line, "sent_at"),
                field(line, "user"),
                field(line, "text"),
            )
        })
        .collect()
}

fn kakao(name: &str, text: &str) -> Vec<(String, String, String)> {
    let (lines, _) = lines(
        Format::Kakaotalk,
        name,
        text.as_bytes(),
        &Options::default(),
    )
    .expect("readable");
    assert_eq!(
        lines.iter().find(|l| l["type"] == "room").expect("a room")["room"],
        "우리 방",
        "{name}"
    );
    texts(&lines)
}

/// The same conversation in every form that is known.
#[test]
fn kakaotalk_in_all_forms() {
    let expected: Vec<(String, String, String)> = [
        ("2024-12-08T15:05:00Z", "김철수", "안녕 : 하세요"),
        ("2024-12-09T05:30:00Z", "Lee", "첫 줄\n둘째 줄"),
        ("2024-12-09T05:30:00.001Z", "Lee", "📎 사진"),
    ]
    .map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
    .into();
    for (name, text) in [
        (
            "windows-ko.txt",
            "우리 방 님과 카카오톡 대화\r\n저장한 날짜 : 2026-08-29 22:58:30\r\n\r\n--------------- 2024년 12월 9일 월요일 ---------------\r\n[김철수] [오전 12:05] 안녕 : 하세요\r\nLee님이 들어왔습니다.\r\n[Lee] [오후 2:30] 첫 줄\r\n둘째 줄\r\n[Lee] [오후 2:30] 사진\r\n",
        ),
        (
            "windows-en.txt",
            "우리 방 with KakaoTalk Chats\nDate Saved : 2026-08-29 22:58:30\n\n--------------- Monday, December 9, 2024 ---------------\n[김철수] [12:05 AM] 안녕 : 하세요\n[Lee] [2:30 PM] 첫 줄\n둘째 줄\n[Lee] [2:30 PM] 사진\n",
        ),
        (
            "android-ko.txt",
            "우리 방 5 님과 카카오톡 대화\n저장한 날짜 : 2024년 12월 9일 오후 3:39\n\n\n2024년 12월 9일 오전 12:05\n2024년 12월 9일 오전 12:05, 김철수 : 안녕 : 하세요\n2024년 12월 9일 오전 12:07, Lee님이 들어왔습니다.\n2024년 12월 9일 오후 2:30, Lee : 첫 줄\n둘째 줄\n2024년 12월 9일 오후 2:30, Lee : 사진\n",
        ),
        (
            "android-en.txt",
            "KakaoTalk Chats with 우리 방\nDate Saved : December 9, 2024, 3:39 PM\n\nDecember 9, 2024, 12:05 AM\nDecember 9, 2024, 12:05 AM, 김철수 : 안녕 : 하세요\nDecember 9, 2024, 2:30 PM, Lee : 첫 줄\n둘째 줄\nDecember 9, 2024, 2:30 PM, Lee : 사진\n",
        ),
        (
            "android-at.txt",
            "KakaoTalk Chats with 우리 방\nDate Saved : December 9, 2024 at 3:39\u{202f}p.m.\n\nDecember 9, 2024 at 12:05\u{202f}a.m., 김철수 : 안녕 : 하세요\nDecember 9, 2024 at 2:30\u{a0}p.m., Lee : 첫 줄\n둘째 줄\nDecember 9, 2024 at 2:30\u{202f}p.m., Lee : 사진\n",
        ),
        (
            "ios-ko.txt",
            "\u{feff}우리 방 님과 카카오톡 대화\n저장한 날짜 : 2024. 12. 9. 오후 3:02\n\n2024년 12월 9일 월요일\n2024. 12. 9. 오전 12:05, 김철수 : 안녕 : 하세요\n2024. 12. 9. 오전 12:09: Lee님이 들어왔습니다.\n2024. 12. 9. 오후 2:30, Lee : 첫 줄\n둘째 줄\n2024. 12. 9. 오후 2:30, Lee : 사진\n",
        ),
        (
            "ios-24.txt",
            "\u{feff}우리 방 카카오톡 대화\n저장한 날짜 : 2024. 12. 9. 15:02\n\n2024년 12월 9일 월요일\n2024. 12. 9. 00:05, 김철수 : 안녕 : 하세요\n2024. 12. 9. 14:30, Lee : 첫 줄\n둘째 줄\n2024. 12. 9. 14:30, Lee : 사진\n",
        ),
        (
            "ios-time.txt",
            "\u{feff}우리 방 님과 카카오톡 대화\n저장한 날짜 : 2024년 12월 9일 오후 3:02\n\n2024년 12월 9일 월요일\n오전 12:05, 김철수 : 안녕 : 하세요\n오전 12:06, Lee님이 들어왔습니다.\n오후 2:30, Lee : 첫 줄\n둘째 줄\n오후 2:30, Lee : 사진\n",
        ),
        (
            "ios-en.txt",
            "우리 방 with KakaoTalk Chats\nDate Saved : Dec 9, 2024 at 15:38\n\nMonday, December 9, 2024\nDec 9, 2024 at 00:05, 김철수 : 안녕 : 하세요\nDec 9, 2024 at 00:07: 김철수 invited Lee .\nDec 9, 2024 at 14:30, Lee : 첫 줄\n둘째 줄\nDec 9, 2024 at 14:30, Lee : 사진\n",
        ),
        (
            "android-old.txt",
            "KakaoTalk Chats with 우리 방\nDate Saved : x\n\n12:05AM, December 9, 2024, 김철수 : 안녕 : 하세요\n2:30PM, December 9, 2024, Lee : 첫 줄\n둘째 줄\n2:30PM, December 9, 2024, Lee : 사진\n",
        ),
        (
            "KakaoTalk_Chat_우리 방_2026-03-19-17-43-30.csv",
            "\u{feff}Date,User,Message\n2024-12-09 00:05:00,\"김철수\",\"안녕 : 하세요\"\n2024-12-09 00:06:00,\"Lee\",\"Lee님이 들어왔습니다.\n타인, 기관 등의 사칭에 유의해 주세요.\"\n2024-12-09 14:30:00,\"Lee\",\"첫 줄\n둘째 줄\"\n2024-12-09 14:30:00,\"Lee\",\"사진\"\n",
        ),
    ] {
        assert_eq!(kakao(name, text), expected, "{name}");
    }
    // CP949, as old Windows programs write.
    let text = "우리 방 님과 카카오톡 대화\r\n저장한 날짜 : x\r\n\r\n--------------- 2024년 12월 9일 월요일 ---------------\r\n[김철수] [오전 9:00] 안녕\r\n";
    let (cp949, _, _) = encoding_rs::EUC_KR.encode(text);
    let (read, _) =
        lines(Format::Kakaotalk, "old.txt", &cp949, &Options::default()).expect("readable");
    assert_eq!(texts(&read)[0].1, "김철수");
}

#[test]
fn kakaotalk_traps() {
    let head = "우리 방 님과 카카오톡 대화\n저장한 날짜 : x\n\n";
    // A quoted log in a message, a name with a colon, the same word twice in a minute.
    let text = format!(
        "{head}2024년 12월 9일 오전 9:00, 팀 : 장 : 안녕\n2024년 12월 9일 오전 9:00, 팀 : 장 : ㅋㅋ\n2024년 12월 9일 오전 9:00, 팀 : 장 : ㅋㅋ\n2023년 1월 1일 오전 8:00, 옛날 : 인용\n2024년 12월 9일 오전 9:01, 이 : 끝\n"
    );
    let said = kakao("a.txt", &text);
    let names: Vec<&str> = said.iter().map(|(_, user, _)| user.as_str()).collect();
    assert_eq!(names, ["팀___장", "팀___장", "팀___장", "이"]);
    assert_eq!(said[2].2, "ㅋㅋ\n2023년 1월 1일 오전 8:00, 옛날 : 인용");
    let ids = |text: &str| -> Vec<String> {
        let (lines, _) = lines(
            Format::Kakaotalk,
            "a.txt",
            text.as_bytes(),
            &Options::default(),
        )
        .expect("readable");
        messages(&lines)
            .iter()
            .map(|line| line["id"].to_string())
            .collect()
    };
    let all = ids(&text);
    let unique: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), 4, "ids differ");
    // Saved again later: the old part has the same ids.
    let later = format!("{text}2024년 12월 10일 오전 9:01, 이 : 더\n");
    assert_eq!(ids(&later)[..4], all[..]);
    for bad in [
        "",
        "just a text\nof two lines\n",
        "Date,User,Message\n",
        "{\"a\":1}",
    ] {
        let error = lines(
            Format::Kakaotalk,
            "a.txt",
            bad.as_bytes(),
            &Options::default(),
        );
        assert!(error.is_err(), "{bad}");
    }
}

const USERS: &str = r#"[{"id":"U1","name":"kim","profile":{"real_name":"Kim Minji","display_name":"민지"}},
 {"id":"U2","name":"lee","deleted":true,"profile":{"real_name":"Lee","email":null}},
 {"id":"U2","name":"lee"},{"name":"broken"}]"#;
const CHANNELS: &str = r#"[{"id":"C1","name":"general","created":1355517000,"members":["U1","U2"],"topic":{"value":"the\ntopic"},"pins":[{"id":"1355517523.000005"}]},
 {"id":"C2","name":"old","created":1355517000,"is_archived":true,"updated":1355603923000},
 {"id":"C3","name":"older","created":1355517000,"is_archived":true}]"#;

fn archived(lines: &[Value]) -> Vec<(&str, &str)> {
    let rooms = lines.iter().filter(|line| line["type"] == "room");
    let archived =
        rooms.filter_map(|line| Some((line["room"].as_str()?, line["archived_at"].as_str()?)));
    archived.collect()
}

#[test]
fn slack_with_threads_files_and_what_is_lost() {
    let day1 = r#"[{"type":"message","user":"U1","text":"*root* for <@U2>","ts":"1355517523.000005","thread_ts":"1355517523.000005","reply_count":1,
        "reactions":[{"name":"+1","users":["U2","U9"],"count":2}],"edited":{"user":"U1","ts":"1355517600.000000"}},
        {"type":"message","subtype":"channel_join","user":"U2","text":"joined","ts":"1355517524.000000"},
        {"type":"message","user":"U1","text":"no time","ts":"x"},{"type":"message","subtype":"bot_message","username":"ci","text":"built","ts":"1355517525.000000"}]"#;
    let day2 = r#"[{"type":"message","user":"U2","text":"late reply","ts":"1355603923.000001","thread_ts":"1355517523.000005"},
        {"type":"message","user":"U8","text":"orphan","ts":"1355603924.000001","thread_ts":"1300000000.000001",
         "files":[{"id":"F1","name":"a.txt"},{"id":"F2","name":"gone.png","mode":"hidden_by_limit"}]}]"#;
    let dm = r#"[{"type":"message","user":"U1","text":"psst","ts":"1355517530.000000"}]"#;
    let files = [
        ("users.json", USERS),
        ("channels.json", CHANNELS),
        ("dms.json", r#"[{"id":"D1","members":["U1","U2"]}]"#),
        ("general/2012-12-14.json", day1),
        ("general/2012-12-15.json", day2),
        ("general/2012-12-16.json", "broken"),
        ("D1/2012-12-14.json", dm),
        ("__uploads/F1/a.txt", "content"),
    ];
    let (lines, report) =
        lines(Format::Slack, "a.zip", &pack(&files), &Options::default()).expect("readable");
    let said = messages(&lines);
    let texts: Vec<&str> = said
        .iter()
        .filter_map(|line| line["text"].as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "**root** for @lee",
            "built",
            "psst",
            "late reply",
            "(The beginning of this thread is not in the export.)",
            "orphan\n📎 gone.png"
        ]
    );
    let root = said[0];
    assert_eq!(root["id"], "slack:C1:1355517523.000005");
    assert_eq!(
        (&root["room"], &root["user"]),
        (&"general".into(), &"kim".into())
    );
    assert_eq!(root["sent_at"], "2012-12-14T20:38:43Z");
    assert_eq!(root["edited_at"], "2012-12-14T20:40:00Z");
    assert_eq!(root["pinned"], true);
    assert_eq!(
        root["reactions"],
        serde_json::json!([{"emoji": "👍", "users": ["lee", "U9"]}])
    );
    assert_eq!(said[2]["people"], serde_json::json!(["kim", "lee"]));
    assert_eq!(said[3]["reply_to"], root["id"]);
    assert_eq!(said[5]["reply_to"], said[4]["id"]);
    assert_eq!(said[5]["files"], serde_json::json!(["slack:F1"]));
    let file = lines
        .iter()
        .find(|line| line["type"] == "file")
        .expect("a file");
    assert_eq!(
        (&file["name"], &file["data"]),
        (&"a.txt".into(), &"Y29udGVudA==".into())
    );
    let lee = lines
        .iter()
        .find(|line| line["user"] == "lee" && line["type"] == "user")
        .expect("lee");
    assert_eq!(lee["disabled"], true);
    assert_eq!(
        archived(&lines),
        [
            ("old", "2012-12-15T20:38:43Z"),
            ("older", "2012-12-14T20:30:00Z")
        ]
    );
    assert_eq!((report.messages, report.replies, report.files), (6, 2, 1));
    for lost in [
        "days that are no JSON (general/2012-12-16.json)",
        "messages with a time that cannot be",
        "notes of the system (channel_join)",
        "users that are there twice",
        "files that Slack hides on a free plan",
    ] {
        assert!(report.lost.contains_key(lost), "{lost}: {:?}", report.lost);
    }
}

#[test]
fn archives_that_are_no_exports_say_why() {
    let bomb = " ".repeat(64 << 20);
    for (files, why) in [
        (
            pack(&[("../evil.json", "[]"), ("users.json", "[]")]),
            "leads out",
        ),
        (
            pack(&[("/etc/passwd", "x"), ("users.json", "[]")]),
            "leads out",
        ),
        (pack(&[("a\\..\\b", "x")]), "leads out"),
        (pack(&[("users.json", &bomb)]), "bomb"),
        (pack(&[("readme.txt", "x")]), "no export of Slack"),
        (
            pack(&[("users.json", "{"), ("channels.json", CHANNELS)]),
            "broken",
        ),
        (
            pack(&[("users.json", "[]"), ("channels.json", "[]")]),
            "names no channels",
        ),
        (b"PK\x03\x04 not a zip".to_vec(), "not a whole zip"),
        (Vec::new(), "not a whole zip"),
    ] {
        let error = lines(Format::Slack, "a.zip", &files, &Options::default()).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
    }
    let whole = pack(&[("users.json", USERS), ("channels.json", CHANNELS)]);
    assert!(
        lines(
            Format::Slack,
            "a.zip",
            &whole[..whole.len() - 30],
            &Options::default()
        )
        .is_err()
    );
}

#[test]
fn mattermost_discord_and_tables() {
    let bulk = r#"{"type":"version","version":1}
{"type":"channel","channel":{"team":"t","name":"town","display_name":"Town Square","type":"O","header":"h"}}
{"type":"channel","channel":{"team":"t","name":"ops","display_name":"Ops","type":"P","deleted_at":1700000002000}}
{"type":"user","user":{"username":"kim","first_name":"Minji","last_name":"Kim","teams":[{"name":"t","channels":[{"name":"ops"}]}]}}
{"type":"post","post":{"team":"t","channel":"town","user":"kim","message":"**hi**","create_at":1700000000000,"is_pinned":true,"reactions":[{"user":"lee","emoji_name":"tada","create_at":1}],"replies":[{"user":"lee","message":"re","create_at":1700000000500}]}}
{"type":"post","post":{"team":"t","channel":"ops","user":"kim","message":"first","create_at":1600000000000,"attachments":[{"path":"x/y.png"}]}}
{"type":"direct_post","direct_post":{"channel_members":["kim","lee"],"user":"lee","message":"psst","create_at":1700000001000}}
not json
"#;
    let (out, report) = lines(
        Format::Mattermost,
        "a.jsonl",
        bulk.as_bytes(),
        &Options::default(),
    )
    .expect("readable");
    let said = messages(&out);
    let texts: Vec<&str> = said
        .iter()
        .filter_map(|line| line["text"].as_str())
        .collect();
    assert_eq!(texts, ["first\n📎 y.png", "**hi**", "re", "psst"]);
    assert_eq!(
        (&said[0]["kind"], &said[0]["room"]),
        (&"private".into(), &"Ops".into())
    );
    assert_eq!(said[2]["reply_to"], said[1]["id"]);
    assert_eq!(said[1]["reactions"][0]["emoji"], "🎉");
    assert_eq!(said[3]["people"], serde_json::json!(["kim", "lee"]));
    assert_eq!(archived(&out), [("Ops", "2023-11-14T22:13:22Z")]);
    assert_eq!(report.lost.get("lines that are no JSON"), Some(&1));
    assert!(lines(Format::Mattermost, "a", b"{}", &Options::default()).is_err());

    let discord = r#"{"guild":{"id":"1","name":"g"},"channel":{"id":"2","type":"GuildTextChat","name":"general","topic":"t"},
      "messages":[{"id":"10","type":"Default","timestamp":"2024-01-02T03:04:05.678+09:00","timestampEdited":null,"isPinned":true,"content":"hi <@8>",
      "author":{"id":"7","name":"kim","nickname":"김","isBot":false},"attachments":[{"id":"1","url":"u","fileName":"a.png"}],"mentions":[{"id":"8","name":"lee"}],
      "reactions":[{"emoji":{"id":"","name":"👍"},"count":1,"users":[{"id":"8","name":"lee"}]}]},
      {"id":"11","type":"Reply","timestamp":"2024-01-02T03:05:05+09:00","content":"yo","author":{"id":"8","name":"lee"},"reference":{"messageId":"10"}},
      {"id":"12","type":"GuildMemberJoin","timestamp":"2024-01-02T03:06:05+09:00","content":"Joined","author":{"id":"8","name":"lee"}}],"messageCount":3}"#;
    let (out, _) = lines(
        Format::Discord,
        "a.json",
        discord.as_bytes(),
        &Options::default(),
    )
    .expect("readable");
    let said = messages(&out);
    assert_eq!(said.len(), 2);
    assert_eq!(said[0]["text"], "hi @lee\n📎 a.png");
    assert_eq!(said[0]["sent_at"], "2024-01-01T18:04:05.678Z");
    assert_eq!(said[1]["reply_to"], "discord:10");
    assert!(lines(Format::Discord, "a.json", b"{\"a\":1}", &Options::default()).is_err());
    assert!(lines(Format::Discord, "a.json", b"[", &Options::default()).is_err());

    let table = "Date;Name;Message\n2024-01-02 03:04:05;kim;\"a;b\nc\"\nnever;kim;x\n2024-01-02 03:04:05;kim;same\n2024-01-02 03:04:05;kim;same\n";
    let options = Options {
        room: Some("old".into()),
        ..Options::default()
    };
    let (out, report) = lines(Format::Csv, "a.csv", table.as_bytes(), &options).expect("readable");
    assert_eq!(texts_of(&out), ["a;b\nc", "same", "same"]);
    assert_ne!(messages(&out)[1]["id"], messages(&out)[2]["id"]);
    assert_eq!(
        report.lost.get("lines with a time that cannot be"),
        Some(&1)
    );
    assert!(
        lines(Format::Csv, "a.csv", table.as_bytes(), &Options::default()).is_err(),
        "no room"
    );
    let columns = |names: &[&str]| Options {
        columns: names.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    };
    let bare = "7,general,kim,1704164645,hello\n";
    let (out, _) = lines(
        Format::Csv,
        "a.csv",
        bare.as_bytes(),
        &columns(&["id", "room", "user", "sent_at", "text"]),
    )
    .expect("readable");
    assert_eq!(
        (&messages(&out)[0]["id"], texts_of(&out)),
        (&"7".into(), vec!["hello".to_owned()])
    );
    let error = lines(
        Format::Csv,
        "a.csv",
        bare.as_bytes(),
        &columns(&["id", "room", "user", "text"]),
    )
    .expect_err("no time");
    assert!(error.to_string().contains("`sent_at`"), "{error}");
}

fn texts_of(lines: &[Value]) -> Vec<String> {
    messages(lines)
        .iter()
        .map(|line| line["text"].as_str().unwrap_or("").to_owned())
        .collect()
}
