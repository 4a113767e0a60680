//! Workers that stop in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::support::{Heartbeats, LONG, caller, connect, plain_worker, plugin, server, worker};

#[tokio::test(flavor = "multi_thread")]
async fn workers_come_and_go_under_load_and_no_call_is_lost() {
    let server = server();
    let mut old = plain_worker(&server).await;
    let (done, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let nats = connect(&server).await;
    let load = (0..16).map(|_| {
        let (done, calls, remote) = (done.clone(), calls.clone(), nats.plugin("p").unwrap());
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                // Not idempotent: a lost call would be an error.
                let output = remote.call_async::<_, String>("echo", "x").await;
                assert_eq!(output.unwrap(), "x");
                calls.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let load: Vec<_> = load.collect();
    for _ in 0..3 {
        let new = plain_worker(&server).await;
        assert_eq!(old.drain(LONG).await, 0);
        old = new;
    }
    done.store(true, Ordering::Relaxed);
    for caller in load {
        caller.await.unwrap();
    }
    assert!(calls.load(Ordering::Relaxed) > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_runs_is_finished_and_one_that_does_not_end_is_cut() {
    let server = server();
    let stopping = worker(&server, |worker| {
        worker.plugin("p", plugin("old").timeout(std::time::Duration::from_secs(3)))
    })
    .await;
    // A worker that computes on a busy machine may be silent for a while.
    let remote = caller(&server).await.heartbeat(std::time::Duration::from_millis(500));
    let mut heartbeats = Heartbeats::listen(&server).await;
    let call = tokio::spawn({
        let remote = remote.clone();
        async move { remote.call_async::<_, String>("spin", "").await }
    });
    heartbeats.next().await;
    assert_eq!(stopping.drain(LONG).await, 0);
    // It ended by its own deadline, of which its caller heard.
    assert_eq!(call.await.unwrap().unwrap_err().kind(), &plugwright::ErrorKind::Timeout);

    let stopping = plain_worker(&server).await;
    let mut heartbeats = Heartbeats::listen(&server).await;
    let call = tokio::spawn(async move { remote.call_async::<_, String>("spin", "").await });
    heartbeats.next().await;
    assert_eq!(stopping.drain(std::time::Duration::from_millis(1)).await, 1);
    assert_eq!(call.await.unwrap().unwrap_err().kind(), &plugwright::ErrorKind::Lost);
}
