//! The language of search: filters among the words.

use crate::kit::TestApp;

fn encoded(text: &str) -> String {
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
