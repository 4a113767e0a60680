//! Messages of NATS that are not stored.

use std::time::Duration;

use futures_util::StreamExt;
use plugwright_test_servers::Nats;
use plugwright_triggers::{NatsConfig, ServerConfig, TriggerConfig};

use crate::support::{Outcome, by_hand, counts, last_error, quick, running, until, within};

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
async fn it_is_told_why_no_messages_come() -> Outcome {
    let nats = Nats::setup().credentials("host", "rightsecret").start()?;
    let (target, _calls) = by_hand();
    let mut config = trigger(&nats, "greet");
    // No login at all.
    config.nats.as_mut().ok_or("a subject")?.server = ServerConfig::at(format!("nats://{}", nats.address()));
    let triggers = running(&config, target.clone())?;
    until("the reason", async || last_error(&triggers).contains("authorization violation")).await;
    assert!(!counts(&triggers).connected);
    // Who may not hear the subject is told so too.
    let deaf = "users = [{ user: me, password: secret, permissions: { subscribe: \"_INBOX.>\" } }]";
    let nats =
        Nats::setup().setting(format!("authorization {{ {deaf} }}")).setting("no_auth_user: me").start()?;
    let triggers = running(&trigger(&nats, "greet"), target)?;
    until("the reason", async || last_error(&triggers).contains("for now: the server says")).await;
    Ok(())
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

/// A trigger that is subscribed, and the test's own client.
async fn served(nats: &Nats, config: &TriggerConfig) -> Result<Served, Box<dyn std::error::Error>> {
    let client = async_nats::connect(nats.url()).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(config, target)?;
    answering(&mut calls, until("the subscription", async || is_served(&client).await)).await;
    while counts(&triggers).in_flight > 0 {
        if calls.is_empty() {
            tokio::task::yield_now().await;
        } else {
            calls.next().await.succeed();
        }
    }
    Ok((triggers, client, calls))
}

/// Lets all calls succeed meanwhile.
async fn answering(calls: &mut crate::support::Calls, meanwhile: impl Future<Output = ()>) {
    let mut meanwhile = std::pin::pin!(meanwhile);
    loop {
        tokio::select! {
            () = &mut meanwhile => return,
            call = calls.next() => call.succeed(),
        }
    }
}

type Served = (plugwright_triggers::Triggers, async_nats::Client, crate::support::Calls);

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_no_way_to_publish_what_others_may_not() -> Outcome {
    let nats = Nats::start()?;
    let (triggers, client, mut calls) = served(&nats, &trigger(&nats, "greet")).await?;
    let mut forbidden = client.subscribe("$JS.API.>").await?;
    let before = counts(&triggers).succeeded;
    client.publish_with_reply("greet.me", "$JS.API.STREAM.DELETE.ORDERS", "x".into()).await?;
    client.publish_with_reply("greet.me", "answers.to.me", "y".into()).await?;
    let mut allowed = client.subscribe("answers.>").await?;
    client.flush().await?;
    // What the test itself may send there is the end of what it waits for.
    for _ in 0..2 {
        calls.next().await.succeed();
    }
    until("both calls", async || counts(&triggers).succeeded == before + 2).await;
    assert_eq!(within("the answer", allowed.next()).await.ok_or("an answer")?.payload, "y");
    assert_eq!(triggers.stop(Duration::from_secs(30)).await, 0);
    client.publish("$JS.API.END", "end".into()).await?;
    assert_eq!(within("the end", forbidden.next()).await.ok_or("an end")?.payload, "end");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_an_answer_or_a_dead_letter_is_told() -> Outcome {
    let nats = Nats::setup().setting("max_payload: 65536").start()?;
    let config = TriggerConfig { max_attempts: Some(1), ..trigger(&nats, "greet") };
    let (triggers, client, mut calls) = served(&nats, &config).await?;
    let ask = |length: usize| {
        let client = client.clone();
        tokio::spawn(async move { client.request("greet.me", vec![b'x'; length].into()).await })
    };
    let answer = ask(10);
    calls.next().await.succeed_with(vec![b'y'; 70_000].into());
    let answer = within("the answer", answer).await??;
    let error = answer.headers.and_then(|headers| headers.get("Plugwright-Error").map(ToString::to_string));
    assert!(
        error.as_deref().is_some_and(|error| error.contains("70000") && error.contains("65536")),
        "{error:?}"
    );
    let mut letters = client.subscribe("dead.greet").await?;
    // The server has the subscription once it sends what comes behind it.
    let inbox = client.new_inbox();
    let mut own = client.subscribe(inbox.clone()).await?;
    client.publish(inbox, "".into()).await?;
    own.next().await.ok_or("no message")?;
    let answer = ask(65_536);
    calls.next().await.fail("no");
    assert_eq!(within("the dead letter", letters.next()).await.ok_or("a letter")?.payload.len(), 65_536);
    assert!(within("the answer", answer).await??.headers.is_some());
    assert_eq!(counts(&triggers).dropped, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_when_a_trigger_stops_is_answered() -> Outcome {
    let nats = Nats::start()?;
    // A failed message waits for hours for its next attempt.
    let long = Duration::from_secs(3600);
    let config =
        TriggerConfig { concurrency: 1, backoff: long, max_backoff: long, ..trigger(&nats, "greet") };
    let (triggers, client, mut calls) = served(&nats, &config).await?;
    let mut letters = client.subscribe("dead.greet").await?;
    let (failing, waiting) = (client.new_inbox(), client.new_inbox());
    let (mut failed, mut answered) =
        (client.subscribe(failing.clone()).await?, client.subscribe(waiting.clone()).await?);
    client.publish_with_reply("greet.me", failing, "fails".into()).await?;
    client.publish_with_reply("greet.me", waiting, "waits".into()).await?;
    client.flush().await?;
    let call = calls.next().await;
    assert_eq!(call.input, "fails");
    call.fail("no greeting");
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    // It is the last attempt now, and its place is free.
    let letter = within("the dead letter", letters.next()).await.ok_or("a letter")?;
    assert_eq!(letter.payload, "fails");
    assert!(within("the answer", failed.next()).await.ok_or("an answer")?.headers.is_some());
    let call = calls.next().await;
    assert_eq!(call.input, "waits");
    call.succeed();
    assert_eq!(within("the answer", answered.next()).await.ok_or("an answer")?.payload, "waits");
    assert_eq!(stopped.await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_the_client_library_cannot_read_do_not_end_a_trigger() -> Outcome {
    let nats = Nats::start()?;
    let (triggers, client, mut calls) = served(&nats, &trigger(&nats, "greet")).await?;
    publish_raw(&nats, "greet.me", "NATS/1.0\r\nA: b\rc\r\n\r\n").await?;
    publish_raw(&nats, "greet.me", "NATS/1.0\r\nA: \u{ff}\r\n\r\n").await?;
    let is_answered = async || {
        client.request("greet.me", "again".into()).await.is_ok_and(|answer| answer.payload == "again")
    };
    answering(&mut calls, until("an answer", is_answered)).await;
    assert_eq!(triggers.stop(Duration::from_secs(30)).await, 0);
    Ok(())
}

/// Publishes an empty message with these headers, whatever they are.
async fn publish_raw(nats: &Nats, subject: &str, headers: &str) -> Outcome {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(nats.address()).await?;
    let length = headers.len();
    let text = format!(
        "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nHPUB {subject} {length} {length}\r\n{headers}\r\nPING\r\n"
    );
    stream.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    while !answer.contains("PONG") {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await?;
        assert!(read > 0, "{answer}");
        answer.push_str(std::str::from_utf8(&bytes[..read])?);
    }
    Ok(())
}
