//! What plug-ins can do with either broker.

use std::time::Duration;

use plugwright_capabilities::messaging::Messaging;
use plugwright_capabilities::{Grant, Limits};
use plugwright_test_servers::{Mosquitto, Nats};
use serde_json::json;

use crate::support::{GUESTS, Outcome, Server, call, code, grant, plugin, publish, request, run, within};

macro_rules! with_both {
    ($($test:ident),* $(,)?) => {
        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> super::Outcome {
                super::$test(super::Nats::start()?).await
            })*
        }
        mod mqtt {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> super::Outcome {
                super::$test(super::Mosquitto::start()?).await
            })*
        }
    };
}

with_both!(
    all_languages_do_the_same,
    messages_arrive_below_the_namespace,
    hostile_subjects_and_headers_are_refused,
    requests_are_answered,
    an_answer_that_is_an_error_is_a_failure,
    our_own_subjects_are_out_of_reach,
    limits_hold,
    a_lost_connection_is_a_failure_and_comes_back,
);

async fn all_languages_do_the_same(server: impl Server) -> Outcome {
    let messaging = Messaging::open(&server.address())?.granted(grant("shop")?);
    let nobody = run(GUESTS[0], &messaging, &json!([["request", "echo", "x"]])).await?;
    assert_eq!(nobody[0]["error"], "no_responders");
    let mut heard = server.listen().await?;
    for guest in GUESTS {
        let results = run(
            guest,
            &messaging,
            &json!([
                ["publish", "orders.new", "one ✓"],
                ["publish", "orders.old", "", {"Trace": "x", "Other": "y"}],
                ["request", "echo", "hello ✓"],
                ["request", "echo", "within", 60_000],
                ["request", "silence", "x", 100],
                ["publish", "a.*", "x"],
                ["publish", "a", "x", {"a b": "c"}]
            ]),
        )
        .await?;
        let told = results.as_array().ok_or("a list")?;
        assert_eq!(told[..4], [json!(null), json!(null), json!("hello ✓"), json!("within")], "{guest}");
        let codes: Vec<_> = told[4..].iter().map(|result| result["error"].as_str()).collect();
        assert_eq!(codes, [Some("timeout"), Some("invalid"), Some("invalid")], "{guest}: {results}");
        for (subject, payload) in [
            ("orders.new", "one ✓"),
            ("orders.old", ""),
            ("echo", "hello ✓"),
            ("echo", "within"),
            ("silence", "x"),
        ] {
            let message = within("the message", heard.recv()).await;
            assert_eq!(message, Some((format!("shop.{subject}"), payload.as_bytes().to_vec())), "{guest}");
        }
    }
    Ok(())
}

