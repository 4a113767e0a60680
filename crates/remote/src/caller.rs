//! Calling plug-ins that run elsewhere, with the calls and errors of local ones.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use plugwright::convert::Error as ConvertError;
use plugwright::{Error, ErrorKind, ErrorReport, FromBytesOwned, Result, ToBytes};
use tokio::time::{Instant, sleep, timeout_at};

use crate::connection::{Nats, unavailable};
use crate::{names, parts, threads, wire};

mod attempt;
mod inbox;

use attempt::{Outcome, Request};
pub(crate) use inbox::Inbox;

/// How long a call looks for a worker that takes it, unless told otherwise.
const WAIT: Duration = Duration::from_secs(5);

/// How often a worker says that it is at a call, unless told otherwise.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The most workers that a call of an idempotent plug-in may lose.
const MAX_LOST: u32 = 3;

/// The pause before a call is offered to workers again: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));

/// The longest that anything waits: more than anybody does, and less than clocks can say.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A plug-in that runs on workers elsewhere: NATS gives each call to one of them. It is called like a [`Pool`](plugwright::Pool),
/// by any number of threads and tasks, and what a plug-in's function does wrong is the same error as in a local call.
///
/// Two kinds of errors are of the distance. [`Unavailable`](ErrorKind::Unavailable): no worker took the call, and nothing ran.
/// [`Lost`](ErrorKind::Lost): the worker or the connection to it is gone in mid-call; the call may have run or may still.
/// A plug-in that is marked [`idempotent`](Self::idempotent) is called again elsewhere instead.
///
/// A clone is cheap, and has settings of its own.
#[derive(Clone, Debug)]
pub struct RemotePlugin {
    nats: Nats,
    name: Arc<str>,
    timeout: Option<Duration>,
    wait: Duration,
    heartbeat: Duration,
    idempotent: bool,
    max_bytes: usize,
}

impl RemotePlugin {
    pub(crate) fn new(nats: Nats, name: &str) -> Self {
        Self {
            nats,
            name: name.into(),
            timeout: None,
            wait: WAIT,
            heartbeat: HEARTBEAT,
            idempotent: false,
            max_bytes: parts::MAX_BYTES,
        }
    }

