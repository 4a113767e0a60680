//! Credentials are in no message.

use plugwright_remote::{Nats, NatsOptions};
use plugwright_test_servers::Nats as Server;

use crate::support::plugin;

const PASSWORD: &str = "hunter2hunter2";

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_in_is_served_and_who_does_not_learns_nothing() {
    let server = Server::setup().credentials("jane", PASSWORD).start().unwrap();
    let nats = Nats::connect(server.url()).await.unwrap();
    assert!(server.url().contains(PASSWORD));
    assert!(!format!("{nats:?}").contains(PASSWORD));
    let _worker = nats.worker().plugin("p", plugin("plain")).start().await.unwrap();
    let options = NatsOptions::new(format!("nats://{}", server.address())).user("jane", PASSWORD);
    let other = Nats::connect_with(options).await.unwrap();
    assert_eq!(other.plugin("p").unwrap().call_async::<_, String>("echo", "in").await.unwrap(), "in");

    let wrong = format!("nats://jane:wrong{PASSWORD}@{}", server.address());
    let error = Nats::connect(wrong).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("cannot connect to NATS"), "{text}");
    assert!(!text.contains(PASSWORD), "{text}");
    let token = NatsOptions::new(format!("nats://{PASSWORD}@{}", server.address()));
    let error = Nats::connect_with(token.clone()).await.unwrap_err();
    let text = format!("{error} {error:?} {token:?}");
    assert!(!text.contains(PASSWORD), "{text}");
}
