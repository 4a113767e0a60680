//! Messages that no caller of ours would send.

use async_nats::HeaderMap;
use serde_json::Value;

use crate::support::{LONG, caller, plain_worker, raw, server};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_headers_get_errors_and_cost_nothing() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let client = raw(&server).await;
    let huge = "9".repeat(500_000);
    for (name, value) in [
        ("Plugwright-Timeout-Ms", "soon"),
        ("Plugwright-Timeout-Ms", "-1"),
        ("Plugwright-Timeout-Ms", "99999999999999999999"),
        ("Plugwright-Timeout-Ms", huge.as_str()),
        ("Plugwright-Heartbeat-Ms", "NaN"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        let answer = client.request_with_headers("plugwright.p.echo", headers, "x".into()).await.unwrap();
        let report: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(report["kind"], "Decode");
        assert!(report["message"].as_str().unwrap().contains(name), "{report}");
        assert!(answer.payload.len() < 1000);
    }
    // Headers that mean nothing here.
    let mut headers = HeaderMap::new();
    headers.insert("Plugwright-Not-Begun", "x");
    headers.insert("Nats-Service-Error-Code", "500");
    (0..1000).for_each(|number| headers.append(format!("X-{number}").as_str(), "y"));
    let answer = client.request_with_headers("plugwright.p.echo", headers, "x".into()).await.unwrap();
    assert_eq!(&answer.payload[..], b"x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_of_nothing_runs_nothing() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let client = raw(&server).await;
    let mut headers = HeaderMap::new();
    headers.insert("Plugwright-Timeout-Ms", "0");
    let answer = client.request_with_headers("plugwright.p.spin", headers, "".into()).await.unwrap();
    let report: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(report["kind"], "Timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_does_not_keep_a_worker_from_its_work() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let client = raw(&server).await;
    let noise: Vec<u8> = (0..=255).cycle().take(700_000).collect();
    for _ in 0..50 {
        // Without a place for the reply, to functions that there are not, to cancel what is not there, as answers to nothing.
        client.publish("plugwright.p.echo", noise.clone().into()).await.unwrap();
        client.publish("plugwright.p.spin", "".into()).await.unwrap();
        client.publish("plugwright-cancel.p", noise.clone().into()).await.unwrap();
        client.publish_with_reply("plugwright.p.nothing", "nowhere", noise.clone().into()).await.unwrap();
        client.publish("$SRV.PING", noise.clone().into()).await.unwrap();
        client.publish_with_reply("$SRV.MELT.p", "nowhere", "".into()).await.unwrap();
    }
    let remote = caller(&server).await.timeout(LONG);
    assert_eq!(remote.call_async::<_, String>("echo", "still here").await.unwrap(), "still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_answers_is_an_error_and_not_a_crash() {
    let server = server();
    let client = raw(&server).await;
    let mut requests = client.subscribe("plugwright.p.*").await.unwrap();
    client.flush().await.unwrap();
    let stranger = tokio::spawn(async move {
        use futures_util::StreamExt;
        while let Some(request) = requests.next().await {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Service-Error-Code", "500");
            let reply = request.reply.unwrap();
            client.publish_with_headers(reply, headers, "<html>no</html>".into()).await.unwrap();
        }
    });
    let remote = caller(&server).await.timeout(LONG);
    let error = remote.call_async::<_, String>("echo", "").await.unwrap_err();
    assert_eq!(error.kind(), &plugwright::ErrorKind::Incompatible);
    stranger.abort();
}
