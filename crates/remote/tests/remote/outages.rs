//! The server goes away and comes back; workers go away in mid-call.

use std::time::Duration;

use plugwright::ErrorKind;

use crate::support::{Heartbeats, LONG, caller, plain_worker, plugin, server, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_gone_in_mid_call_is_an_error_that_says_so() {
    let server = server();
    let doomed = plain_worker(&server).await;
    let remote = caller(&server).await;
    let mut heartbeats = Heartbeats::listen(&server).await;
    let call = tokio::spawn(async move { remote.call_async::<_, String>("spin", "").await });
    heartbeats.next().await;
    drop(doomed);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Lost);
    assert_eq!((error.plugin(), error.function()), (Some("p"), Some("spin")));
    assert!(error.message().contains("may have run") && error.message().contains("idempotent"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotent_call_is_made_again_elsewhere() {
    let server = server();
    let doomed = plain_worker(&server).await;
    let remote = caller(&server).await.idempotent(true).wait(LONG);
    let mut heartbeats = Heartbeats::listen(&server).await;
    let call = tokio::spawn(async move { remote.call_async::<_, String>("spin", "").await });
    heartbeats.next().await;
    drop(doomed);
    let other = r#"(module (func (export "spin")))"#;
    let _other =
        worker(&server, |worker| worker.plugin("p", plugwright::Plugin::builder(other.as_bytes()))).await;
    assert_eq!(call.await.unwrap().unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_finds_everybody_again() {
    let mut server = server();
    let _worker = plain_worker(&server).await;
    let remote = caller(&server).await;
    assert_eq!(remote.call_async::<_, String>("echo", "before").await.unwrap(), "before");
    server.kill().unwrap();
    // Without a server a call waits, and then nothing has run.
    let impatient = remote.clone().wait(Duration::from_millis(300));
    let error = impatient.call_async::<_, String>("echo", "").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Lost), "{error}");
    let patient = tokio::spawn({
        let remote = remote.clone().wait(LONG).idempotent(true);
        async move { remote.call_async::<_, String>("echo", "after").await }
    });
    server.restart().unwrap();
    assert_eq!(patient.await.unwrap().unwrap(), "after");
    let remote = remote.wait(LONG);
    assert_eq!(remote.call_async::<_, String>("echo", "again").await.unwrap(), "again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_way_when_the_server_dies_is_lost_or_made_again() {
    let mut server = server();
    let _worker =
        worker(&server, |worker| worker.plugin("p", plugin("plain").timeout(Duration::from_millis(1500))))
            .await;
    let remote = caller(&server).await;
    let mut heartbeats = Heartbeats::listen(&server).await;
    let call = tokio::spawn(async move { remote.call_async::<_, String>("spin", "").await });
    heartbeats.next().await;
    server.kill().unwrap();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Lost);
    server.restart().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_does_not_hang_a_call_beyond_its_deadline() {
    let mut server = server();
    let _worker = plain_worker(&server).await;
    let remote = caller(&server).await;
    assert_eq!(remote.call_async::<_, String>("echo", "").await.unwrap(), "");
    server.pause().unwrap();
    let hasty = remote.clone().timeout(Duration::from_millis(200));
    let error = hasty.call_async::<_, String>("echo", "").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    server.resume().unwrap();
    assert_eq!(remote.wait(LONG).call_async::<_, String>("echo", "on").await.unwrap(), "on");
}
