//! Redis streams.

use std::sync::Arc;
use std::time::Duration;

use plugwright_test_servers::Redis;
use plugwright_triggers::{RedisConfig, ServerConfig, TriggerConfig};

use crate::support::{Notes, Outcome, by_hand, connected, counts, quick, running, until, within};

fn trigger(redis: &Redis, consumer: &str) -> TriggerConfig {
    let redis = RedisConfig {
        server: ServerConfig::at(redis.url()),
        stream: "orders".to_owned(),
        group: "shop".to_owned(),
        consumer: consumer.to_owned(),
        field: Some("order".to_owned()),
        claim_after: Duration::from_millis(600),
        dead_letter: Some("dead".to_owned()),
    };
    TriggerConfig { redis: Some(redis), ..quick("orders") }
}

/// Entries that were delivered and not acknowledged.
fn pending(redis: &Redis) -> Result<String, plugwright_test_servers::Error> {
    let all = redis.cli(["XPENDING", "orders", "shop"])?;
    Ok(all.lines().next().unwrap_or_default().to_owned())
}

/// How often a trigger has said that it is at an entry.
fn signs_of_life(redis: &Redis) -> Result<u64, Box<dyn std::error::Error>> {
    let stats = redis.cli(["INFO", "commandstats"])?;
    let calls = stats.lines().find_map(|line| line.strip_prefix("cmdstat_xclaim:calls="));
    Ok(calls.and_then(|calls| calls.split(',').next()).map_or(Ok(0), str::parse)?)
}

fn is_settled(redis: &Redis) -> bool {
    pending(redis).is_ok_and(|pending| pending == "0")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_acknowledged_after_its_function_has_succeeded() -> Outcome {
    let redis = Redis::start()?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&redis, "one"), target)?;
    connected(&triggers).await;
    redis.cli(["XADD", "orders", "*", "order", "1"])?;
    let call = calls.next().await;
    assert_eq!(call.input, "1");
    assert_eq!(pending(&redis)?, "1");
    // There are three signs of life in the time that others wait for one.
    until("four signs of life", async || signs_of_life(&redis).is_ok_and(|signs| signs >= 4)).await;
    assert!(calls.is_empty());
    call.succeed();
    until("the acknowledgement", async || is_settled(&redis)).await;
    assert_eq!(counts(&triggers).received, 1);
    assert_eq!(triggers.stop(Duration::from_secs(30)).await, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_without_a_call_does_not_count() -> Outcome {
    let redis = Redis::start()?;
    let once = |consumer| TriggerConfig { max_attempts: Some(1), ..trigger(&redis, consumer) };
    let (target, mut calls) = by_hand();
    let triggers = running(&once("one"), target.clone())?;
    redis.cli(["XADD", "orders", "*", "order", "1"])?;
    calls.next().await.turn_away();
    calls.next().await.turn_away();
    // A trigger that stops leaves the entry to others, as if it had never been delivered.
    let call = calls.next().await;
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    call.turn_away();
    assert_eq!(within("the end", stopped).await?, 0);
    let triggers = running(&once("two"), target)?;
    calls.next().await.succeed();
    until("the acknowledgement", async || is_settled(&redis)).await;
    until("the count", async || counts(&triggers).succeeded == 1).await;
    let counts = counts(&triggers);
    assert_eq!((counts.failed, counts.dead, counts.dropped), (0, 0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_function_goes_to_the_dead_letters() -> Outcome {
    let redis = Redis::start()?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&redis, "one"), target)?;
    redis.cli(["XADD", "orders", "*", "order", "bad"])?;
    for attempt in 1..=3 {
        calls.next().await.fail(&format!("failure {attempt}"));
    }
    until("the dead letter", async || counts(&triggers).dead == 1).await;
    redis.cli(["XADD", "orders", "*", "other", "no such field"])?;
    until("the other dead letter", async || counts(&triggers).dead == 2).await;
    let letters = redis.cli(["XRANGE", "dead", "-", "+"])?;
    for text in
        ["bad", "Plugwright-Error", "failure 3", "Plugwright-Attempts", "the entry has no field `order`"]
    {
        assert!(letters.contains(text), "no `{text}` in {letters}");
    }
    assert!(is_settled(&redis));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dies_in_mid_call_leaves_the_entry_to_another() -> Outcome {
    let redis = Redis::start()?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&redis, "one"), target)?;
    redis.cli(["XADD", "orders", "*", "order", "1"])?;
    let unfinished = calls.next().await;
    drop(triggers);
    let (target, mut calls) = by_hand();
    let _triggers = running(&trigger(&redis, "two"), target)?;
    let call = calls.next().await;
    assert_eq!(call.input, "1");
    call.succeed();
    until("the acknowledgement", async || is_settled(&redis)).await;
    drop(unfinished);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_is_killed_under_load() -> Outcome {
    // Each write is on the disk before it is acknowledged.
    let mut redis = Redis::start()?;
    let notes = Arc::new(Notes::default());
    let triggers = running(&trigger(&redis, "one"), notes.clone())?;
    connected(&triggers).await;
    for number in 0..60 {
        redis.cli(["XADD", "orders", "*", "order", &format!("order {number}")])?;
        if number == 30 {
            redis.kill()?;
            redis.restart()?;
        }
    }
    until("all calls", async || notes.len() == 60).await;
    until("the acknowledgements", async || is_settled(&redis)).await;
    assert_eq!(within("the end", triggers.stop(Duration::from_secs(30))).await, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_dead_letter_cannot_be_stored_is_not_acknowledged() -> Outcome {
    let redis = Redis::start()?;
    redis.cli(["SET", "dead", "something else"])?;
    let (target, mut calls) = by_hand();
    let triggers = running(&TriggerConfig { max_attempts: Some(1), ..trigger(&redis, "one") }, target)?;
    redis.cli(["XADD", "orders", "*", "order", "bad"])?;
    calls.next().await.fail("no");
    until("an attempt to store it", async || {
        redis.cli(["INFO", "errorstats"]).is_ok_and(|errors| errors.contains("errorstat_WRONGTYPE"))
    })
    .await;
    assert_eq!((pending(&redis)?.as_str(), counts(&triggers).dead), ("1", 0));
    // Once it can be stored, it is.
    redis.cli(["DEL", "dead"])?;
    until("the dead letter", async || counts(&triggers).dead == 1).await;
    until("the acknowledgement", async || is_settled(&redis)).await;
    assert!(redis.cli(["XRANGE", "dead", "-", "+"])?.contains("bad"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_outlasts_an_outage_of_the_server() -> Outcome {
    let mut redis = Redis::start()?;
    let (target, mut calls) = by_hand();
    let triggers = running(&trigger(&redis, "one"), target)?;
    redis.cli(["XADD", "orders", "*", "order", "1"])?;
    let call = calls.next().await;
    redis.kill()?;
    until("the loss of the connection", async || !counts(&triggers).connected).await;
    redis.restart()?;
    until("signs of life over a new connection", async || {
        signs_of_life(&redis).is_ok_and(|signs| signs >= 2)
    })
    .await;
    // It was neither ended nor begun again.
    assert!(calls.is_empty());
    call.succeed();
    until("the acknowledgement", async || is_settled(&redis)).await;
    assert_eq!(counts(&triggers).received, 1);
    Ok(())
}
