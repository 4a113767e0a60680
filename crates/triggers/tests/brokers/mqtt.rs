//! Messages of MQTT, with both versions.

use std::sync::Arc;
use std::time::Duration;

use plugwright_capabilities::messaging::mqtt::{Arrived, Link, Publication, PublishError, Settings};
use plugwright_test_servers::Mosquitto;
use plugwright_triggers::{MqttConfig, ServerConfig, TriggerConfig};
use tokio::sync::mpsc;

use crate::support::{Notes, Outcome, by_hand, connected, counts, quick, running, until, within};

const VERSIONS: [&str; 2] = ["3.1.1", "5"];

fn trigger(broker: &Mosquitto, version: &str) -> TriggerConfig {
    let mqtt = MqttConfig {
        server: ServerConfig::at(format!("{}?version={version}", broker.url())),
        topic: "sensors/+/temperature".to_owned(),
        client_id: "alarm-1".to_owned(),
        group: None,
        reply_topic: None,
        dead_letter: Some("dead/sensors".to_owned()),
    };
    TriggerConfig { mqtt: Some(mqtt), ..quick("alarm") }
}

/// A client of the test's own, and what it gets.
fn client(
    broker: &Mosquitto,
    name: &str,
) -> Result<(Link, mpsc::UnboundedReceiver<Arrived>), Box<dyn std::error::Error>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let settings = Settings {
        filters: vec!["dead/#".to_owned(), "answers/#".to_owned()],
        ..Settings::new(name.to_owned())
    };
    let link = Link::open(&broker.url().parse()?, settings, move |link, message| {
        link.acknowledge(&message);
        sender.send(message).ok();
    })?;
    Ok((link, receiver))
}

/// Asks with a topic for the answer, in MQTT 5.
async fn ask(link: &Link, answer_to: &str) -> Result<(), PublishError> {
    let publication = Publication {
        topic: "sensors/kitchen/temperature".to_owned(),
        payload: "21".into(),
        response_topic: Some(answer_to.to_owned()),
        correlation: Some(vec![1, 2, 3]),
        ..Publication::default()
    };
    within("the acknowledgement", link.publish(publication)).await
}

