//! Messages that no caller of ours would send.

use std::time::Duration;

use async_nats::HeaderMap;
use serde_json::Value;

use crate::support::{LONG, caller, plain_worker, plugin, raw, server, settled, worker};

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
    settled(&client).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_asks_for_what_the_input_has_not_is_an_error() {
    use futures_util::StreamExt;
    let server = server();
    let client = raw(&server).await;
    let mut requests = client.subscribe("plugwright.p.*").await.unwrap();
    settled(&client).await;
    let remote = caller(&server).await.timeout(LONG);
    let long = "9".repeat(100_000);
    for begin in ["", "-1", "zero", "5", "9999999999", "99999999999999999999", long.as_str()] {
        let remote = remote.clone();
        let call = tokio::spawn(async move { remote.call_async::<_, String>("echo", "12345").await });
        let reply = requests.next().await.unwrap().reply.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("Plugwright-Part", begin);
        client.publish_with_reply_and_headers(reply, "_INBOX.mine", headers, "".into()).await.unwrap();
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), &plugwright::ErrorKind::Incompatible);
        assert!(error.message().contains("of 5;") && error.message().len() < 300, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_have_a_caller_ask_for_parts_elsewhere() {
    use futures_util::StreamExt;
    let server = server();
    let client = raw(&server).await;
    let mut requests = client.subscribe("plugwright.p.*").await.unwrap();
    let mut elsewhere = client.subscribe("$JS.API.>").await.unwrap();
    settled(&client).await;
    let remote = caller(&server).await.timeout(LONG);
    let call = tokio::spawn(async move { remote.call_async::<_, String>("echo", "secret").await });
    let reply = requests.next().await.unwrap().reply.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("Plugwright-Part", "0");
    let to = "$JS.API.STREAM.DELETE.X";
    client.publish_with_reply_and_headers(reply.clone(), to, headers, "".into()).await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("Plugwright-Output-At", to);
    headers.insert("Plugwright-Output-Bytes", "10");
    client.publish_with_headers(reply, headers, "".into()).await.unwrap();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &plugwright::ErrorKind::Incompatible);
    client.publish("$JS.API.end", "end".into()).await.unwrap();
    assert_eq!(&elsewhere.next().await.unwrap().payload[..], b"end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_is_refused_ends_the_call_at_its_worker() {
    use futures_util::StreamExt;
    let server = server();
    let client = raw(&server).await;
    let mut requests = client.subscribe("plugwright.p.*").await.unwrap();
    let mut cancelled = client.subscribe("plugwright-cancel.p").await.unwrap();
    settled(&client).await;
    let remote = caller(&server).await.timeout(LONG).max_bytes(9);
    for (bytes, kind) in [
        (None, plugwright::ErrorKind::Incompatible),
        (Some("nine"), plugwright::ErrorKind::Incompatible),
        (Some("10"), plugwright::ErrorKind::Limit),
    ] {
        let remote = remote.clone();
        let call = tokio::spawn(async move { remote.call_async::<_, String>("echo", "x").await });
        let reply = requests.next().await.unwrap().reply.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("Plugwright-Output-At", "plugwright-part.p.worker.1");
        if let Some(bytes) = bytes {
            headers.insert("Plugwright-Output-Bytes", bytes);
        }
        client.publish_with_headers(reply.clone(), headers, "".into()).await.unwrap();
        assert_eq!(call.await.unwrap().unwrap_err().kind(), &kind);
        assert_eq!(cancelled.next().await.unwrap().payload, reply.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_with_one_place_for_replies_are_two_calls() {
    use futures_util::StreamExt;
    let server = server();
    let worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).concurrency(2)).await;
    let client = raw(&server).await;
    let mut replies = client.subscribe("_INBOX.same").await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("Plugwright-Heartbeat-Ms", "50");
    for function in ["plugwright.p.spin", "plugwright.p.echo"] {
        let (same, headers) = ("_INBOX.same", headers.clone());
        client.publish_with_reply_and_headers(function, same, headers, "".into()).await.unwrap();
    }
    let mut signs = 0;
    let mut ended = false;
    while signs < 3 || !ended {
        let reply = tokio::time::timeout(LONG, replies.next()).await.unwrap().unwrap();
        match reply.headers.is_some_and(|headers| headers.get("Plugwright-Heartbeat-Ms").is_some()) {
            // Those of the first call, after the second has ended.
            true if ended => signs += 1,
            true => {}
            false => ended = true,
        }
    }
    client.publish("plugwright-cancel.p", "_INBOX.same".into()).await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(worker.drain(LONG).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_no_way_to_publish_what_others_may_not() {
    use futures_util::StreamExt;
    let server = server();
    let _worker = plain_worker(&server).await;
    let client = raw(&server).await;
    let mut forbidden = client.subscribe("$KV.>").await.unwrap();
    let mut other = client.subscribe("plugwright.other.*").await.unwrap();
    settled(&client).await;
    for (subject, reply) in [
        ("plugwright.p.echo", "$KV.plugwright-plugins.p"),
        ("plugwright.p.echo", "plugwright.other.f"),
        ("$SRV.PING", "$KV.plugwright-plugins.p"),
    ] {
        client.publish_with_reply(subject, reply, "evil".into()).await.unwrap();
    }
    // Workers take requests in their order.
    let answer = client.request("plugwright.p.echo", "good".into()).await.unwrap();
    assert_eq!(&answer.payload[..], b"good");
    client.request("$SRV.PING.p", "".into()).await.unwrap();
    for subject in ["$KV.end", "plugwright.other.end"] {
        client.publish(subject, "end".into()).await.unwrap();
    }
    for subscription in [&mut forbidden, &mut other] {
        let first = tokio::time::timeout(LONG, subscription.next()).await.unwrap().unwrap();
        assert_eq!(&first.payload[..], b"end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prepares_a_plugin_cannot_be_called() {
    let server = server();
    let guest = r#"(module (func (export "_initialize") unreachable) (func (export "_start") unreachable)
        (func (export "work")))"#;
    let builder = plugwright::Plugin::builder(guest.as_bytes());
    let _worker = worker(&server, |worker| worker.plugin("p", builder)).await;
    let remote = caller(&server).await;
    for function in ["_start", "_initialize"] {
        let error = remote.call_async::<_, String>(function, "").await.unwrap_err();
        assert!(matches!(error.kind(), plugwright::ErrorKind::FunctionNotFound { .. }), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_the_client_library_cannot_read_end_neither_workers_nor_callers() {
    let server = server();
    let _worker = plain_worker(&server).await;
    // A task that panics may take seconds to say so, and what it is sent meanwhile is lost.
    let remote = caller(&server).await.wait(LONG).heartbeat(Duration::from_secs(2)).idempotent(true);
    assert_eq!(remote.call_async::<_, String>("echo", "1").await.unwrap(), "1");
    for subject in ["plugwright.p.echo", "plugwright-cancel.p", "$SRV.PING"] {
        publish_raw(&server, subject, "NATS/1.0\r\nA: b\rc\r\n\r\n").await;
        assert_eq!(remote.call_async::<_, String>("echo", "2").await.unwrap(), "2");
    }
    // The caller's inbox, of which only somebody who hears everything knows.
    let client = raw(&server).await;
    let mut requests = client.subscribe("plugwright.p.*").await.unwrap();
    // What is asked over the same connection comes after the subscription.
    client.request("plugwright.p.echo", "".into()).await.unwrap();
    assert_eq!(remote.call_async::<_, String>("echo", "3").await.unwrap(), "3");
    let reply = loop {
        let request = futures_util::StreamExt::next(&mut requests).await.unwrap();
        if request.payload == "3" {
            break request.reply.unwrap();
        }
    };
    publish_raw(&server, &reply, "NATS/1.0\r\nA: b\rc\r\n\r\n").await;
    assert_eq!(remote.call_async::<_, String>("echo", "4").await.unwrap(), "4");
}

/// Publishes an empty message with these headers, whatever they are.
async fn publish_raw(server: &plugwright_test_servers::Nats, subject: &str, headers: &str) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let length = headers.len();
    let text = format!(
        "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nHPUB {subject} {length} {length}\r\n{headers}\r\nPING\r\n"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.contains("PONG") {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "{answer}");
        answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
}
