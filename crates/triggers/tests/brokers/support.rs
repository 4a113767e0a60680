//! Functions whose calls the test answers, and waiting for what must come.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use plugwright_triggers::{CallFailed, Counts, Target, TriggerConfig, Triggers};
use tokio::sync::{mpsc, oneshot};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Longer than anything takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

type Answer = Result<Bytes, CallFailed>;

/// A call that waits for the test to answer it.
pub(crate) struct Call {
    pub(crate) input: Bytes,
    answer: oneshot::Sender<Answer>,
}

impl Call {
    pub(crate) fn succeed(self) {
        self.answer.send(Ok(self.input)).expect("the trigger waits for the call");
    }

    pub(crate) fn succeed_with(self, output: Bytes) {
        self.answer.send(Ok(output)).expect("the trigger waits for the call");
    }

    pub(crate) fn fail(self, message: &str) {
        self.answer.send(Err(failure(message))).expect("the trigger waits for the call");
    }

    /// Says that there was no call.
    pub(crate) fn turn_away(self) {
        let busy = CallFailed { called: false, ..failure("busy") };
        self.answer.send(Err(busy)).expect("the trigger waits for the call");
    }
}

pub(crate) fn failure(message: &str) -> CallFailed {
    CallFailed { kind: "Guest".to_owned(), message: message.to_owned(), called: true }
}

/// A function whose calls the test answers.
pub(crate) struct ByHand(mpsc::UnboundedSender<Call>);

/// Its calls.
pub(crate) struct Calls(mpsc::UnboundedReceiver<Call>);

pub(crate) fn by_hand() -> (Arc<ByHand>, Calls) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Arc::new(ByHand(sender)), Calls(receiver))
}

impl Calls {
    pub(crate) async fn next(&mut self) -> Call {
        within("a call", self.0.recv()).await.expect("the trigger lives")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Target for ByHand {
    fn call(&self, input: Bytes) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Call { input, answer }).ok();
        Box::pin(async move { answered.await.unwrap_or_else(|_| Err(failure("the test dropped the call"))) })
    }
}

/// A function that notes its inputs and succeeds.
#[derive(Default)]
pub(crate) struct Notes(Mutex<BTreeSet<Vec<u8>>>);

impl Notes {
    pub(crate) fn has(&self, input: &[u8]) -> bool {
        self.0.lock().expect("no panic").contains(input)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }
}

impl Target for Notes {
    fn call(&self, input: Bytes) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        self.0.lock().expect("no panic").insert(input.to_vec());
        Box::pin(std::future::ready(Ok(input)))
    }
}

/// Runs one trigger.
pub(crate) fn running(config: &TriggerConfig, target: Arc<dyn Target>) -> Result<Triggers, Box<dyn Error>> {
    let mut triggers = Triggers::default();
    triggers.update(vec![(config.clone(), Some(target))], Path::new(""))?;
    Ok(triggers)
}

/// A trigger with short waits.
pub(crate) fn quick(name: &str) -> TriggerConfig {
    TriggerConfig {
        backoff: Duration::from_millis(20),
        max_backoff: Duration::from_millis(50),
        max_attempts: Some(3),
        ..TriggerConfig::new(name, "plugin", "function")
    }
}

pub(crate) fn counts(triggers: &Triggers) -> Counts {
    triggers.metrics().map(|(_, metrics)| metrics.counts()).next().unwrap_or_default()
}

/// Waits for something that must come.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// Asks again and again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    within(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// What went wrong last with the only trigger.
pub(crate) fn last_error(triggers: &Triggers) -> String {
    let last = triggers.metrics().find_map(|(_, metrics)| metrics.last_error());
    last.map(|error| error.message).unwrap_or_default()
}

pub(crate) async fn connected(triggers: &Triggers) {
    until("a connection", async || counts(triggers).connected).await;
}
