//! Triggers that run, and change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugwright_capabilities::Secret;
use plugwright_capabilities::config::{FieldError, ServerConfig};
use plugwright_capabilities::messaging::{Address, Scheme};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{InvalidTrigger, TriggerConfig};
use crate::cron::Schedule;
use crate::metrics::TriggerMetrics;
use crate::runner::{Over, Runner};
use crate::target::Target;
use crate::{cron, jetstream, mqtt, nats, redis};

/// The longest that clocks can be asked to wait.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Triggers that run. Dropping them stops them at once; [`stop`](Self::stop) lets them finish.
#[derive(Debug, Default)]
pub struct Triggers {
    running: BTreeMap<String, Running>,
    /// Those that have nothing to call for now.
    resting: Vec<TriggerConfig>,
    metrics: BTreeMap<String, Arc<TriggerMetrics>>,
    /// Those that were changed or taken away, and finish what they have begun.
    leaving: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    config: TriggerConfig,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// How it logs in, which a file or a variable may say otherwise by now.
    login: Login,
    /// The session at a broker that only one may have, and when it is over.
    session: Option<Session>,
    over: Over,
    _alive: watch::Sender<()>,
}

/// User and password, as far as there are any.
type Login = Option<(Secret, Secret)>;

/// A session that a broker keeps: broker and name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Session(String, u16, String);

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
    /// what they have begun, and those that are new begin. Those with nothing to call rest: they take no messages. Paths are relative to the folder. Servers that cannot be reached are
    /// waited for.
    ///
    /// It is called in a tokio runtime, in which the triggers run.
    ///
    /// # Errors
    ///
    /// When anything is wrong with one of them. Nothing has changed then.
    pub fn update(
        &mut self,
        wanted: Vec<(TriggerConfig, Option<Arc<dyn Target>>)>,
        folder: &Path,
    ) -> Result<(), InvalidTrigger> {
        let mut new = Vec::new();
        let mut resting = Vec::new();
        let mut names = Vec::new();
        let mut sessions = Vec::new();
        for (config, target) in wanted {
            let source = Source::checked(&config, folder, &names, &mut sessions)?;
            names.push(config.name.clone());
            let Some(target) = target else {
                resting.push(config);
                continue;
            };
            let login = source.login();
            let is_same = |running: &Running| running.config == config && running.login == login;
            if !self.running.get(&config.name).is_some_and(is_same) {
                new.push((source, config, target));
            }
        }
        self.metrics.retain(|name, _| names.contains(name));
        let rests = |name: &String| resting.iter().any(|config| config.name == *name);
        let gone: Vec<String> =
            self.running.keys().filter(|name| !names.contains(name) || rests(name)).cloned().collect();
        self.leaving.retain(|leaving| !leaving.task.is_finished());
        for name in gone {
            self.leaving.extend(self.running.remove(&name));
        }
        for config in &resting {
            self.metrics.entry(config.name.clone()).or_default();
        }
        self.resting = resting;
        for (_, config, _) in &new {
            self.leaving.extend(self.running.remove(&config.name));
        }
        self.leaving.iter().for_each(Running::leave);
        for (source, config, target) in new {
            let name = config.name.clone();
            let metrics = self.metrics.entry(name.clone()).or_default().clone();
            self.running.insert(name, begin(source, config, target, metrics, &self.leaving));
        }
        Ok(())
    }

    /// Checks triggers as [`update`](Self::update) does, and changes nothing.
    ///
    /// # Errors
    ///
    /// When anything is wrong with one of them.
    pub fn check(wanted: &[TriggerConfig], folder: &Path) -> Result<(), InvalidTrigger> {
        let mut names = Vec::new();
        let mut sessions = Vec::new();
        for config in wanted {
            Source::checked(config, folder, &names, &mut sessions)?;
            names.push(config.name.clone());
        }
        Ok(())
    }

    /// The counters of each trigger, by name.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &TriggerMetrics)> {
        self.metrics.iter().map(|(name, metrics)| (&**name, &**metrics))
    }

    /// The triggers that run, by name, and then those that rest, with their counters.
    pub fn all(&self) -> impl Iterator<Item = (&TriggerConfig, &TriggerMetrics)> {
        let configs = self.running.values().map(|running| &running.config).chain(&self.resting);
        configs.filter_map(|config| Some((config, &**self.metrics.get(&config.name)?)))
    }

    /// Takes no more messages, and waits until those that are being handled are done with. The number of triggers that did not
    /// end in time, and were cut: their messages are not acknowledged.
    pub async fn stop(self, patience: Duration) -> usize {
        let Self { running, leaving, .. } = self;
        let mut all: Vec<Running> = running.into_values().chain(leaving).collect();
        all.iter().for_each(Running::leave);
        let deadline = tokio::time::Instant::now() + patience.min(LONGEST);
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
    leaving: &[Running],
) -> Running {
    let (stop, stopping) = watch::channel(false);
    let (alive, watched) = watch::channel(());
    let (ending, over) = Over::new();
    let (session, login) = (source.session(), source.login());
    let runner = Runner::new(config.clone(), target, metrics, stopping, watched);
    let same = |before: &&Running| session.is_some() && before.session == session;
    let before: Vec<Over> = leaving.iter().filter(same).map(|before| before.over.clone()).collect();
    let task = tokio::spawn(async move {
        match source {
            Source::Nats(source, address) => nats::run(runner, source, address).await,
            Source::JetStream(source, address) => jetstream::run(runner, source, address).await,
            Source::Cron(source, schedule) => cron::run(runner, source, schedule).await,
            Source::Redis(source, client) => redis::run(runner, source, client).await,
            Source::Mqtt(source, address) => mqtt::run(runner, source, address, before).await,
        }
        drop(ending);
    });
    Running { config, stop, task, login, session, over, _alive: alive }
}

impl Source {
    /// A trigger beside others with these names and sessions. Its own session is added to those.
    fn checked(
        trigger: &TriggerConfig,
        folder: &Path,
        names: &[String],
        sessions: &mut Vec<Session>,
    ) -> Result<Self, InvalidTrigger> {
        if names.contains(&trigger.name) {
            return Err(trigger.error("name", "another trigger has this name"));
        }
        let source = Self::of(trigger, folder)?;
        let Some(session) = source.session() else { return Ok(source) };
        if sessions.contains(&session) {
            return Err(trigger.error(
                "mqtt.client_id",
                format!(
                    "another trigger is `{}` at this broker; they would take the session from each other",
                    session.2
                ),
            ));
        }
        sessions.push(session);
        Ok(source)
    }

    fn login(&self) -> Login {
        match self {
            Self::Nats(_, address) | Self::JetStream(_, address) | Self::Mqtt(_, address) => {
                address.login().cloned()
            }
            Self::Redis(_, client) => {
                let settings = client.get_connection_info().redis_settings();
                let text = |text: Option<&str>| Secret::new(text.unwrap_or_default());
                Some((text(settings.username()), text(settings.password())))
            }
            Self::Cron(..) => None,
        }
    }

    fn session(&self) -> Option<Session> {
        match self {
            Self::Mqtt(mqtt, address) => {
                Some(Session(address.host().to_owned(), address.port(), mqtt.client_id.clone()))
            }
            _ => None,
        }
    }

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
