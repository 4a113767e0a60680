//! What only NATS can do: messages that a stream must have stored.

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use plugwright_capabilities::messaging::Messaging;
use plugwright_test_servers::Nats;

use crate::support::{Outcome, code, grant, plugin, publish, within};

#[tokio::test(flavor = "multi_thread")]
async fn stored_messages_survive_the_server() -> Outcome {
    let mut nats = Nats::start()?;
    let granted = grant("shop")?;
    let messaging =
        Messaging::open(&nats.url())?.granted(granted).stored(true).timeout(Duration::from_secs(2));
    let mut plugin = plugin(&messaging)?;
    assert_eq!(code(&publish(&mut plugin, b"orders", b"0", "").await?), "no_responders");
    let client = async_nats::ConnectOptions::new()
        .reconnect_delay_callback(|_| Duration::from_millis(20))
        .connect(nats.url())
        .await?;
    let context = jetstream::new(client);
    let config =
        stream::Config { name: "SHOP".to_owned(), subjects: vec!["shop.>".to_owned()], ..Default::default() };
    context.create_stream(config).await?;
    let mut acknowledged = 0;
    for number in 0..100 {
        // Whatever was acknowledged is there in the end, and what was not may be.
        let header = format!("{{\"Nats-Msg-Id\":\"{number}\"}}");
        within("the acknowledgement", async {
            while publish(&mut plugin, b"orders", number.to_string().as_bytes(), &header).await?.is_err() {}
            Ok::<_, Box<dyn std::error::Error>>(())
        })
        .await?;
        acknowledged += 1;
        if number == 50 {
            nats.kill()?;
            nats.restart()?;
        }
    }
    let mut stream = within("the stream", async {
        loop {
            if let Ok(stream) = context.get_stream("SHOP").await {
                break stream;
            }
        }
    })
    .await;
    // Each once: the id of a message is the same with each attempt.
    assert_eq!(stream.info().await?.state.messages, acknowledged);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plugin_holds_back_anothers_message() -> Outcome {
    let nats = Nats::start()?;
    let context = jetstream::new(async_nats::connect(nats.url()).await?);
    let subjects = vec!["*.orders".to_owned()];
    let config = stream::Config { name: "ALL".to_owned(), subjects, ..Default::default() };
    let mut stream = context.create_stream(config).await?;
    let messaging = Messaging::open(&nats.url())?.stored(true);
    // An empty id is none, so that both count.
    for (namespace, id, stored) in
        [("shop", "1", 1), ("other", "1", 2), ("shop", "1", 2), ("shop", "", 3), ("shop", "", 4)]
    {
        let mut plugin = plugin(&messaging.clone().granted(grant(namespace)?))?;
        let header = format!("{{\"Nats-Msg-Id\":\"{id}\"}}");
        assert_eq!(publish(&mut plugin, b"orders", b"x", &header).await?, Ok(Vec::new()));
        assert_eq!(stream.info().await?.state.messages, stored, "`{id}` of `{namespace}`");
    }
    let first = stream.get_raw_message(1).await?;
    assert_eq!(first.headers.get("Nats-Msg-Id").map(|id| id.as_str()), Some("shop/1"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_used_and_never_shown() -> Outcome {
    let nats = Nats::setup().credentials("host", "rightsecret").start()?;
    let granted = grant("shop")?;
    let messaging = Messaging::open(&nats.url())?.granted(granted.clone());
    assert!(!format!("{messaging:?}").contains("rightsecret"));
    assert_eq!(publish(&mut plugin(&messaging)?, b"a", b"", "").await?, Ok(Vec::new()));
    let wrong = format!("nats://host:wrongsecret@{}", nats.address());
    let wrong = Messaging::open(&wrong)?.granted(granted).timeout(Duration::from_millis(500));
    let reply = publish(&mut plugin(&wrong)?, b"a", b"", "").await?;
    assert_eq!(code(&reply), "unavailable");
    assert!(!format!("{reply:?} {wrong:?}").contains("secret"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_limit_holds_too() -> Outcome {
    let nats = Nats::setup().setting("max_payload: 1024").start()?;
    let messaging = Messaging::open(&nats.url())?.granted(grant("shop")?);
    let mut plugin = plugin(&messaging)?;
    assert_eq!(publish(&mut plugin, b"a", &[0; 1024], "").await?, Ok(Vec::new()));
    let reply = publish(&mut plugin, b"a", &[0; 1025], "").await?;
    assert_eq!(code(&reply), "too_large");
    Ok(())
}
