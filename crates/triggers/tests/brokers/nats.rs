//! Messages of NATS that are not stored.

use std::time::Duration;

use futures_util::StreamExt;
use plugwright_test_servers::Nats;
use plugwright_triggers::{NatsConfig, ServerConfig, TriggerConfig};

use crate::support::{Outcome, by_hand, counts, quick, running, until, within};

fn trigger(nats: &Nats, name: &str) -> TriggerConfig {
    let nats = NatsConfig {
        server: ServerConfig::at(nats.url()),
        subject: "greet.*".to_owned(),
        queue: Some("greeters".to_owned()),
        dead_letter: Some("dead.greet".to_owned()),
    };
    TriggerConfig { nats: Some(nats), ..quick(name) }
}

/// Whether somebody has subscribed: then a request is not turned away at once.
async fn is_served(client: &async_nats::Client) -> bool {
    let request = async_nats::Request::new().timeout(Some(Duration::from_millis(200)));
    match client.send_request("greet.probe", request).await {
        Ok(_) => true,
        Err(error) => error.kind() != async_nats::RequestErrorKind::NoResponders,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_and_failures_are_dead_letters() -> Outcome {
    let mut nats = Nats::start()?;
    let client = async_nats::ConnectOptions::new()
        .reconnect_delay_callback(|_| Duration::from_millis(20))
        .connect(nats.url())
        .await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&nats, "greet"), target)?;
    until("the subscription", async || is_served(&client).await).await;
    drop(calls.next().await); // of the probe, which then fails
    let mut letters = client.subscribe("dead.greet").await?;
    let ask = |text: &'static str| {
        let client = client.clone();
        tokio::spawn(async move { client.request("greet.me", text.into()).await })
    };
    let answer = ask("hello");
    let mut call = calls.next().await;
    while call.input.is_empty() {
        drop(call); // another attempt for a probe
        call = calls.next().await;
    }
    call.succeed();
    assert_eq!(within("the answer", answer).await??.payload, "hello");

    let answer = ask("bad");
    let mut failures = 0;
    while failures < 3 {
        let call = calls.next().await;
        if call.input == "bad" {
            failures += 1;
        }
        call.fail("no greeting today");
    }
    let answer = within("the answer", answer).await??;
    let header = answer.headers.and_then(|headers| headers.get("Plugwright-Error").map(ToString::to_string));
    assert_eq!(header.as_deref(), Some("no greeting today"));
    loop {
        let letter = within("the dead letter", letters.next()).await.ok_or("a letter")?;
        if letter.payload == "bad" {
            let headers = letter.headers.ok_or("headers")?;
            assert_eq!(
                headers.get("Plugwright-Subject").map(ToString::to_string).as_deref(),
                Some("greet.me")
            );
            break;
        }
    }

    nats.kill()?;
    nats.restart()?;
    until("the subscription, again", async || {
        let served = is_served(&client).await;
        while !calls.is_empty() {
            calls.next().await.succeed();
        }
        served
    })
    .await;
    assert!(counts(&triggers).connected);
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    while !stopped.is_finished() {
        if calls.is_empty() {
            tokio::task::yield_now().await;
        } else {
            calls.next().await.succeed();
        }
    }
    assert_eq!(stopped.await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_queue_group_one_gets_a_message() -> Outcome {
    let nats = Nats::start()?;
    let client = async_nats::connect(nats.url()).await?;
    let (target, mut calls) = by_hand();
    let one = running(&trigger(&nats, "one"), target.clone())?;
    let two = running(&trigger(&nats, "two"), target)?;
    until("both", async || counts(&one).connected && counts(&two).connected).await;
    until("the subscription", async || is_served(&client).await).await;
    while counts(&one).in_flight + counts(&two).in_flight > 0 {
        if calls.is_empty() {
            tokio::task::yield_now().await;
        } else {
            calls.next().await.succeed();
        }
    }
    let before = counts(&one).received + counts(&two).received;
    for _ in 0..20 {
        let client = client.clone();
        let answer = tokio::spawn(async move { client.request("greet.me", "x".into()).await });
        calls.next().await.succeed();
        within("the answer", answer).await??;
    }
    assert_eq!(counts(&one).received + counts(&two).received, before + 20);
    Ok(())
}