async fn messages_arrive_below_the_namespace(server: impl Server) -> Outcome {
    let mut heard = server.listen().await?;
    let messaging = Messaging::open(&server.address())?.granted(grant("shop")?);
    let mut plugin = plugin(&messaging)?;
    assert_eq!(publish(&mut plugin, b"orders.new", b"1", r#"{"Trace":"x"}"#).await?, Ok(Vec::new()));
    assert_eq!(
        within("the message", heard.recv()).await,
        Some(("shop.orders.new".to_owned(), b"1".to_vec()))
    );
    assert_eq!(publish(&mut plugin, "grüße".as_bytes(), b"", "").await?, Ok(Vec::new()));
    assert_eq!(within("the message", heard.recv()).await, Some(("shop.grüße".to_owned(), Vec::new())));
    Ok(())
}

async fn hostile_subjects_and_headers_are_refused(server: impl Server) -> Outcome {
    let mut heard = server.listen().await?;
    let messaging = Messaging::open(&server.address())?.granted(grant("shop")?);
    let mut plugin = plugin(&messaging)?;
    let long = "x".repeat(256);
    for subject in [
        "",
        "*",
        ">",
        "a.*",
        "a.>",
        "+",
        "#",
        "a/b",
        "/a",
        "../other",
        "a..b",
        ".a",
        "a.",
        "$JS.API.STREAM.DELETE.X",
        "$SYS/x",
        "a b",
        "a\r\nPUB other.x 0\r\n",
        "a\0",
        &long,
    ] {
        let reply = publish(&mut plugin, subject.as_bytes(), b"x", "").await?;
        assert_eq!(code(&reply), "invalid", "`{subject}`");
    }
    assert_eq!(code(&publish(&mut plugin, &[0xff, 0xfe], b"x", "").await?), "invalid");
    for headers in
        ["[]", "{", r#"{"a\r\nb":"c"}"#, r#"{"a":"b\r\nc: d"}"#, r#"{"Nats-Rollup":"all"}"#, r#"{"a":1}"#]
    {
        let reply = publish(&mut plugin, b"a", b"x", headers).await?;
        assert_eq!(code(&reply), "invalid", "`{headers}`");
    }
    // Nothing of it has arrived: the next message is the first.
    assert_eq!(publish(&mut plugin, b"last", b"x", "").await?, Ok(Vec::new()));
    assert_eq!(within("the message", heard.recv()).await, Some(("shop.last".to_owned(), b"x".to_vec())));
    Ok(())
}

async fn requests_are_answered(server: impl Server) -> Outcome {
    let messaging = Messaging::open(&server.address())?.granted(grant("shop")?);
    let mut plugin = plugin(&messaging)?;
    assert_eq!(code(&request(&mut plugin, "nobody", b"", 0).await?), "no_responders");
    let mut heard = server.listen().await?;
    assert_eq!(request(&mut plugin, "echo", b"hello", 0).await?, Ok(b"hello".to_vec()));
    // Somebody listens, and does not answer.
    let reply = request(&mut plugin, "silence", b"", 200).await?;
    assert_eq!(code(&reply), "timeout");
    assert_eq!(
        within("the message", heard.recv()).await.map(|(subject, _)| subject).as_deref(),
        Some("shop.echo")
    );
    Ok(())
}

async fn an_answer_that_is_an_error_is_a_failure(server: impl Server) -> Outcome {
    let messaging = Messaging::open(&server.address())?.granted(grant("shop")?);
    let mut plugin = plugin(&messaging)?;
    let _heard = server.listen().await?;
    for (subject, words) in [("broken", "out of stock"), ("refused", "(code 404): no such order")] {
        let reply = request(&mut plugin, subject, b"x", 0).await?;
        assert!(
            matches!(&reply, Err((code, message)) if code == "internal" && message.contains(words)),
            "{reply:?}"
        );
    }
    Ok(())
}

async fn our_own_subjects_are_out_of_reach(server: impl Server) -> Outcome {
    let mut heard = server.listen().await?;
    let messaging = Messaging::open(&server.address())?;
    for namespace in ["plugwright", "plugwright-cancel", "plugwright-part"] {
        let mut plugin = plugin(&messaging.clone().granted(grant(namespace)?))?;
        let reply = publish(&mut plugin, b"greet.say_hello", b"x", "").await?;
        assert_eq!(code(&reply), "forbidden", "{reply:?}");
        assert_eq!(code(&request(&mut plugin, "greet.say_hello", b"x", 0).await?), "forbidden");
    }
    let mut plugin = plugin(&messaging.granted(grant("shop")?))?;
    assert_eq!(publish(&mut plugin, b"last", b"x", "").await?, Ok(Vec::new()));
    assert_eq!(within("the message", heard.recv()).await, Some(("shop.last".to_owned(), b"x".to_vec())));
    Ok(())
}

async fn limits_hold(server: impl Server) -> Outcome {
    let limits = Limits { operations_per_second: 20, max_value_bytes: 1000, ..Limits::default() };
    let granted = Grant::new("shop".parse()?, limits);
    let messaging = Messaging::open(&server.address())?;
    let mut small = plugin(&messaging.clone().granted(granted))?;
    assert_eq!(publish(&mut small, b"a", &[0; 1000], "").await?, Ok(Vec::new()));
    assert_eq!(code(&publish(&mut small, b"a", &[0; 1001], "").await?), "too_large");
    assert_eq!(code(&call(&mut small, "flood", [1, 0, 0], &[b"a"]).await?), "rate_limited");
    let mut reader = plugin(&messaging.granted(grant("shop")?.read_only(true)))?;
    assert_eq!(code(&publish(&mut reader, b"a", b"", "").await?), "forbidden");
    assert_eq!(code(&request(&mut reader, "a", b"", 0).await?), "forbidden");
    Ok(())
}

async fn a_lost_connection_is_a_failure_and_comes_back(mut server: impl Server) -> Outcome {
    let messaging =
        Messaging::open(&server.address())?.granted(grant("shop")?).timeout(Duration::from_millis(500));
    let mut plugin = plugin(&messaging)?;
    let published = publish(&mut plugin, b"a", b"1", "").await?;
    assert_eq!(code(&published), "done", "{published:?}");
    server.kill()?;
    // The first may be on its way when the connection ends. It is told, in time, that this is not known.
    let first = publish(&mut plugin, b"a", b"2", "").await?;
    assert!(["unavailable", "timeout", "done"].contains(&code(&first)), "{first:?}");
    let second = publish(&mut plugin, b"a", b"3", "").await?;
    assert_eq!(code(&second), "unavailable", "{second:?}");
    assert_eq!(code(&request(&mut plugin, "echo", b"", 0).await?), "unavailable");
    server.restart()?;
    within("a connection", async {
        while publish(&mut plugin, b"a", b"4", "").await?.is_err() {}
        Ok::<_, Box<dyn std::error::Error>>(())
    })
    .await
}