    /// Ends each call after this time, on its worker too; without, only the worker's own limits end it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a call looks for a worker that takes it, when there is none, all are busy, or NATS is away: 5 s by default.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait.min(LONGEST);
        self
    }

    /// How often a worker says that it is at a call: every second by default. A worker that was silent for four times as long counts
    /// as gone. Less than 50 ms is taken as that.
    #[must_use]
    pub fn heartbeat(mut self, period: Duration) -> Self {
        self.heartbeat = period.clamp(Duration::from_millis(50), LONGEST);
        self
    }

    /// Whether its functions may run twice for one call. If so, a call whose worker is lost is made again elsewhere.
    #[must_use]
    pub fn idempotent(mut self, yes: bool) -> Self {
        self.idempotent = yes;
        self
    }

    /// The most bytes of an input, and of an output: 64 MiB by default, 9 999 999 999 at most. What does not fit into a message of the server goes
    /// in parts.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes.min(usize::try_from(wire::MAX_NUMBER).unwrap_or(usize::MAX));
        self
    }

    /// The plug-in's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls a function on some worker, occupying the thread. Not for threads of an async executor: they use
    /// [`call_async`](Self::call_async).
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`](plugwright::Plugin::call); and `Unavailable`, `Lost`, and `Limit` when input or output are
    /// larger than [`max_bytes`](Self::max_bytes), or the worker takes less.
    pub fn call<'i, I, O>(&self, function: &str, input: I) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytesOwned,
    {
        let input = self.input(function, input.to_bytes())?;
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let call = self.clone().run(function.to_owned(), input);
        threads::messages().map_err(|error| unavailable(error.to_string()))?.spawn(async move {
            // Whoever waits for it is there.
            let _ = sender.send(call.await);
        });
        let output = receiver.recv().map_err(|_| unavailable("the thread for messages is gone"))??;
        self.output(function, &output)
    }

    /// Like [`call`](Self::call), without occupying the thread, in any executor. Dropping the future cancels the call on its worker.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    // Not an `async fn`, for the reason that `Plugin::call_async` gives.
    pub fn call_async<'i, I, O>(
        &self,
        function: &str,
        input: I,
    ) -> impl Future<Output = Result<O>> + Send + use<I, O>
    where
        I: ToBytes<'i>,
        O: FromBytesOwned,
    {
        let input = self.input(function, input.to_bytes());
        let (plugin, function) = (self.clone(), function.to_owned());
        async move {
            let output = plugin.call_bytes(&function, input?).await?;
            plugin.output(&function, &output)
        }
    }

    /// Like [`call_async`](Self::call_async), with bytes that are not copied on their way.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_bytes(&self, function: &str, input: Bytes) -> Result<Bytes> {
        let call = self.clone().run(function.to_owned(), input);
        threads::there(call).await.map_err(|error| unavailable(error.to_string()))?
    }

    /// Makes the call, on the threads for messages.
    async fn run(self, function: String, input: Bytes) -> Result<Bytes> {
        let name = self.name.clone();
        let deadline = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let called = async {
            if !names::is_name(&function) {
                let shown = names::shortened(&function);
                let message = format!(
                    "the plug-in exports no function `{shown}` that can be called over NATS, where names have letters, digits, `-` and `_`"
                );
                return Err(
                    ErrorReport::new(&ErrorKind::FunctionNotFound { nearest: Vec::new() }, message).into()
                );
            }
            if input.len() > self.max_bytes {
                return Err(too_many("input", input.len(), self.max_bytes));
            }
            self.offer(
                Request {
                    plugin: name.to_string(),
                    function: function.clone(),
                    input,
                    heartbeat: self.heartbeat,
                    max_bytes: self.max_bytes,
                },
                deadline,
            )
            .await
        };
        let outcome = match deadline {
            None => called.await,
            Some(deadline) => match timeout_at(deadline, called).await {
                Ok(outcome) => outcome,
                Err(_) => Err(self.timed_out()),
            },
        };
        outcome.map_err(|error| named(&error, &name, &function))
    }

    /// Offers the call to workers until one takes it.
    async fn offer(&self, request: Request, deadline: Option<Instant>) -> Result<Bytes> {
        let mut patience = Instant::now() + self.wait;
        let (mut pause, mut lost) = (PAUSE.0, 0);
        loop {
            if timeout_at(patience, self.nats.connected()).await.is_err() {
                return Err(unavailable("there is no connection to NATS; check that its server runs"));
            }
            match request.attempt(&self.nats, deadline, patience).await {
                Outcome::Output(output) => return Ok(output),
                Outcome::Failed(error) => return Err(error),
                Outcome::NotBegun(reason) => {
                    if Instant::now() + pause >= patience {
                        return Err(unavailable(reason));
                    }
                    sleep(jittered(pause)).await;
                    pause = (pause * 2).min(PAUSE.1);
                }
                Outcome::Lost(reason) => {
                    lost += 1;
                    if !self.idempotent || lost > MAX_LOST {
                        return Err(self.lost(&reason, lost));
                    }
                    // It is not the time that was spent on looking.
                    patience = Instant::now() + self.wait;
                    tracing::debug!(target: "plugwright::nats", plugin = &*self.name, "a call is made again: {reason}");
                }
            }
        }
    }

    fn input(&self, function: &str, input: Result<impl AsRef<[u8]>, ConvertError>) -> Result<Bytes> {
        match input {
            Ok(bytes) => Ok(Bytes::copy_from_slice(bytes.as_ref())),
            Err(error) => {
                let error = Error::encode(format!("the input cannot be passed: {error}"));
                Err(named(&error, &self.name, function))
            }
        }
    }

    fn output<O: FromBytesOwned>(&self, function: &str, output: &[u8]) -> Result<O> {
        O::from_bytes_owned(output).map_err(|error| {
            let error = Error::decode(format!("the output is not what was asked for: {error}"));
            named(&error, &self.name, function)
        })
    }

    #[cold]
    fn timed_out(&self) -> Error {
        let time = self.timeout.unwrap_or_default();
        ErrorReport::new(&ErrorKind::Timeout, format!("the call did not end within {time:?}")).into()
    }

    #[cold]
    fn lost(&self, reason: &str, times: u32) -> Error {
        let advice = if self.idempotent {
            format!("it was lost {times} times; check the workers")
        } else {
            "it may have run; mark the plug-in as idempotent if its calls may be repeated".to_owned()
        };
        ErrorReport::new(&ErrorKind::Lost, format!("the call is lost: {reason}; {advice}")).into()
    }
}

/// An error with the names that a caller knows, unless the worker said others.
fn named(error: &Error, plugin: &str, function: &str) -> Error {
    let mut report = ErrorReport::from(error);
    report.plugin.get_or_insert_with(|| plugin.to_owned());
    report.function.get_or_insert_with(|| names::shortened(function));
    report.into()
}

/// What a caller does not want.
pub(crate) fn too_many(what: &str, bytes: usize, max: usize) -> Error {
    let message = format!("the {what} has {bytes} bytes, and the caller allows {max}; raise its `max_bytes`");
    ErrorReport::new(&ErrorKind::Limit, message).into()
}

/// What does not fit into a message, when the caller takes no parts.
pub(crate) fn too_large(what: &str, bytes: usize, max: usize) -> Error {
    let message = format!(
        "the {what} has {bytes} bytes, and a message of this NATS server at most {max}; raise its `max_payload`, or send less"
    );
    ErrorReport::new(&ErrorKind::Limit, message).into()
}

/// Half of the time up to all of it, so that callers who were turned away together do not return together.
fn jittered(pause: Duration) -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    // The last digits of the time are as good as random.
    pause / 2 + pause / 2 * (nanos / 64 % 1000) / 1000
}
