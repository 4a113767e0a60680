//! Deadlines and sizes.

use std::time::Duration;

use plugwright::ErrorKind;
use plugwright_test_servers::Nats as Server;

use crate::support::{LONG, caller, plain_worker, plugin, raw, server, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_the_call_on_its_worker_too() {
    let server = server();
    let _worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).concurrency(1)).await;
    let remote = caller(&server).await;
    let error = remote
        .clone()
        .timeout(Duration::from_millis(200))
        .call_async::<_, String>("spin", "")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert_eq!((error.plugin(), error.function()), (Some("p"), Some("spin")));
    // The only place is free again.
    assert_eq!(remote.call_async::<_, String>("echo", "free").await.unwrap(), "free");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workers_own_deadline_holds_for_callers_without_one() {
    let server = server();
    let own = plugin("plain").timeout(Duration::from_millis(200));
    let _worker = worker(&server, |worker| worker.plugin("p", own).concurrency(1)).await;
    let remote = caller(&server).await;
    for timeout in [None, Some(LONG), None] {
        let remote = timeout.map_or(remote.clone(), |timeout| remote.clone().timeout(timeout));
        let error = remote.call_async::<_, String>("spin", "").await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Timeout);
        // That of the worker says where.
        assert!(error.backtrace().is_some(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_the_server_goes_in_parts() {
    let server = Server::setup().setting("max_payload: 65536").start().unwrap();
    let _worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).concurrency(2)).await;
    let remote = caller(&server).await;
    let calls = [65_536 - 1024, 65_536 - 1023, 65_536, 5_000_001].map(|length: u32| {
        let remote = remote.clone();
        tokio::spawn(async move {
            let input: Vec<u8> = (0..length).map(|index| (index * 7 % 251) as u8).collect();
            let output: Vec<u8> = remote.call_async("echo", &input[..]).await.unwrap();
            assert!(output == input, "{length} bytes in, {} bytes out", output.len());
        })
    });
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(remote.call_async::<_, Vec<u8>>("large", "").await.unwrap().len(), 2_000_000);
    // An error is made to fit.
    let error = remote.call_async::<_, String>("refuse", vec![b'"'; 300_000]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Guest { code: 7, .. }), "{error}");
    // A deadline holds for parts too.
    let error = remote.timeout(Duration::ZERO).call_async::<_, Vec<u8>>("echo", vec![0; 5_000_000]).await;
    assert_eq!(error.unwrap_err().kind(), &ErrorKind::Timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_parts_hears_of_the_servers_limit() {
    let server = Server::setup().setting("max_payload: 65536").start().unwrap();
    let _worker = plain_worker(&server).await;
    let answer = raw(&server).await.request("plugwright.p.large", "".into()).await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(report["kind"], "Limit");
    let text = report["message"].as_str().unwrap();
    let limit = (65_536 - 1024).to_string();
    assert!(text.contains(&limit) && text.contains("2000000") && text.contains("max_payload"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_allows_so_many_bytes() {
    let server = server();
    let worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).concurrency(1)).await;
    let remote = caller(&server).await.max_bytes(1_500_000);
    for (function, bytes) in [("echo", 1_500_001), ("large", 2_000_000)] {
        let input = if function == "echo" { vec![0; bytes] } else { Vec::new() };
        let error = remote.call_async::<_, Vec<u8>>(function, input).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Limit);
        let text = error.to_string();
        assert!(text.contains("max_bytes") && text.contains(&bytes.to_string()), "{text}");
    }
    assert_eq!(remote.call_async::<_, Vec<u8>>("echo", vec![0; 1_500_000]).await.unwrap().len(), 1_500_000);
    assert_eq!(worker.drain(LONG).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_nobody_fetches_is_forgotten() {
    use futures_util::StreamExt;
    let server = server();
    let worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).concurrency(1)).await;
    let client = raw(&server).await;
    let mut replies = client.subscribe("_INBOX.mine").await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Plugwright-Takes-Bytes", "3000000");
    let request =
        client.publish_with_reply_and_headers("plugwright.p.large", "_INBOX.mine", headers, "".into());
    request.await.unwrap();
    let headers = replies.next().await.unwrap().headers.unwrap();
    let at = headers.get("Plugwright-Output-At").unwrap().to_string();
    assert_eq!(headers.get("Plugwright-Output-Bytes").unwrap().as_str(), "2000000");
    let part = |begin: &str| {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Plugwright-Part", begin);
        client.request_with_headers(at.clone(), headers, "".into())
    };
    assert_eq!(part("1999999").await.unwrap().payload.len(), 1);
    assert!(part("0").await.unwrap().payload.len() > 1_000_000);
    // The only place is taken as long as it is kept.
    let impatient = caller(&server).await.timeout(Duration::from_millis(200));
    let error = impatient.call_async::<_, String>("echo", "").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    client.publish("plugwright-cancel.p", "_INBOX.mine".into()).await.unwrap();
    assert_eq!(caller(&server).await.call_async::<_, String>("echo", "free").await.unwrap(), "free");
    assert_eq!(worker.drain(LONG).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_an_input_are_asked_for_where_replies_go_and_no_more_than_may_be() {
    let server = server();
    let _worker = worker(&server, |worker| {
        worker.plugin("p", plugin("plain")).concurrency(1).max_input_bytes(2_000_000)
    })
    .await;
    let remote = caller(&server).await;
    let error = remote.call_async::<_, Vec<u8>>("echo", vec![0; 2_000_001]).await.unwrap_err();
    assert!(error.message().contains("at most 2000000"), "{error}");
    // One that promises and is gone takes no place.
    let client = raw(&server).await;
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Plugwright-Input-Bytes", "2000000");
    let request = client.publish_with_reply_and_headers("plugwright.p.echo", "nowhere", headers, "".into());
    request.await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(remote.call_async::<_, Vec<u8>>("echo", vec![1; 2_000_000]).await.unwrap().len(), 2_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_can_take_less_than_the_server() {
    let server = server();
    let _worker = worker(&server, |worker| worker.plugin("p", plugin("plain")).max_input_bytes(10)).await;
    let remote = caller(&server).await;
    assert_eq!(remote.call_async::<_, String>("echo", "0123456789").await.unwrap(), "0123456789");
    let error = remote.call_async::<_, String>("echo", "0123456789x").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Limit);
    assert!(error.message().contains("at most 10"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_without_end_are_waits() {
    let server = server();
    let worker = plain_worker(&server).await;
    let endless = caller(&server).await.wait(Duration::MAX).heartbeat(Duration::MAX).timeout(Duration::MAX);
    let endless = endless.max_bytes(usize::MAX);
    assert_eq!(endless.call_async::<_, String>("echo", "x").await.unwrap(), "x");
    assert_eq!(worker.drain(Duration::MAX).await, 0);
}
