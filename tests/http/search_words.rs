//! Words that administrators teach search, over HTTP and through the log.

use crate::kit::{Person, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

async fn found(app: &TestApp, by: &Person, q: &str) -> Vec<u64> {
    let answer = app
        .get(&format!("/search?q={}", encoded(q)))
        .by(by)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let hits = answer.json["hits"].as_array().expect("hits");
    let ids = hits
        .iter()
        .map(|hit| hit["message"]["id"].as_u64().expect("id"));
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    ids
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn settled(app: &TestApp) {
    let search = app.services().search.clone();
    let settled = tokio::task::spawn_blocking(move || search.wait_settled(Duration::from_secs(60)));
    assert!(settled.await.expect("waits"));
}

#[tokio::test]
async fn words_are_taught_tested_and_forgotten() {
    let mut app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let room = app.room(&admin, "잡담", "public").await;
    let life = app.say(&admin, room, "이번 주도 갓생살기").await;
    let deploy = app.say(&admin, room, "배포 끝났습니다").await;
    let rollout = app.say(&admin, room, "롤아웃은 내일이에요").await;

    let test = app.post(
        "/admin/words/test",
        json!({"text": "갓생을 살자", "words": [{"word": "갓생", "pos": "noun"}]}),
    );
    let told = test.by(&admin).send().await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(told.json["tokens"][0]["text"], "갓생");
    assert_eq!(told.json["tokens"][0]["own"], true);
    assert_eq!(told.json["tokens"][0]["end"], 2);
    assert!(told.json["query"]["looks_for"].to_string().contains("갓생"));
    let kept = app.get("/admin/words").by(&admin).send().await;
    assert_eq!(kept.json["words"], json!([]), "a test keeps nothing");

    let word = json!({"word": "갓생", "pos": "noun"});
    let made = app.post("/admin/words", word).by(&admin).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json["id"].as_u64().expect("an id");
    let words = json!({"words": [
        {"word": "배포", "synonyms": ["롤아웃"]},
        {"word": "그거", "stop": true},
    ]});
    let made = app.post("/admin/words", words).by(&admin).send().await;
    assert_eq!(
        made.json["words"].as_array().map(Vec::len),
        Some(2),
        "{made:?}"
    );
    settled(&app).await;
    assert_eq!(found(&app, &admin, "갓생").await, [life]);
    assert_eq!(found(&app, &admin, "그거 배포").await, [deploy, rollout]);

    // They are in the log: another start has them, and an index that is made with them.
    app.restart().await;
    settled(&app).await;
    let kept = app.get("/admin/words").by(&admin).send().await;
    assert_eq!(kept.json["words"].as_array().map(Vec::len), Some(3));
    assert_eq!(kept.json["index"]["building"], false);
    assert_eq!(found(&app, &admin, "롤아웃").await, [deploy, rollout]);

    for path in [
        format!("/admin/words/{id}"),
        format!("/admin/words/{}", encoded("배포")),
    ] {
        assert_eq!(app.delete(&path).by(&admin).send().await.status, 204);
        assert_eq!(app.delete(&path).by(&admin).send().await.status, 404);
    }
    settled(&app).await;
    assert_eq!(found(&app, &admin, "배포").await, [deploy]);
}

#[tokio::test]
async fn a_word_that_says_nothing_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    for word in [
        json!({}),
        json!({"word": "갓생"}),
        json!({"word": "갓 생", "pos": "noun"}),
        json!({"word": "킹받", "pos": "verb"}),
        json!({"word": "갓생", "pos": "thing"}),
        json!({"word": "갓생", "pos": "noun", "kind": 1}),
    ] {
        let answer = app
            .post("/admin/words", word.clone())
            .by(&admin)
            .send()
            .await;
        assert_eq!(answer.status, 400, "{word}: {answer:?}");
    }
}

#[tokio::test]
async fn searches_of_several_people_are_popular() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let room = app.room(&admin, "개발팀", "public").await;
    app.say(&admin, room, "배포 일정 공유합니다").await;
    let mut people = Vec::new();
    for name in ["one", "two", "three"] {
        people.push(app.person(name).await);
    }
    let popular = async |by: &Person| -> Value {
        let answer = app.get("/search/suggest?q=").by(by).send().await;
        answer.json["searches"].clone()
    };
    for person in &people[..2] {
        for _ in 0..3 {
            found(&app, person, "배포 일정").await;
        }
    }
    // What only one person finds is not told to others, however many searched for it.
    let closed = app.room(&admin, "인사", "private").await;
    app.say(&admin, closed, "연봉 협상 결과").await;
    for person in &people {
        app.add(&admin, closed, person).await;
        found(&app, person, "연봉 협상").await;
    }
    assert_eq!(popular(&people[0]).await, json!(["연봉 협상"]));
    found(&app, &people[2], "배포  일정").await;
    let stranger = app.person("stranger").await;
    assert_eq!(popular(&stranger).await, json!(["배포 일정"]));
    // Nothing found: what else there is.
    let path = format!("/search?q={}", encoded("없는말이다"));
    let nothing = app.get(&path).by(&stranger).send().await;
    assert_eq!(nothing.json["total"], 0);
    assert_eq!(nothing.json["instead"]["searches"], json!(["배포 일정"]));
    assert!(!nothing.text().contains("연봉"));
}

#[tokio::test]
async fn rooms_are_suggested_by_what_is_said_in_them() {
    let app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let other = app.person("minsu").await;
    let open = app.room(&admin, "운영", "public").await;
    let closed = app.room(&admin, "비밀", "private").await;
    for _ in 0..3 {
        app.say(&admin, open, "서버 점검 안내").await;
        app.say(&admin, closed, "서버 점검 비용").await;
    }
    let rooms = async |q: &str, by: &Person| -> Vec<String> {
        let path = format!("/search/suggest?q={}", encoded(q));
        let answer = app.get(&path).by(by).send().await;
        let rooms = answer.json["rooms"].as_array().expect("rooms").clone();
        let names = rooms
            .iter()
            .map(|room| room["name"].as_str().expect("a name").to_owned());
        names.collect()
    };
    assert_eq!(rooms("점검", &other).await, ["운영"]);
    assert_eq!(rooms("점검", &admin).await, ["운영", "비밀"]);
    assert_eq!(rooms("ㅇㅇ", &other).await, ["운영"]);
    let path = format!("/search/suggest?q={}", encoded("서버 from:@mi"));
    let told = app.get(&path).by(&admin).send().await;
    assert_eq!(
        told.json["filters"],
        json!(["서버 from:@minsu", "서버 from:@admin"])
    );
}