async fn publish(link: &Link, payload: &str) -> Result<(), PublishError> {
    let topic = "sensors/kitchen/temperature".to_owned();
    let publication = Publication { topic, payload: payload.to_owned().into(), ..Publication::default() };
    within("the acknowledgement", link.publish(publication)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_acknowledged_after_its_function_has_succeeded() -> Outcome {
    for version in VERSIONS {
        let broker = Mosquitto::start()?;
        let (link, _) = client(&broker, "test")?;
        let (target, mut calls) = by_hand();
        let triggers = running(&trigger(&broker, version), target)?;
        connected(&triggers).await;
        publish(&link, "21").await?;
        let call = calls.next().await;
        assert_eq!(call.input, "21");
        // The host dies: the broker has kept the message.
        drop(triggers);
        drop(call);
        // Else the two would take the session from each other.
        until("the end of its connection", async || {
            broker.log().is_ok_and(|log| log.contains("alarm-1 closed its connection"))
        })
        .await;
        let (target, mut calls) = by_hand();
        let triggers = running(&trigger(&broker, version), target)?;
        let call = calls.next().await;
        assert_eq!(call.input, "21");
        let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
        call.succeed();
        assert_eq!(within("the end", stopped).await?, 0);
        // It was acknowledged: it does not come again, and what was published meanwhile does.
        publish(&link, "22").await?;
        let (target, mut calls) = by_hand();
        let _triggers = running(&trigger(&broker, version), target)?;
        let call = calls.next().await;
        assert_eq!(call.input, "22");
        call.succeed();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_function_goes_to_the_dead_letters() -> Outcome {
    for version in VERSIONS {
        let broker = Mosquitto::start()?;
        let (link, mut letters) = client(&broker, "test")?;
        let (target, mut calls) = by_hand();
        let triggers = running(&trigger(&broker, version), target)?;
        connected(&triggers).await;
        publish(&link, "bad").await?;
        for attempt in 1..=3 {
            calls.next().await.fail(&format!("failure {attempt}"));
        }
        let letter = within("the dead letter", letters.recv()).await.ok_or("a letter")?;
        assert_eq!((letter.topic.as_str(), &*letter.payload), ("dead/sensors", &b"bad"[..]));
        if version == "5" {
            assert_eq!(letter.headers["Plugwright-Error"], "failure 3");
            assert_eq!(letter.headers["Plugwright-Subject"], "sensors/kitchen/temperature");
        }
        until("the count", async || counts(&triggers).dead == 1).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_broker_is_killed_under_load() -> Outcome {
    for version in VERSIONS {
        let mut broker = Mosquitto::start()?;
        let (link, _) = client(&broker, "test")?;
        let notes = Arc::new(Notes::default());
        let triggers = running(&trigger(&broker, version), notes.clone())?;
        connected(&triggers).await;
        // Mosquitto acknowledges before it saves, so a message counts once its function was called.
        for number in 0..200 {
            let text = format!("{number}");
            loop {
                if publish(&link, &text).await == Ok(())
                    && tokio::time::timeout(
                        Duration::from_secs(2),
                        until("the call", async || notes.has(text.as_bytes())),
                    )
                    .await
                    .is_ok()
                {
                    break;
                }
            }
            if number == 100 {
                broker.kill()?;
                broker.restart()?;
            }
        }
        assert_eq!(notes.len(), 200);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_shared_subscription_one_gets_a_message() -> Outcome {
    let broker = Mosquitto::start()?;
    let (link, _) = client(&broker, "test")?;
    let notes = Arc::new(Notes::default());
    let shared = |client_id: &str| {
        let mut config = trigger(&broker, "5");
        if let Some(mqtt) = &mut config.mqtt {
            mqtt.group = Some("alarms".to_owned());
            mqtt.client_id = client_id.to_owned();
        }
        config
    };
    let one = running(&shared("alarm-1"), notes.clone())?;
    let two = running(&shared("alarm-2"), notes.clone())?;
    connected(&one).await;
    connected(&two).await;
    for number in 0..20 {
        publish(&link, &number.to_string()).await?;
    }
    until("all calls", async || counts(&one).succeeded + counts(&two).succeeded == 20).await;
    assert_eq!(notes.len(), 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_a_topic_is_answered_there_and_else_the_configuration_says() -> Outcome {
    for version in VERSIONS {
        let broker = Mosquitto::start()?;
        let (link, mut answers) = client(&broker, "test")?;
        let (target, mut calls) = by_hand();
        let mut config = trigger(&broker, version);
        config.max_attempts = Some(1);
        config.mqtt.as_mut().ok_or("a source")?.reply_topic = Some("answers/all".to_owned());
        let triggers = running(&config, target)?;
        connected(&triggers).await;
        publish(&link, "21").await?;
        calls.next().await.succeed_with("warm".into());
        let answer = within("the answer", answers.recv()).await.ok_or("an answer")?;
        assert_eq!((answer.topic.as_str(), &*answer.payload), ("answers/all", &b"warm"[..]));
        if version == "3.1.1" {
            continue;
        }
        ask(&link, "answers/mine").await?;
        calls.next().await.succeed_with("hot".into());
        let answer = within("the answer", answers.recv()).await.ok_or("an answer")?;
        assert_eq!((answer.topic.as_str(), &*answer.payload), ("answers/mine", &b"hot"[..]));
        assert_eq!(answer.correlation.as_deref(), Some(&[1, 2, 3][..]));
        ask(&link, "answers/mine").await?;
        calls.next().await.fail("broken");
        let mut topics = Vec::new();
        for _ in 0..2 {
            let message = within("a message", answers.recv()).await.ok_or("a message")?;
            assert_eq!(message.headers["Plugwright-Error"], "broken");
            topics.push(message.topic);
        }
        assert_eq!(topics, ["dead/sensors", "answers/mine"]);
        // Neither to the broker itself, nor to the trigger, nor to everybody.
        for topic in ["$SYS/broker", "sensors/kitchen/temperature"] {
            ask(&link, topic).await?;
            calls.next().await.succeed_with("21".into());
        }
        ask(&link, "answers/last").await?;
        calls.next().await.succeed_with("last".into());
        let answer = within("the answer", answers.recv()).await.ok_or("an answer")?;
        assert_eq!(answer.topic, "answers/last");
        assert!(calls.is_empty(), "the trigger has called itself");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_the_session_of_what_runs() -> Outcome {
    let broker = Mosquitto::start()?;
    let (link, _) = client(&broker, "test")?;
    let (target, mut calls) = by_hand();
    let mut triggers = running(&trigger(&broker, "5"), target.clone())?;
    connected(&triggers).await;
    publish(&link, "21").await?;
    let call = calls.next().await;
    let changed = TriggerConfig { concurrency: 3, name: "other".to_owned(), ..trigger(&broker, "5") };
    triggers.update(vec![(changed.clone(), Some(target.clone()))], std::path::Path::new(""))?;
    publish(&link, "22").await?;
    call.succeed();
    // The first is acknowledged in its session, so that it is not called again.
    let call = calls.next().await;
    assert_eq!(call.input, "22");
    call.succeed();
    until("the end", async || counts(&triggers).succeeded == 1).await;
    assert!(!broker.log()?.contains("already connected"), "{}", broker.log()?);
    // Two at a time are refused.
    let twin = TriggerConfig { name: "twin".to_owned(), ..changed.clone() };
    let error = triggers
        .update(vec![(changed, Some(target.clone())), (twin, Some(target))], std::path::Path::new(""))
        .expect_err("one session");
    assert_eq!((error.trigger.as_str(), error.field.as_str()), ("twin", "mqtt.client_id"));
    Ok(())
}
