//! Figures for dashboards: of all that was written, and no words of closed rooms.

use crate::kit::TestApp;
use serde_json::json;

#[tokio::test]
async fn figures_follow_what_is_written_and_tell_no_closed_words() {
    let mut app = TestApp::start().await;
    let admin = app.admin("admin").await;
    let people = [
        app.person("kim").await,
        app.person("lee").await,
        app.person("park").await,
    ];
    let hall = app.room(&people[0], "hall", "public").await;
    let secret = app.room(&people[0], "secret", "private").await;
    for person in &people {
        if person.id != people[0].id {
            app.add(&people[0], hall, person).await;
            app.add(&people[0], secret, person).await;
        }
        app.say(person, hall, "배포는 금요일").await;
        app.say(person, secret, "연봉은 비밀").await;
        app.get("/search?q=nosuchthingatall")
            .by(person)
            .send()
            .await;
    }
    let stats = app.get("/admin/stats").by(&admin).send().await;
    assert_eq!(stats.status, 200, "{}", stats.text());
    assert_eq!(stats.json["totals"]["messages"], 6);
    assert_eq!(stats.json["totals"]["active_1d"], 3);
    let last = stats.json["days"]
        .as_array()
        .and_then(|days| days.last())
        .expect("a day");
    assert_eq!((&last["messages"], &last["active"]), (&json!(6), &json!(3)));
    assert_eq!(
        stats.json["words"][0],
        json!({"word": "금요일", "count": 3, "before": 0})
    );
    assert!(!stats.text().contains("연봉") && !stats.text().contains("secret"));
    assert_eq!(
        stats.json["rooms"][0],
        json!({"room_id": hall, "name": "hall", "messages": 3})
    );
    assert_eq!(
        stats.json["rooms"][1],
        json!({"room_id": null, "name": null, "messages": 3})
    );
    assert_eq!(stats.json["searches"]["without_result"], 3);
    let speed = &stats.json["speed"];
    let rows = speed["rows"].as_array().expect("hours");
    for of in ["latency", "delivery"] {
        let all = &speed[of];
        let hours = rows.iter().filter_map(|row| row[of]["count"].as_u64());
        assert_eq!(all["count"].as_u64(), Some(hours.sum()), "{speed}");
        assert!(all["count"].as_u64() >= Some(6), "{speed}");
        assert!(all["p50_ms"].as_f64() <= all["p95_ms"].as_f64(), "{speed}");
        assert!(all["p50_ms"].as_f64() > Some(0.0), "{speed}");
    }
    let acknowledged = speed["latency"]["count"].as_u64();
    assert_eq!(
        stats.json["searches"]["questions"][0]["q"],
        "nosuchthingatall"
    );
    app.say(&people[0], hall, "one more").await;
    let csv = app.get("/admin/stats?format=csv").by(&admin).send().await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.text().trim_end().ends_with(",7,3,3"), "{}", csv.text());
    // What was searched and counted outlives the process, and nothing is counted twice.
    app.restart().await;
    app.say(&people[0], hall, "after the restart").await;
    let csv = app.get("/admin/stats?format=csv").by(&admin).send().await;
    assert!(csv.text().trim_end().ends_with(",8,3,3"), "{}", csv.text());
    let stats = app.get("/admin/stats").by(&admin).send().await;
    assert_eq!(
        stats.json["searches"]["questions"][0]["q"],
        "nosuchthingatall"
    );
    let after = stats.json["speed"]["latency"]["count"].as_u64();
    assert!(after > acknowledged, "{after:?} {acknowledged:?}");
    let days = app
        .get("/admin/stats?from=2020-01-01")
        .by(&admin)
        .send()
        .await;
    let row = &days.json["speed"]["rows"][0];
    assert_eq!(row["at"].as_str().map(str::len), Some(10), "{row}");
    let csv = app.get("/admin/stats?format=csv&table=speed").by(&admin);
    let csv = csv.send().await.text();
    let line = csv.lines().nth(1).expect("an hour");
    assert_eq!(line.split(',').count(), 9, "{csv}");
    // Without the file, messages are counted from the state again.
    app.stop().await;
    std::fs::write(app.path().join("figures"), b"damaged").expect("written");
    app.restart().await;
    let csv = app.get("/admin/stats?format=csv").by(&admin).send().await;
    assert!(csv.text().trim_end().ends_with(",8,3,0"), "{}", csv.text());
    for bad in [
        "from=x",
        "from=2026-02-01&to=2026-01-01",
        "format=xml",
        "format=csv&table=x",
    ] {
        let answer = app
            .get(&format!("/admin/stats?{bad}"))
            .by(&admin)
            .send()
            .await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert_eq!(
        app.get("/admin/stats").by(&people[0]).send().await.status,
        403
    );
}
