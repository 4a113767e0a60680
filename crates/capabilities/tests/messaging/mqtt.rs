//! What MQTT 3.1.1 cannot do, and what only brokers of MQTT do.

use std::time::Duration;

use plugwright_capabilities::messaging::Messaging;
use plugwright_test_servers::Mosquitto;

use crate::support::{Outcome, Server, code, grant, plugin, publish, request, within};

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_publishes_and_says_what_it_cannot_do() -> Outcome {
    let broker = Mosquitto::start()?;
    let mut heard = broker.listen().await?;
    let address = format!("{}?version=3.1.1", broker.url());
    let mut plugin = plugin(&Messaging::open(&address)?.granted(grant("shop")?))?;
    assert_eq!(publish(&mut plugin, b"a.b", b"1", "").await?, Ok(Vec::new()));
    assert_eq!(within("the message", heard.recv()).await, Some(("shop.a.b".to_owned(), b"1".to_vec())));
    assert_eq!(code(&publish(&mut plugin, b"a", b"", r#"{"a":"b"}"#).await?), "invalid");
    assert_eq!(code(&request(&mut plugin, "echo", b"", 0).await?), "invalid");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_used_and_never_shown() -> Outcome {
    let broker = Mosquitto::setup().credentials("host", "rightsecret").start()?;
    let granted = grant("shop")?;
    let messaging = Messaging::open(&broker.url())?.granted(granted.clone());
    assert_eq!(publish(&mut plugin(&messaging)?, b"a", b"", "").await?, Ok(Vec::new()));
    let wrong = format!("mqtt://host:wrongsecret@{}", broker.address());
    let wrong = Messaging::open(&wrong)?.granted(granted).timeout(Duration::from_millis(500));
    let reply = publish(&mut plugin(&wrong)?, b"a", b"", "").await?;
    assert_eq!(code(&reply), "unavailable");
    assert!(!format!("{reply:?} {wrong:?} {messaging:?}").contains("secret"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_do_not_run_out() -> Outcome {
    // Else each answer takes 40 ms.
    let broker = Mosquitto::setup().setting("set_tcp_nodelay true").start()?;
    let _heard = broker.listen().await?;
    let mut plugin = plugin(&Messaging::open(&broker.url())?.granted(grant("shop")?))?;
    // Mosquitto sends 20 messages before it wants an acknowledgement.
    for number in 0..50 {
        let asked = number.to_string().into_bytes();
        assert_eq!(request(&mut plugin, "echo", &asked, 0).await?, Ok(asked), "request {number}");
    }
    Ok(())
}
