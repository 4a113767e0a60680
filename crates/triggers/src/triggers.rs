//! Triggers that run, and change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugwright_capabilities::config::{FieldError, ServerConfig};
use plugwright_capabilities::messaging::{Address, Scheme};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{InvalidTrigger, TriggerConfig};
use crate::cron::Schedule;
use crate::metrics::TriggerMetrics;
use crate::runner::Runner;
use crate::target::Target;
use crate::{cron, jetstream, mqtt, nats, redis};

/// Triggers that run. Dropping them stops them at once; [`stop`](Self::stop) lets them finish.
#[derive(Debug, Default)]
pub struct Triggers {
    running: BTreeMap<String, Running>,
    metrics: BTreeMap<String, Arc<TriggerMetrics>>,
    /// Those that were changed or taken away, and finish what they have begun.
    leaving: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    config: TriggerConfig,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    _alive: watch::Sender<()>,
}

impl Running {
    /// Takes no more messages, and ends when those that are being handled are done with.
    fn leave(&self) {
        self.stop.send_replace(true);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why triggers do not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A trigger is not valid, or a secret that it names is not there.
    #[error(transparent)]
    Invalid(#[from] InvalidTrigger),
    /// The system refuses what a trigger needs.
    #[error("trigger `{trigger}` cannot start: {reason}")]
    System {
        /// The trigger.
        trigger: String,
        /// What the system says.
        reason: std::io::Error,
    },
}

/// A source that was checked, with its secrets.
enum Source {
    Nats(crate::NatsConfig, Address),
    JetStream(crate::JetStreamConfig, Address),
    Mqtt(crate::MqttConfig, Address),
    Cron(crate::CronConfig, Schedule),
    Redis(crate::RedisConfig, ::redis::Client),
}

impl Triggers {
    /// Runs these triggers from now on, each with what it calls. Those that are as before go on undisturbed; the others finish
    /// what they have begun, and those that are new begin. Paths are relative to the folder. Servers that cannot be reached are
    /// waited for.
    ///
    /// It is called in a tokio runtime, in which the triggers run.
    ///
    /// # Errors
    ///
    /// When anything is wrong with one of them. Nothing has changed then.
    pub fn update(
        &mut self,
        wanted: Vec<(TriggerConfig, Arc<dyn Target>)>,
        folder: &Path,
    ) -> Result<(), StartError> {
        let mut new = Vec::new();
        let mut names = Vec::new();
        for (config, target) in wanted {
            if names.contains(&config.name) {
                return Err(config.error("name", "another trigger has this name").into());
            }
            names.push(config.name.clone());
            if self.running.get(&config.name).is_none_or(|running| running.config != config) {
                new.push((Source::of(&config, folder)?, config, target));
            }
        }
        let mut begun = Vec::new();
        for (source, config, target) in new {
            let name = config.name.clone();
            let metrics = self.metrics.get(&name).cloned().unwrap_or_default();
            let running = begin(source, config, target, metrics.clone())?;
            begun.push((name, running, metrics));
        }
        let gone: Vec<String> = self.running.keys().filter(|name| !names.contains(name)).cloned().collect();
        self.leaving.retain(|leaving| !leaving.task.is_finished());
        for name in gone {
            self.metrics.remove(&name);
            let running = self.running.remove(&name);
            self.leaving.extend(running);
        }
        for (name, running, metrics) in begun {
            self.metrics.insert(name.clone(), metrics);
            let before = self.running.insert(name, running);
            self.leaving.extend(before);
        }
        self.leaving.iter().for_each(Running::leave);
        Ok(())
    }

    /// Checks triggers as [`update`](Self::update) does, and changes nothing.
    ///
    /// # Errors
    ///
    /// When anything is wrong with one of them.
    pub fn check(wanted: &[TriggerConfig], folder: &Path) -> Result<(), InvalidTrigger> {
        for (index, config) in wanted.iter().enumerate() {
            if wanted[..index].iter().any(|before| before.name == config.name) {
                return Err(config.error("name", "another trigger has this name"));
            }
            Source::of(config, folder)?;
        }
        Ok(())
    }

    /// The counters of each trigger, by name.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &TriggerMetrics)> {
        self.metrics.iter().map(|(name, metrics)| (&**name, &**metrics))
    }

    /// Takes no more messages, and waits until those that are being handled are done with. The number of triggers that did not
    /// end in time, and were cut: their messages are not acknowledged.
    pub async fn stop(self, patience: Duration) -> usize {
        let Self { running, leaving, .. } = self;
        let mut all: Vec<Running> = running.into_values().chain(leaving).collect();
        all.iter().for_each(Running::leave);
        let deadline = tokio::time::Instant::now() + patience;
        let mut cut = 0;
        for running in &mut all {
            if tokio::time::timeout_at(deadline, &mut running.task).await.is_err() {
                cut += 1;
            }
        }
        cut
    }
}

fn begin(
    source: Source,
    config: TriggerConfig,
    target: Arc<dyn Target>,
    metrics: Arc<TriggerMetrics>,
) -> Result<Running, StartError> {
    let counted = metrics.clone();
    let (stop, stopping) = watch::channel(false);
    let (alive, watched) = watch::channel(());
    let runner = Runner::new(config.clone(), target, metrics, stopping, watched);
    let task = match source {
        Source::Nats(source, address) => tokio::spawn(nats::run(runner, source, address)),
        Source::JetStream(source, address) => tokio::spawn(jetstream::run(runner, source, address)),
        Source::Cron(source, schedule) => tokio::spawn(cron::run(runner, source, schedule)),
        Source::Redis(source, client) => tokio::spawn(redis::run(runner, source, client)),
        Source::Mqtt(source, address) => {
            let connected = mqtt::connect(&source, config.concurrency, &address, counted);
            let (link, messages) =
                connected.map_err(|reason| StartError::System { trigger: config.name.clone(), reason })?;
            tokio::spawn(mqtt::run(runner, source, link, messages))
        }
    };
    Ok(Running { config, stop, task, _alive: alive })
}

impl Source {
    fn of(trigger: &TriggerConfig, folder: &Path) -> Result<Self, InvalidTrigger> {
        trigger.check()?;
        let broker = |kind: &str, server: &ServerConfig, scheme| {
            let address = broker(&server.clone().resolved(folder), scheme);
            address.map_err(|wrong| trigger.error(&format!("{kind}.server.{}", wrong.field), wrong.message))
        };
        if let Some(nats) = &trigger.nats {
            return Ok(Self::Nats(nats.clone(), broker("nats", &nats.server, Scheme::Nats)?));
        }
        if let Some(jetstream) = &trigger.jetstream {
            return Ok(Self::JetStream(
                jetstream.clone(),
                broker("jetstream", &jetstream.server, Scheme::Nats)?,
            ));
        }
        if let Some(mqtt) = &trigger.mqtt {
            let address = broker("mqtt", &mqtt.server, Scheme::Mqtt)?;
            if mqtt.group.is_some() && address.is_old_mqtt() {
                return Err(trigger.error(
                    "mqtt.group",
                    "MQTT 3.1.1 has no shared subscriptions; use a broker with MQTT 5",
                ));
            }
            return Ok(Self::Mqtt(mqtt.clone(), address));
        }
        if let Some(cron) = &trigger.cron {
            return Ok(Self::Cron(cron.clone(), Schedule::of(trigger, cron)?));
        }
        if let Some(redis) = &trigger.redis {
            let client = redis_client(&redis.server.clone().resolved(folder));
            let client = client
                .map_err(|wrong| trigger.error(&format!("redis.server.{}", wrong.field), wrong.message))?;
            return Ok(Self::Redis(redis.clone(), client));
        }
        Err(trigger.error("", "there is no source"))
    }
}

/// The address of a broker, with its secrets read.
fn broker(server: &ServerConfig, scheme: Scheme) -> Result<Address, FieldError> {
    let schemes: &[&str] = match scheme {
        Scheme::Nats => &["nats", "tls"],
        Scheme::Mqtt => &["mqtt", "mqtts"],
    };
    let url = server.address(schemes)?;
    let wrong = |message: String| FieldError::new(server.address_field(), message);
    let address: Address = url.reveal().parse().map_err(|error| wrong(format!("{error}")))?;
    match address.login() {
        Some((user, password)) if user.reveal().is_empty() && !password.reveal().is_empty() => {
            Err(wrong("there is a password and no user; write `user@` before the host".to_owned()))
        }
        _ => Ok(address),
    }
}

/// A client that has not connected yet.
fn redis_client(server: &ServerConfig) -> Result<::redis::Client, FieldError> {
    let url = server.address(&["redis", "redis+unix", "unix"])?;
    // The library's errors may show the address.
    ::redis::Client::open(url.reveal()).map_err(|_| {
        let message = "it is not the address of a Redis server; write `redis://[user@]host[:port]`";
        FieldError::new(server.address_field(), message)
    })
}
