//! More calls than a worker makes, and calls that nobody waits for any more.

use std::time::Duration;

use plugwright::ErrorKind;

use crate::support::{Heartbeats, LONG, caller, plugin, server, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_with_enough_calls_refuses_more_before_anything_runs() {
    let server = server();
    let one = worker(&server, |worker| worker.plugin("p", plugin("one")).concurrency(1).queue(0)).await;
    let remote = caller(&server).await;
    let mut heartbeats = Heartbeats::listen(&server).await;
    let spinning = tokio::spawn({
        let remote = remote.clone();
        async move { remote.call_async::<_, String>("spin", "").await }
    });
    heartbeats.next().await;
    let impatient = remote.clone().wait(Duration::from_millis(50));
    let error = impatient.call_async::<_, String>("echo", "").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert!(error.message().contains("start more workers"), "{error}");
    // Another worker takes what this one refuses.
    let _two = worker(&server, |worker| worker.plugin("p", plugin("two"))).await;
    let patient = remote.clone().wait(LONG);
    for _ in 0..20 {
        assert_eq!(patient.call_async::<_, String>("name", "").await.unwrap(), "two");
    }
    spinning.abort();
    drop(one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_waits_for_is_cancelled() {
    let server = server();
    let _worker = worker(&server, |worker| worker.plugin("p", plugin("one")).concurrency(1).queue(0)).await;
    let remote = caller(&server).await.wait(LONG);
    for _ in 0..3 {
        let mut heartbeats = Heartbeats::listen(&server).await;
        let spinning = tokio::spawn({
            let remote = remote.clone();
            async move { remote.call_async::<_, String>("spin", "").await }
        });
        heartbeats.next().await;
        spinning.abort();
        // There is one place, which would be taken for a minute.
        assert_eq!(remote.call_async::<_, String>("echo", "free").await.unwrap(), "free");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_calls_have_their_turn() {
    let server = server();
    let _worker =
        worker(&server, |worker| worker.plugin("p", plugin("one")).concurrency(2).queue(1000)).await;
    let remote = caller(&server).await;
    let calls = (0..500).map(|number: u32| {
        let remote = remote.clone();
        tokio::spawn(async move { remote.call_async::<_, String>("echo", number.to_string()).await })
    });
    for (number, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), number.to_string());
    }
}
