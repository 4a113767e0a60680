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
    let settings = Settings { filters: vec!["dead/#".to_owned()], ..Settings::new(name.to_owned()) };
    let link = Link::open(&broker.url().parse()?, settings, move |link, message| {
        link.acknowledge(&message);
        sender.send(message).ok();
    })?;
    Ok((link, receiver))
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
