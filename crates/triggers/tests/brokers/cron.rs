//! Times of a schedule.

use std::time::Duration;

use plugwright_triggers::{CronConfig, TriggerConfig};

use crate::support::{Outcome, by_hand, counts, quick, running, until, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_calls_and_leaves_out_what_would_overlap() -> Outcome {
    let (target, mut calls) = by_hand();
    let config =
        TriggerConfig { cron: Some(CronConfig::new("* * * * * *")), max_attempts: None, ..quick("tick") };
    let triggers = running(&config, target)?;
    let call = calls.next().await;
    let text = String::from_utf8(call.input.to_vec())?;
    assert!(text.starts_with(r#"{"trigger":"tick","scheduled":"20"#) && text.ends_with("Z\"}"), "{text}");
    until("a time that is left out", async || counts(&triggers).skipped > 0).await;
    assert!(calls.is_empty(), "two calls at a time");
    call.fail("once");
    let call = calls.next().await;
    let stopped = tokio::spawn(triggers.stop(Duration::from_secs(30)));
    call.succeed();
    assert_eq!(within("the end", stopped).await?, 0);
    Ok(())
}
