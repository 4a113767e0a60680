//! A plug-in that publishes and asks, and brokers that listen.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use plugwright::{Json, Plugin, Wasm};
use plugwright_capabilities::messaging::mqtt::{Link, Publication, Settings};
use plugwright_capabilities::messaging::{Headers, Messaging, nats};
use plugwright_capabilities::{Grant, Limits};
use plugwright_test_servers::{Mosquitto, Nats};
use serde_json::Value;
use tokio::sync::mpsc;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Longer than anything takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message that somebody else got: subject with dots, and payload.
pub(crate) type Heard = (String, Vec<u8>);

/// A broker, as the tests of both need it.
pub(crate) trait Server {
    fn address(&self) -> String;
    fn kill(&mut self) -> Outcome;
    fn restart(&mut self) -> Outcome;
    /// All messages, from now on. Some requests are answered, see [`answer`].
    async fn listen(&self) -> Result<mpsc::UnboundedReceiver<Heard>, Box<dyn Error>>;
}

/// The headers of the answer to a request of this subject, which is what the request says; none if it gets no answer.
fn answer(subject: &str) -> Option<Headers> {
    let headers: &[(&str, &str)] = match subject.rsplit(['.', '/']).next() {
        Some("echo") => &[],
        // As a trigger whose plug-in fails, and as a service of NATS.
        Some("broken") => &[("Plugwright-Error", "out of stock")],
        Some("refused") => &[("Nats-Service-Error-Code", "404"), ("Nats-Service-Error", "no such order")],
        _ => return None,
    };
    Some(headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

impl Server for Nats {
    fn address(&self) -> String {
        self.url()
    }

    fn kill(&mut self) -> Outcome {
        Ok(Nats::kill(self)?)
    }

    fn restart(&mut self) -> Outcome {
        Ok(Nats::restart(self)?)
    }

    async fn listen(&self) -> Result<mpsc::UnboundedReceiver<Heard>, Box<dyn Error>> {
        let client = async_nats::ConnectOptions::new()
            .reconnect_delay_callback(|_| Duration::from_millis(20))
            .connect(self.url())
            .await?;
        let mut all = client.subscribe(">").await?;
        // The server has the subscription once it sends what comes behind it.
        client.publish("ready", Default::default()).await?;
        all.next().await.ok_or("no message")?;
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(message) = all.next().await {
                if message.subject.starts_with("_INBOX.") {
                    continue;
                }
                if let (Some(reply), Some(headers)) = (message.reply, answer(&message.subject)) {
                    let headers = nats::header_map(&headers).unwrap_or_default();
                    client.publish_with_headers(reply, headers, message.payload.clone()).await.ok();
                }
                sender.send((message.subject.to_string(), message.payload.to_vec())).ok();
            }
        });
        Ok(receiver)
    }
}

impl Server for Mosquitto {
    fn address(&self) -> String {
        self.url()
    }

    fn kill(&mut self) -> Outcome {
        Ok(Mosquitto::kill(self)?)
    }

    fn restart(&mut self) -> Outcome {
        Ok(Mosquitto::restart(self)?)
    }

    async fn listen(&self) -> Result<mpsc::UnboundedReceiver<Heard>, Box<dyn Error>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let settings = Settings { filters: vec!["#".to_owned()], ..Settings::new("listener".to_owned()) };
        let link = Link::open(&self.url().parse()?, settings, move |link, message| {
            link.acknowledge(&message);
            if let (Some(topic), Some(headers)) = (message.response_topic.clone(), answer(&message.topic)) {
                let correlation = message.correlation.as_ref().map(|id| id.to_vec());
                let answer = Publication {
                    topic,
                    correlation,
                    headers,
                    payload: message.payload.clone(),
                    ..Publication::default()
                };
                let link = link.clone();
                tokio::spawn(async move { link.publish(answer).await.ok() });
            }
            if !message.topic.starts_with("plugwright/answers/") {
                sender.send((message.topic.replace('/', "."), message.payload.to_vec())).ok();
            }
        })?;
        within("a connection", link.session()).await;
        // The connection lasts as long as the test.
        std::mem::forget(link);
        Ok(receiver)
    }
}

/// A plug-in with this capability.
pub(crate) fn plugin(messaging: &Messaging) -> Result<Plugin, Box<dyn Error>> {
    Ok(Plugin::builder(Wasm::data(include_bytes!("guest.wat").to_vec()))
        .with(messaging)
        .timeout(PATIENCE)
        .build()?)
}

/// The guests with a PDK, all of which do the same.
pub(crate) const GUESTS: [&str; 3] = ["rust_pdk_messages", "go_pdk_messages", "js_messages"];

/// What comes of these operations in one call of a guest with a PDK.
pub(crate) async fn run(
    guest: &str,
    messaging: &Messaging,
    operations: &Value,
) -> Result<Value, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../guests/build/{guest}.wasm"));
    assert!(path.exists(), "`{}` is not built: run `cargo xtask guests`", path.display());
    let mut plugin = Plugin::builder(path).wasi(true).with(messaging).timeout(PATIENCE).build()?;
    let Json(results) = plugin.call_async::<_, Json<Value>>("run", Json(operations)).await?;
    Ok(results)
}

pub(crate) fn grant(namespace: &str) -> Result<Grant, Box<dyn Error>> {
    Ok(Grant::new(namespace.parse()?, Limits::default()))
}

/// A reply: what was asked for, or code and message of the failure.
pub(crate) type Reply = Result<Vec<u8>, (String, String)>;

pub(crate) async fn publish(
    plugin: &mut Plugin,
    subject: &[u8],
    payload: &[u8],
    headers: &str,
) -> Result<Reply, Box<dyn Error>> {
    let lengths = [subject.len(), payload.len(), headers.len()];
    call(plugin, "publish", lengths, &[subject, payload, headers.as_bytes()]).await
}

pub(crate) async fn request(
    plugin: &mut Plugin,
    subject: &str,
    payload: &[u8],
    timeout_ms: usize,
) -> Result<Reply, Box<dyn Error>> {
    let lengths = [subject.len(), payload.len(), timeout_ms];
    call(plugin, "request", lengths, &[subject.as_bytes(), payload]).await
}

pub(crate) async fn call(
    plugin: &mut Plugin,
    function: &str,
    lengths: [usize; 3],
    parts: &[&[u8]],
) -> Result<Reply, Box<dyn Error>> {
    let mut input = Vec::new();
    for length in lengths {
        input.extend(u32::try_from(length)?.to_le_bytes());
    }
    parts.iter().for_each(|part| input.extend_from_slice(part));
    let reply: &[u8] = plugin.call_async(function, &input[..]).await?;
    match reply.split_first() {
        Some((0, result)) => Ok(Ok(result.to_vec())),
        Some((2, failure)) => {
            let failure: plugwright_capabilities::Failure = serde_json::from_slice(failure)?;
            Ok(Err((failure.code.as_str().to_owned(), failure.message)))
        }
        other => Err(format!("a reply of no known kind: {other:?}").into()),
    }
}

/// The code of a failure.
pub(crate) fn code(reply: &Reply) -> &str {
    match reply {
        Ok(_) => "done",
        Err((code, _)) => code,
    }
}

/// Waits for something that must come.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}
