//! Deadlines and sizes.

use std::time::Duration;

use plugwright::ErrorKind;
use plugwright_test_servers::Nats as Server;

use crate::support::{caller, plain_worker, plugin, server, worker};

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
    for timeout in [None, Some(crate::support::LONG), None] {
        let remote = timeout.map_or(remote.clone(), |timeout| remote.clone().timeout(timeout));
        let error = remote.call_async::<_, String>("spin", "").await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Timeout);
        // That of the worker says where.
        assert!(error.backtrace().is_some(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_the_server_is_an_error_with_its_limit() {
    let server = Server::setup().setting("max_payload: 65536").start().unwrap();
    let _worker = plain_worker(&server).await;
    let remote = caller(&server).await;
    let limit = (65_536 - 1024).to_string();
    for (function, input, bytes) in [("echo", vec![0; 65_536], "65536"), ("large", Vec::new(), "2000000")] {
        let error = remote.call_async::<_, Vec<u8>>(function, input).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Limit);
        let text = error.to_string();
        assert!(text.contains(&limit) && text.contains(bytes) && text.contains("max_payload"), "{text}");
    }
    let fits = vec![1; 65_536 - 1024];
    assert_eq!(remote.call_async::<_, Vec<u8>>("echo", &fits[..]).await.unwrap(), fits);
    // An error is made to fit.
    let error = remote.call_async::<_, String>("refuse", vec![b'"'; 60_000]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Guest { code: 7, .. }), "{error}");
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
    assert_eq!(endless.call_async::<_, String>("echo", "x").await.unwrap(), "x");
    assert_eq!(worker.drain(Duration::MAX).await, 0);
}
