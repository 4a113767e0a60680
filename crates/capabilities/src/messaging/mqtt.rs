//! Messages over MQTT 3.1.1 and 5.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::BoxFuture;
use tokio::sync::oneshot;

use super::{Address, Broker, Outgoing, headers};
use crate::{Code, Failure};

mod link;
mod packet;
mod wire;

pub use link::{Link, PublishError, Settings};
pub use packet::{Arrived, Publication};

/// A connection to an MQTT broker that publishes, and correlates answers with requests.
pub(super) struct Requester {
    link: Link,
    /// Where answers are sent to: a topic that nobody else knows. None in MQTT 3.1.1.
    inbox: Option<String>,
    pending: Arc<Pending>,
}

/// What came of a request: the answer, or the error that its user properties tell of.
type Answer = Result<Vec<u8>, Failure>;

/// The requests that wait for an answer, by the number that the answer must have.
#[derive(Default)]
struct Pending {
    last: AtomicU64,
    requests: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
}

/// A request, which waits no longer once this is dropped.
struct Waiting {
    pending: Arc<Pending>,
    id: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pending.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Requester {
    pub(super) fn open(address: &Address) -> io::Result<Self> {
        let client_id = link::new_client_id()?;
        let inbox = (!address.is_old_mqtt()).then(|| format!("plugwright/answers/{client_id}"));
        let pending = Arc::<Pending>::default();
        let answers = pending.clone();
        let settings = Settings { filters: inbox.iter().cloned().collect(), ..Settings::new(client_id) };
        let link = Link::open(address, settings, move |link, arrived: Arrived| {
            // Else the broker sends no more answers after some of them.
            link.acknowledge(&arrived);
            answers.arrived(&arrived);
        })?;
        Ok(Self { link, inbox, pending })
    }
}

impl Pending {
    fn arrived(&self, answer: &Arrived) {
        let Some(id) =
            answer.correlation.as_deref().and_then(|id| id.try_into().ok()).map(u64::from_le_bytes)
        else {
            return;
        };
        let request = self.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(request) = request {
            let told = headers::failure(|name| answer.headers.get(name).map(String::as_str));
            // Nobody waits for what comes too late.
            let _ = request.send(told.map_or_else(|| Ok(answer.payload.to_vec()), Err));
        }
    }

    fn begin(self: &Arc<Self>) -> (Waiting, oneshot::Receiver<Answer>) {
        let id = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        (Waiting { pending: self.clone(), id }, receiver)
    }
}

impl Broker for Requester {
    fn publish(&self, message: Outgoing) -> BoxFuture<'static, Result<(), Failure>> {
        let link = self.link.clone();
        Box::pin(async move {
            let timeout = message.timeout;
            let publication = publication(message, None);
            let published = async { link.publish(publication?).await.map_err(failure) };
            match tokio::time::timeout(timeout, published).await {
                // Nobody listens: the message is published nevertheless.
                Ok(Err(Failure { code: Code::NoResponders, .. })) => Ok(()),
                Ok(published) => published,
                Err(_) => Err(late(&link)),
            }
        })
    }

    fn request(&self, message: Outgoing) -> BoxFuture<'static, Result<Vec<u8>, Failure>> {
        let Some(inbox) = self.inbox.clone() else {
            return Box::pin(std::future::ready(Err(Failure::invalid(
                "MQTT 3.1.1 has no requests; use a broker with MQTT 5, or NATS",
            ))));
        };
        let (link, pending) = (self.link.clone(), self.pending.clone());
        Box::pin(async move {
            let timeout = message.timeout;
            let answered = async {
                let (waiting, answer) = pending.begin();
                let correlation = (inbox, waiting.id.to_le_bytes());
                let session = link.session().await;
                link.publish(publication(message, Some(correlation))?).await.map_err(failure)?;
                tokio::select! {
                    answer = answer => answer.unwrap_or_else(|_| Err(failure(PublishError::Lost))),
                    // The answer goes to a subscription that is gone.
                    () = link.lost(session) => Err(failure(PublishError::Lost)),
                }
            };
            tokio::time::timeout(timeout, answered).await.unwrap_or_else(|_| Err(late(&link)))
        })
    }
}

/// The time is over: because nobody answered, or for want of a connection.
fn late(link: &Link) -> Failure {
    if link.is_connected() {
        Failure::new(Code::Timeout, "the broker, or whoever should answer, did not do so in time")
    } else {
        Failure::new(Code::Unavailable, "the message server cannot be reached; try again later")
    }
}

fn publication(message: Outgoing, answer_to: Option<(String, [u8; 8])>) -> Result<Publication, Failure> {
    let (response_topic, correlation) = match answer_to {
        Some((topic, id)) => (Some(topic), Some(id.to_vec())),
        None => (None, None),
    };
    Ok(Publication {
        topic: message.subject.replace('.', "/"),
        payload: message.payload.into(),
        headers: message.headers,
        response_topic,
        correlation,
    })
}

fn failure(error: PublishError) -> Failure {
    let code = match error {
        PublishError::Lost => Code::Unavailable,
        PublishError::Full => Code::RateLimited,
        PublishError::TooLarge { .. } => Code::TooLarge,
        PublishError::NoHeaders => Code::Invalid,
        PublishError::NoListeners => Code::NoResponders,
        PublishError::Forbidden => Code::Forbidden,
        PublishError::Refused => Code::Internal,
    };
    Failure::new(code, error.to_string())
}
