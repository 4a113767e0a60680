//! HTTP/1.1 and HTTP/2, with TLS and without.

use plugwright_server::TlsConfig;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client, Version};

use crate::support::{Running, World};

/// Writes a certificate for this machine and its key, and gives the certificate in PEM.
fn certificate(world: &World) -> (TlsConfig, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let tls = TlsConfig {
        certificate: world.file("cert.pem", cert.pem()),
        key: world.file("key.pem", signing_key.serialize_pem()),
    };
    (tls, cert.pem())
}

fn trusting(pem: &str) -> reqwest::ClientBuilder {
    Client::builder().no_proxy().add_root_certificate(Certificate::from_pem(pem.as_bytes()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_over_tls() {
    let world = World::new();
    let (tls, pem) = certificate(&world);
    let mut config = world.config([world.route("/", "echo")]);
    config.tls = Some(tls);
    let running = Running::start(config).await;
    for (client, version) in [
        (trusting(&pem).build().unwrap(), Version::HTTP_2),
        (trusting(&pem).http1_only().build().unwrap(), Version::HTTP_11),
    ] {
        let response = client.post(&running.url).body("hello").send().await.unwrap();
        assert_eq!(response.version(), version);
        assert_eq!(response.text().await.unwrap(), "hello");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_renewed_by_a_reload() {
    let world = World::new();
    let (tls, old) = certificate(&world);
    let mut config = world.config([world.route("/", "echo")]);
    config.tls = Some(tls);
    let running = Running::start(config).await;
    let (_, new) = certificate(&world);
    running.handle.reload().await.unwrap();
    let post = |pem: &str| trusting(pem).build().unwrap().post(&running.url).body("hello").send();
    assert_eq!(post(&new).await.unwrap().status(), 200);
    assert!(post(&old).await.is_err());
    // What is not a certificate changes nothing.
    world.file("cert.pem", "nonsense");
    let refused = running.handle.reload().await.unwrap_err().to_string();
    assert!(refused.contains("cert.pem"), "{refused}");
    assert_eq!(post(&new).await.unwrap().status(), 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_watched() {
    let world = World::new();
    let (tls, _) = certificate(&world);
    let mut config = world.config([world.route("/", "echo")]);
    config.tls = Some(tls);
    config.watch = true;
    let running = Running::start(config).await;
    let (_, new) = certificate(&world);
    let post = || trusting(&new).build().unwrap().post(&running.url).body("hello").send();
    let mut tries = 0;
    // Again and again, for watching begins some time after the start.
    while post().await.is_err() {
        let reloads = running.state().await["reloads"].as_u64().unwrap();
        world.file("cert.pem", &new);
        running.until_or(50, |state| state["reloads"].as_u64() > Some(reloads)).await;
        tries += 1;
        assert!(tries < 1000, "the change was not noticed");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_without_tls_by_prior_knowledge() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "echo")])).await;
    let client = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let calls: Vec<_> = (0..100)
        .map(|number: u32| {
            let call = client.post(&running.url).body(number.to_string()).send();
            tokio::spawn(async move {
                let response = call.await.unwrap();
                assert_eq!(response.version(), Version::HTTP_2);
                assert_eq!(response.text().await.unwrap(), number.to_string());
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let large = "x".repeat(1 << 20);
    let response = client.post(&running.url).body(large.clone()).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), large);
    running.stop().await;
}
