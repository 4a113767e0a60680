//! A remote call does what a local one does, errors included.

use plugwright::{ErrorKind, Json, Pool};

use crate::support::{caller, connect, plain_worker, plugin, server, worker};

#[tokio::test(flavor = "multi_thread")]
async fn outputs_and_errors_are_those_of_a_local_pool() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let remote = caller(&server).await;
    let local = Pool::new(plugin("plain").name("p").compile().unwrap(), 1);
    for (function, input) in [
        ("name", ""),
        ("echo", "Jane Doe 👋"),
        ("echo", ""),
        ("refuse", "sold\nout"),
        ("refuse", ""),
        ("crash", ""),
        ("ecko", ""),
        ("no such function", "x"),
    ] {
        let expected = local.call_async::<_, String>(function, input).await;
        let got = remote.call_async::<_, String>(function, input).await;
        match (expected, got) {
            (Ok(expected), Ok(got)) => assert_eq!(expected, got, "{function}"),
            (Err(_), Err(got)) if function.contains(' ') => {
                assert!(matches!(got.kind(), ErrorKind::FunctionNotFound { .. }), "{got}");
            }
            (Err(expected), Err(got)) => {
                assert_eq!(expected.kind(), got.kind(), "{function}");
                assert_eq!(expected.to_string(), got.to_string());
                assert_eq!(expected.backtrace(), got.backtrace());
            }
            (expected, got) => panic!("{function}: {expected:?} here, {got:?} there"),
        }
    }
    let error = remote.call_async::<_, Json<Vec<u8>>>("echo", "no JSON").await.err().unwrap();
    assert_eq!(error.kind(), &ErrorKind::Decode);
    assert_eq!((error.plugin(), error.function()), (Some("p"), Some("echo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_pass_in_both_directions() {
    let server = server();
    let _worker = plain_worker(&server).await;
    let remote = caller(&server).await;
    for length in [0, 1, 4096, 900_000] {
        let bytes: Vec<u8> = (0..length).map(|index: u32| (index * 7 % 251) as u8).collect();
        let output: Vec<u8> = remote.call_async("echo", &bytes[..]).await.unwrap();
        assert_eq!(output, bytes);
    }
}

#[test]
fn a_program_without_an_executor_can_call() {
    let server = server();
    let nats =
        plugwright_remote::Nats::connect_blocking(plugwright_remote::NatsOptions::new(server.url())).unwrap();
    let (started, wait) = std::sync::mpsc::channel();
    let other = nats.clone();
    // A worker needs an executor only to start.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let worker = runtime.block_on(other.worker().plugin("p", plugin("plain")).start()).unwrap();
        started.send(worker).unwrap();
    });
    let _worker = wait.recv().unwrap();
    let remote = nats.plugin("p").unwrap();
    assert_eq!(remote.call::<_, String>("echo", "here").unwrap(), "here");
    let error = remote.call::<_, String>("refuse", "no").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Guest { code: 7, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_share_the_calls() {
    let server = server();
    let one = worker(&server, |worker| worker.plugin("p", plugin("one"))).await;
    let two = worker(&server, |worker| worker.plugin("p", plugin("two"))).await;
    let remote = caller(&server).await;
    let mut names = std::collections::BTreeSet::new();
    // Each of them is as likely: the chance that one gets none is 2 to the power of -199.
    for _ in 0..200 {
        names.insert(remote.call_async::<_, String>("name", "").await.unwrap());
    }
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["one", "two"]);
    drop((one, two));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_worker_the_error_says_so() {
    let server = server();
    let remote = caller(&server).await.wait(std::time::Duration::from_millis(100));
    let error = remote.call_async::<_, String>("echo", "").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert!(error.to_string().contains("no worker serves the plug-in `p`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_waits_for_a_worker_that_starts() {
    let server = server();
    let remote = caller(&server).await.wait(crate::support::LONG);
    let call = tokio::spawn(async move { remote.call_async::<_, String>("echo", "at last").await });
    let _worker = plain_worker(&server).await;
    assert_eq!(call.await.unwrap().unwrap(), "at last");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_no_tokens_are_refused() {
    let server = server();
    let nats = connect(&server).await;
    for name in ["", "a.b", "*", ">", "a b", "a\r\nPUB x 0\r\n"] {
        assert!(nats.plugin(name).unwrap_err().to_string().contains("letters, digits"), "{name}");
        assert!(nats.worker().plugin(name, plugin("plain")).start().await.is_err(), "{name}");
        assert!(nats.store().publish(name, "unread.wasm").await.is_err(), "{name}");
    }
}
