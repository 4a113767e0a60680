//! The micro-services protocol of NATS: who is there, what it offers, and how it fares. `nats micro ls`, `info` and `stats` ask it.

use std::sync::Arc;

use async_nats::Message;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::JoinSet;

use super::requests::QUEUE_GROUP;
use super::service::Service;
use crate::error::RemoteError;
use crate::names;
use crate::subscription::Subscription;

/// Answers from now on.
pub(super) async fn serve(
    service: &Arc<Service>,
    tasks: &mut JoinSet<Option<Arc<Service>>>,
) -> Result<(), RemoteError> {
    let (name, id) = (service.name(), &service.id);
    for subject in ["$SRV.*".to_owned(), format!("$SRV.*.{name}"), format!("$SRV.*.{name}.{id}")] {
        let subscribed = Subscription::open(&service.nats, subject, None).await;
        let mut questions = subscribed.map_err(|error| RemoteError::Connection {
            what: format!("announce the plug-in `{name}`"),
            reason: error.to_string(),
        })?;
        let service = service.clone();
        tasks.spawn(async move {
            loop {
                let question = questions.next().await;
                reply(&service, question).await;
            }
        });
    }
    Ok(())
}

async fn reply(service: &Service, question: Message) {
    let verb = question.subject.split('.').nth(1).unwrap_or_default();
    let answer = match verb {
        "PING" => ping(service),
        "INFO" => info(service),
        "STATS" => stats(service),
        _ => return,
    };
    let Some(to) = question.reply.filter(|to| names::is_reply(to)) else { return };
    if let Err(error) = service.nats.client().publish(to, answer.to_string().into()).await {
        tracing::debug!(target: "plugwright::nats", %error, "a question about the service is not answered");
    }
}

/// What all answers begin with.
fn answer(service: &Service, kind: &str) -> Value {
    let version = service.current();
    let mut metadata = json!({ "plugwright": env!("CARGO_PKG_VERSION") });
    if let Some(published) = &version.published {
        metadata["sha256"] = published.sha256.clone().into();
    }
    json!({
        "type": format!("io.nats.micro.v1.{kind}_response"),
        "name": service.name(),
        "id": service.id,
        "version": version.number(),
        "metadata": metadata,
    })
}

fn ping(service: &Service) -> Value {
    answer(service, "ping")
}

fn info(service: &Service) -> Value {
    let endpoint = |function: &String| {
        json!({
            "name": function,
            "subject": names::function_subject(service.name(), function),
            "queue_group": QUEUE_GROUP,
            "metadata": {},
        })
    };
    let mut info = answer(service, "info");
    info["description"] = "A Plugwright plug-in".into();
    info["endpoints"] = service.current().functions.iter().map(endpoint).collect();
    info
}

fn stats(service: &Service) -> Value {
    let endpoint = |function: &String| {
        let stats = service.stats.of(function);
        let nanos = u64::try_from(stats.time.as_nanos()).unwrap_or(u64::MAX);
        json!({
            "name": function,
            "subject": names::function_subject(service.name(), function),
            "queue_group": QUEUE_GROUP,
            "num_requests": stats.requests,
            "num_errors": stats.errors,
            "last_error": stats.last_error,
            "processing_time": nanos,
            "average_processing_time": nanos.checked_div(stats.requests).unwrap_or_default(),
        })
    };
    let mut answer = answer(service, "stats");
    // Times of this century can be written.
    let started = OffsetDateTime::from(service.started).format(&Rfc3339).unwrap_or_default();
    answer["started"] = started.into();
    answer["endpoints"] = service.current().functions.iter().map(endpoint).collect();
    answer
}
