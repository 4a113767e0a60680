//! Streams of JetStream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, Context, stream};
use futures_util::StreamExt;
use plugwright_test_servers::Nats;
use plugwright_triggers::{JetStreamConfig, ServerConfig, TriggerConfig};

use crate::support::{Notes, Outcome, by_hand, connected, counts, last_error, quick, running, until, within};

async fn context(nats: &Nats) -> Result<Context, Box<dyn std::error::Error>> {
    let client = async_nats::ConnectOptions::new()
        .reconnect_delay_callback(|_| Duration::from_millis(20))
        .connect(nats.url())
        .await?;
    let context = jetstream::new(client);
    let config = stream::Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.>".to_owned()],
        ..Default::default()
    };
    context.get_or_create_stream(config).await?;
    let config =
        stream::Config { name: "DEAD".to_owned(), subjects: vec!["dead.>".to_owned()], ..Default::default() };
    context.get_or_create_stream(config).await?;
    Ok(context)
}

fn trigger(nats: &Nats) -> TriggerConfig {
    let jetstream = JetStreamConfig {
        server: ServerConfig::at(nats.url()),
        stream: "ORDERS".to_owned(),
        consumer: "shop".to_owned(),
        subject: Some("orders.new".to_owned()),
        ack_wait: Duration::from_secs(1),
        dead_letter: Some("dead.orders".to_owned()),
    };
    TriggerConfig { jetstream: Some(jetstream), ..quick("orders") }
}

