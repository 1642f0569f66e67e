//! The language of search: filters among the words.

use crate::kit::TestApp;

pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn filters_are_typed_among_the_words() {
    let app = TestApp::start().await;
    let one = app.person("minsu").await;
    let other = app.person("yuna").await;
    let open = app.room(&one, "개발팀", "public").await;
    let closed = app.room(&one, "인사", "private").await;
    app.add(&one, open, &other).await;
    let plan = app.say(&one, open, "배포 계획 초안입니다").await;
    let last = app
        .say(&other, open, "배포 계획 확인했어요 https://example.com")
        .await;
    let secret = app.say(&one, closed, "배포 담당자 평가").await;
    let named = app.say(&one, open, "@yuna 배포 부탁드려요").await;
    let found = async |q: &str, by| {
        let path = format!("/search?q={}", encoded(q));
        let answer = app.get(&path).by(by).send().await;
        assert_eq!(answer.status, 200, "{q}: {answer:?}");
        let hits = answer.json["hits"].as_array().expect("hits").clone();
        let mut ids: Vec<u64> = hits
            .iter()
            .map(|hit| hit["message"]["id"].as_u64().expect("id"))
            .collect();
        ids.sort_unstable();
        ids
    };
    for (q, expected) in [
        ("배포 from:@yuna", vec![last]),
        ("배포 from:me", vec![plan, secret, named]),
        ("배포 in:#개발팀", vec![plan, last, named]),
        ("배포 in:인사", vec![secret]),
        ("배포 -초안 in:개발팀", vec![last, named]),
        ("has:link", vec![last]),
        ("배포 on:오늘 has:링크", vec![last]),
        ("배포 before:어제", vec![]),
        ("to:yuna", vec![named]),
    ] {
        assert_eq!(found(q, &one).await, expected, "{q}");
    }
    assert_eq!(found("배포 to:me", &other).await, [named]);

    // A room of others is as good as none, and what is wrong is told with its place.
    for q in [
        "배포 in:인사",
        "배포 in:없는방",
        "from:nobody",
        "on:언젠가",
        "has:",
    ] {
        let path = format!("/search?q={}", encoded(q));
        let answer = app.get(&path).by(&other).send().await;
        assert_eq!(answer.status, 400, "{q}: {answer:?}");
        let message = answer.json["error"]["message"].to_string();
        assert!(message.contains("characters"), "{q}: {message}");
    }
    let missing = async |q: &str| {
        let path = format!("/search?q={}", encoded(q));
        let answer = app.get(&path).by(&other).send().await;
        answer.json["error"]["message"]
            .to_string()
            .replace("인사", "없음")
    };
    assert_eq!(missing("in:인사").await, missing("in:없음").await);
}

#[tokio::test]
async fn files_saves_threads_and_surroundings_are_found() {
    let app = TestApp::start().await;
    let one = app.person("minsu").await;
    let other = app.person("yuna").await;
    let room = app.room(&one, "개발팀", "public").await;
    app.add(&one, room, &other).await;
    let mut said = Vec::new();
    for text in ["첫째 말", "둘째 말", "보고서 초안", "넷째 말", "다섯째 말"] {
        said.push(app.say(&one, room, text).await);
    }
    let file = super::files::send(&app, &one, "2026_1분기_실적보고서.png", super::files::PNG).await;
    let sent = super::files::post(&app, &one, room, "자료입니다", &file.json["id"]).await;
    let with_file = sent.json["id"].as_u64().expect("id");
    let path = format!("/rooms/{room}/messages");
    let reply = serde_json::json!({"text": "답합니다", "reply_to": said[0]});
    let reply = app.post(&path, reply).by(&other).send().await;
    let reply = reply.json["id"].as_u64().expect("id");
    app.put(&format!("/messages/{}/save", said[1]))
        .by(&other)
        .send()
        .await;
    let found = async |query: &str, by| {
        let answer = app.get(&format!("/search?{query}")).by(by).send().await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let hits = answer.json["hits"].as_array().expect("hits").clone();
        let mut ids: Vec<u64> = hits
            .iter()
            .map(|hit| hit["message"]["id"].as_u64().expect("id"))
            .collect();
        ids.sort_unstable();
        ids
    };
    for (query, expected) in [
        (format!("q={}", encoded("실적보고서")), vec![with_file]),
        (format!("q={}", encoded("보고서 has:file")), vec![with_file]),
        ("has=image".to_owned(), vec![with_file]),
        (format!("q={}", encoded("has:사진")), vec![with_file]),
        ("is=thread".to_owned(), vec![said[0], reply]),
        (format!("q={}", encoded("답합니다 is:thread")), vec![reply]),
        ("is=saved".to_owned(), vec![said[1]]),
        (format!("q={}", encoded("말 is:saved")), vec![said[1]]),
        ("from=yuna".to_owned(), vec![reply]),
        (format!("in={}&from=yuna", encoded("개발팀")), vec![reply]),
        (format!("on={}&has=file", encoded("오늘")), vec![with_file]),
        (format!("during={}&has=file", encoded("지난주")), vec![]),
        (
            format!("after={}&has=file", encoded("어제")),
            vec![with_file],
        ),
    ] {
        assert_eq!(found(&query, &other).await, expected, "{query}");
    }
    assert_eq!(found("is=saved", &one).await, [0; 0]);

    let query = format!("/search?context=2&q={}", encoded("초안"));
    let answer = app.get(&query).by(&other).send().await;
    let context = &answer.json["hits"][0]["context"];
    let ids = |side: &str| -> Vec<u64> {
        let side = context[side].as_array().expect("messages");
        side.iter().map(|m| m["id"].as_u64().expect("id")).collect()
    };
    assert_eq!(ids("before"), said[..2]);
    assert_eq!(ids("after"), said[3..]);

    // What is wrong is told with its place, or with its field.
    let answer = app
        .get(&format!("/search?q={}", encoded("말 is:젖은")))
        .by(&one)
        .send()
        .await;
    assert_eq!(
        answer.json["error"]["details"]["place"],
        serde_json::json!([2, 7])
    );
    for (query, field) in [
        ("context=6", "context"),
        ("is=wet", "is"),
        ("from=nobody", "from"),
    ] {
        let answer = app
            .get(&format!("/search?q=a&{query}"))
            .by(&one)
            .send()
            .await;
        assert_eq!(
            (answer.status, &answer.json["error"]["details"]["field"]),
            (400, &serde_json::json!(field))
        );
    }
}
