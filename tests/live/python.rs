//! The Python client: its handlers name exactly the arguments that events are documented to have.

use super::driver::Driver;
use crate::kit::TestApp;
use serde_json::json;

#[tokio::test]
async fn it_sends_hears_and_resumes() {
    let mut app = TestApp::start().await;
    let kim = app.person("kim").await;
    let room = app.room(&kim, "room", "public").await;
    for transport in ["websocket", "polling"] {
        let options = json!({ "auth": { "token": kim.token }, "transports": [transport] });
        let mut client = Driver::python(&app.origin(), options).await;
        // Its handlers run on threads, so in any order.
        let both = [client.next().await, client.next().await];
        let connect = both.iter().find(|what| what["is"] == "connect");
        assert_eq!(connect.expect("connect")["transport"], transport);
        assert!(both.iter().any(|what| what["name"] == "ready"), "{both:?}");
        client.tell(json!({ "ask": ["message.send", { "room_id": room, "text": "first" }] }));
        // So do its own event and the answer.
        let both = [client.next().await, client.next().await];
        let answer = both
            .iter()
            .find(|what| what["is"] == "answer")
            .expect("an answer");
        assert_eq!(answer["args"][0]["ok"], true, "{both:?}");
        let event = both
            .iter()
            .find(|what| what["is"] == "event")
            .expect("an event");
        assert_eq!(event["args"][0]["message"]["text"], "first", "{both:?}");
        for round in 0..2 {
            if round == 0 && transport == "websocket" {
                client.tell(json!({ "cut": null }));
                client.find("disconnect").await;
                app.say(&kim, room, &format!("missed {round}")).await;
            } else {
                app.say(&kim, room, &format!("missed {round}")).await;
                app.restart().await;
            }
            let event = loop {
                let what = client.find("event").await;
                if what["name"] == "message.created" {
                    break what;
                }
            };
            assert_eq!(
                event["args"][0]["message"]["text"],
                format!("missed {round}")
            );
            client.tell(json!({ "settle": null }));
            client.find("settled").await;
        }
    }
}