/// Messages that were delivered and not acknowledged, and those that wait.
async fn left(context: &Context) -> (usize, u64) {
    let info = async {
        let stream = context.get_stream("ORDERS").await.ok()?;
        stream.consumer_info("shop").await.ok()
    };
    info.await.map_or((usize::MAX, u64::MAX), |info| (info.num_ack_pending, info.num_pending))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_acknowledged_after_its_function_has_succeeded() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&nats), target)?;
    context.publish("orders.new", "1".into()).await?.await?;
    let call = calls.next().await;
    assert_eq!(call.input, "1");
    assert_eq!(left(&context).await, (1, 0), "it is delivered and not acknowledged");
    call.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    until("the count", async || counts(&triggers).succeeded == 1).await;
    assert_eq!(triggers.stop(Duration::from_secs(10)).await, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_function_goes_to_the_dead_letters() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&nats), target)?;
    context.publish("orders.new", "bad".into()).await?.await?;
    for attempt in 1..=3 {
        calls.next().await.fail(&format!("failure {attempt}\nof three"));
    }
    let dead = context.get_stream("DEAD").await?;
    until("the dead letter", async || dead.get_info().await.is_ok_and(|info| info.state.messages == 1)).await;
    let letter = dead.get_raw_message(1).await?;
    assert_eq!((letter.subject.as_str(), &*letter.payload), ("dead.orders", &b"bad"[..]));
    let header = |name: &str| letter.headers.get(name).map(ToString::to_string);
    assert_eq!(header("Plugwright-Error").as_deref(), Some("failure 3 of three"));
    assert_eq!(header("Plugwright-Error-Kind").as_deref(), Some("Guest"));
    assert_eq!(header("Plugwright-Attempts").as_deref(), Some("3"));
    assert_eq!(header("Plugwright-Subject").as_deref(), Some("orders.new"));
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    until("the counts", async || (counts(&triggers).failed, counts(&triggers).dead) == (3, 1)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dies_in_mid_call_leaves_the_message_to_another() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&nats), target)?;
    context.publish("orders.new", "1".into()).await?.await?;
    let unfinished = calls.next().await;
    drop(triggers);
    drop(unfinished);
    let (target, mut calls) = by_hand();
    let _triggers = running(&trigger(&nats), target)?;
    let call = calls.next().await;
    assert_eq!(call.input, "1");
    call.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_without_a_call_does_not_count() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let once = TriggerConfig { max_attempts: Some(1), ..trigger(&nats) };
    let (target, mut calls) = by_hand();
    let triggers = running(&once, target.clone())?;
    context.publish("orders.new", "1".into()).await?.await?;
    calls.next().await.turn_away();
    calls.next().await.turn_away();
    // A trigger that stops leaves the message to the next one.
    let call = calls.next().await;
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    call.turn_away();
    assert_eq!(within("the end", stopped).await?, 0);
    let triggers = running(&once, target)?;
    calls.next().await.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    until("the count", async || counts(&triggers).succeeded == 1).await;
    let counts = counts(&triggers);
    assert_eq!((counts.failed, counts.dead, counts.dropped), (0, 0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_why_no_messages_come() -> Outcome {
    let nats = Nats::setup().credentials("host", "rightsecret").start()?;
    let (target, _calls) = by_hand();
    let mut config = trigger(&nats);
    // No login at all.
    config.jetstream.as_mut().ok_or("a stream")?.server =
        ServerConfig::at(format!("nats://{}", nats.address()));
    let triggers = running(&config, target.clone())?;
    until("the reason", async || last_error(&triggers).contains("authorization violation")).await;
    assert!(!counts(&triggers).connected);
    let nats = Nats::start()?;
    let triggers = running(&trigger(&nats), target)?;
    until("the reason", async || last_error(&triggers).contains("stream not found")).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_call_keeps_its_message() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let mut signs = context.client().subscribe("$JS.ACK.ORDERS.shop.>").await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&nats), target)?;
    context.publish("orders.new", "long".into()).await?.await?;
    let call = calls.next().await;
    // There are three in the time that the server waits for one.
    for _ in 0..4 {
        let sign = within("a sign of life", signs.next()).await.ok_or("a sign")?;
        assert_eq!(sign.payload, "+WPI");
    }
    assert!(calls.is_empty(), "it was delivered twice");
    call.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    assert_eq!(counts(&triggers).received, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_kept_when_its_headers_do_not_fit() -> Outcome {
    let nats = Nats::setup().setting("max_payload: 65536").start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&TriggerConfig { max_attempts: Some(1), ..trigger(&nats) }, target)?;
    let payload = vec![b'x'; 65_536];
    context.publish("orders.new", payload.clone().into()).await?.await?;
    calls.next().await.fail("no");
    until("the dead letter", async || counts(&triggers).dead == 1).await;
    let letter = context.get_stream("DEAD").await?.get_raw_message(1).await?;
    assert_eq!((&letter.payload[..], letter.headers.is_empty()), (&payload[..], true));
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_is_sent_twice_is_kept_once() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let triggers = running(&TriggerConfig { max_attempts: Some(1), ..trigger(&nats) }, target.clone())?;
    // The dead letter is stored, and the acknowledgement gets lost, which the server's own way to deliver again does.
    context.publish("orders.new", "bad".into()).await?.await?;
    calls.next().await.fail("no");
    until("the dead letter", async || counts(&triggers).dead == 1).await;
    assert_eq!(triggers.stop(Duration::from_secs(30)).await, 0);
    context.get_stream("ORDERS").await?.delete_consumer("shop").await?;
    let triggers = running(&TriggerConfig { max_attempts: Some(1), ..trigger(&nats) }, target)?;
    calls.next().await.fail("no");
    until("the dead letter", async || counts(&triggers).dead == 1).await;
    assert_eq!(context.get_stream("DEAD").await?.get_info().await?.state.messages, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_messages_are_taken_than_calls_may_run() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    for number in 0..10 {
        context.publish("orders.new", number.to_string().into()).await?.await?;
    }
    let (target, mut calls) = by_hand();
    let triggers = running(&TriggerConfig { concurrency: 2, ..trigger(&nats) }, target)?;
    let (first, second) = (calls.next().await, calls.next().await);
    assert_eq!((left(&context).await, calls.is_empty()), ((2, 8), true));
    // What runs is finished, and nothing else begins.
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    first.succeed();
    second.succeed();
    assert_eq!(within("the end", stopped).await?, 0);
    until("the acknowledgements", async || left(&context).await == (0, 8)).await;
    assert!(calls.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_is_killed_under_load() -> Outcome {
    let mut nats = Nats::start()?;
    let context = context(&nats).await?;
    let notes = Arc::new(Notes::default());
    let triggers = running(&trigger(&nats), notes.clone())?;
    connected(&triggers).await;
    let (progress, mut published) = tokio::sync::watch::channel(0);
    let publisher = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        for number in 0..300 {
            let text = format!("order {number}");
            // Until the server has acknowledged it.
            loop {
                let Ok(sent) = context.publish("orders.new", text.clone().into()).await else { continue };
                if let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(1), sent.into_future()).await {
                    break;
                }
            }
            acknowledged.push(text);
            progress.send_replace(number);
        }
        (acknowledged, context)
    });
    within("the load", published.wait_for(|number| *number >= 100)).await?;
    nats.kill()?;
    nats.restart()?;
    let (acknowledged, context) = within("all messages", publisher).await?;
    until("all calls", async || acknowledged.iter().all(|text| notes.has(text.as_bytes()))).await;
    assert_eq!(notes.len(), 300);
    until("the acknowledgements", async || left(&context).await == (0, 0)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_keeps_what_runs() -> Outcome {
    let nats = Nats::start()?;
    let context = context(&nats).await?;
    let (target, mut calls) = by_hand();
    let mut triggers = running(&trigger(&nats), target.clone())?;
    context.publish("orders.new", "1".into()).await?.await?;
    let call = calls.next().await;
    // Another number of calls: the trigger begins anew, and the call that runs comes to its end.
    let changed = TriggerConfig { concurrency: 3, ..trigger(&nats) };
    triggers.update(vec![(changed, Some(target.clone()))], std::path::Path::new(""))?;
    call.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    context.publish("orders.new", "2".into()).await?.await?;
    let call = calls.next().await;
    assert_eq!(call.input, "2");
    call.succeed();
    until("the acknowledgement", async || left(&context).await == (0, 0)).await;
    // A trigger that is not valid changes nothing.
    let wrong = TriggerConfig { concurrency: 0, ..trigger(&nats) };
    assert!(triggers.update(vec![(wrong, Some(target))], std::path::Path::new("")).is_err());
    context.publish("orders.new", "3".into()).await?.await?;
    calls.next().await.succeed();
    // What the trigger was before has ended, and says nothing about what it is.
    assert!(counts(&triggers).connected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_shown_and_read_again_with_the_configuration() -> Outcome {
    let nats = Nats::setup().credentials("host", "rightsecret").start()?;
    let (target, _calls) = by_hand();
    let folder = std::env::temp_dir().join(format!("plugwright-triggers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut config = trigger(&nats);
    let server = ServerConfig {
        url: Some(format!("nats://host@{}", nats.address())),
        password_file: Some("password".into()),
        ..ServerConfig::default()
    };
    config.jetstream.as_mut().ok_or("a stream")?.server = server;
    let client =
        async_nats::ConnectOptions::with_user_and_password("host".to_owned(), "rightsecret".to_owned());
    let client = client.connect(nats.address().to_string()).await?;
    let mut questions = client.subscribe("$JS.API.STREAM.INFO.ORDERS").await?;
    client.flush().await?;
    let mut triggers = plugwright_triggers::Triggers::default();
    // A password that is wrong, and then put right: the configuration is the same.
    for password in ["wrongsecret", "rightsecret"] {
        std::fs::write(folder.join("password"), format!("{password}\n"))?;
        triggers.update(vec![(config.clone(), Some(target.clone()))], &folder)?;
        assert!(!format!("{config:?} {triggers:?}").contains(password));
    }
    std::fs::remove_dir_all(&folder)?;
    // The trigger has logged in, and asks for its stream.
    within("a question of the trigger", questions.next()).await;
    Ok(())
}
