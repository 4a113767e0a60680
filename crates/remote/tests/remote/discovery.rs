//! Workers as `nats micro ls`, `info` and `stats` see them: those send these requests.

use std::time::Duration;

use futures_util::StreamExt;
use plugwright_test_servers::Nats as Server;
use serde_json::Value;

use crate::support::{caller, plain_worker, raw, server};

/// All answers to a question, of which there are so many.
async fn ask(server: &Server, subject: &str, count: usize) -> Vec<Value> {
    let client = raw(server).await;
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await.unwrap();
    client.publish_with_reply(subject.to_owned(), inbox, "".into()).await.unwrap();
    let answers = answers.take(count).map(|answer| serde_json::from_slice(&answer.payload).unwrap());
    tokio::time::timeout(crate::support::LONG, answers.collect()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_found_described_and_counted() {
    let server = server();
    let _workers = (plain_worker(&server).await, plain_worker(&server).await);

    let pings = ask(&server, "$SRV.PING", 2).await;
    for ping in &pings {
        assert_eq!(ping["type"], "io.nats.micro.v1.ping_response");
        assert_eq!((&ping["name"], &ping["version"]), (&"p".into(), &"0.0.0".into()));
    }
    let id = pings[0]["id"].as_str().unwrap();
    assert_ne!(pings[1]["id"], id);

    let infos = ask(&server, &format!("$SRV.INFO.p.{id}"), 1).await;
    assert_eq!(infos[0]["type"], "io.nats.micro.v1.info_response");
    assert_eq!(infos[0]["id"], id);
    let endpoints = infos[0]["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 6);
    let echo = endpoints.iter().find(|endpoint| endpoint["name"] == "echo").unwrap();
    assert_eq!((&echo["subject"], &echo["queue_group"]), (&"plugwright.p.echo".into(), &"q".into()));

    let remote = caller(&server).await;
    for _ in 0..10 {
        remote.call_async::<_, String>("echo", "").await.unwrap();
    }
    remote.call_async::<_, String>("refuse", "sold out").await.unwrap_err();
    let stats = ask(&server, "$SRV.STATS.p", 2).await;
    let total = |function: &str, field: &str| -> u64 {
        let endpoints = stats.iter().flat_map(|answer| answer["endpoints"].as_array().unwrap());
        endpoints
            .filter(|endpoint| endpoint["name"] == function)
            .map(|endpoint| endpoint[field].as_u64().unwrap())
            .sum()
    };
    assert_eq!((total("echo", "num_requests"), total("echo", "num_errors")), (10, 0));
    assert_eq!((total("refuse", "num_requests"), total("refuse", "num_errors")), (1, 1));
    assert!(total("echo", "processing_time") > 0);
    assert!(stats[0]["started"].as_str().unwrap().ends_with('Z'));
    let all = stats.iter().map(Value::to_string).collect::<String>();
    assert!(all.contains("Guest: sold out"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_request_is_answered_too() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let client = raw(&server).await;
    let answer = client.request("plugwright.p.echo", "as by `nats request`".into()).await.unwrap();
    assert_eq!(&answer.payload[..], b"as by `nats request`");
    assert!(answer.headers.is_none());
    let answer = client.request("plugwright.p.refuse", "no".into()).await.unwrap();
    let headers = answer.headers.unwrap();
    assert_eq!(headers.get("Nats-Service-Error-Code").unwrap().as_str(), "500");
    assert!(headers.get("Nats-Service-Error").unwrap().as_str().starts_with("Guest: no"));
    // Longer than a sign of life would take that nobody asked for.
    let nothing =
        tokio::time::timeout(Duration::from_millis(10), client.subscribe("_INBOX.x").await.unwrap().next())
            .await;
    assert!(nothing.is_err());
}
