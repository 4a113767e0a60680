//! Functions that are called for messages and at times, beside routes.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use plugwright::ErrorKind;
use plugwright_triggers::{CallFailed, Target, TriggerConfig, TriggerMetrics, Triggers};

use crate::admin::{TriggerError, TriggerState};
use crate::app::App;
use crate::config::{Config, ConfigError};
use crate::deployment::{Call, CallError, Deployment};
use crate::lane::{Pace, Panicked};

mod metrics;

/// How long a call waits for an instance. A trigger takes no more messages than it has instances for, so it hardly waits, unless
/// routes use the same ones.
const WAIT: Duration = Duration::from_secs(60);

/// What a trigger calls, on a site.
#[derive(Debug)]
pub(crate) struct TriggerRoute {
    pub(crate) function: Arc<str>,
    /// `None` when the plug-in was removed.
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// How long the function's last call computed.
    pub(crate) pace: Pace,
}

/// The triggers of a server.
#[derive(Debug, Default)]
pub(crate) struct RunningTriggers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    triggers: Triggers,
    /// Whether the server runs. Before and after that nothing may start.
    running: bool,
}

/// What a trigger of this name calls: whatever the site has for it at the time.
struct OfSite {
    app: Weak<App>,
    trigger: String,
}

impl Target for OfSite {
    fn call(&self, input: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, CallFailed>> + Send>> {
        let app = self.app.upgrade();
        let trigger = self.trigger.clone();
        Box::pin(async move {
            let app = app.ok_or_else(|| not_called("Cancelled", "the server is gone"))?;
            let route = app.site.load().triggers.get(&trigger).cloned();
            let route = route.ok_or_else(|| not_called("Load", "the trigger is not served any more"))?;
            call(&app, &trigger, &route, input).await
        })
    }
}

async fn call(app: &App, trigger: &str, route: &TriggerRoute, input: Bytes) -> Result<Bytes, CallFailed> {
    let deployment =
        route.deployment.clone().ok_or_else(|| not_called("Load", "the plug-in was taken out of service"))?;
    let call = Call {
        function: route.function.clone(),
        input,
        session: None,
        wait: WAIT,
        #[cfg(feature = "otlp")]
        parent: crate::telemetry::parent(&http::HeaderMap::new()),
    };
    let moved = &deployment.metrics.slow_calls;
    match app.lanes.run(&route.pace, moved, Box::pin(deployment.clone().call(call))).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(CallError::Call(error))) => {
            deployment.metrics.failed(error.kind());
            app.recent.note(&format!("trigger {trigger}"), &deployment.key.plugin, &route.function, &error);
            let called = !matches!(error.kind(), ErrorKind::PoolTimeout);
            Err(CallFailed { called, ..failed(error.kind().name(), &error.to_string()) })
        }
        Ok(Err(CallError::Refused(problem))) => Err(not_called("Busy", problem.detail())),
        Err(Panicked) => Err(failed("Internal", "the server failed while it made the call")),
    }
}

#[cold]
fn failed(kind: &str, message: &str) -> CallFailed {
    CallFailed { kind: kind.to_owned(), message: message.to_owned(), called: true }
}

#[cold]
fn not_called(kind: &str, message: &str) -> CallFailed {
    CallFailed { called: false, ..failed(kind, message) }
}

impl RunningTriggers {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the triggers of the configuration from now on. It is called in a tokio runtime.
    pub(crate) fn start(&self, app: &Arc<App>, config: &Config) {
        self.lock().running = true;
        self.update(app, config);
    }

    /// Runs the triggers of this configuration instead, which was [checked](check).
    pub(crate) fn update(&self, app: &Arc<App>, config: &Config) {
        let mut state = self.lock();
        if !state.running {
            return;
        }
        let site = app.site.load();
        // Messages for a plug-in that is out of service stay where they are.
        let target = |trigger: &TriggerConfig| -> Option<Arc<dyn Target>> {
            site.triggers.get(&trigger.name)?.deployment.as_ref()?;
            Some(Arc::new(OfSite { app: Arc::downgrade(app), trigger: trigger.name.clone() }))
        };
        let wanted = config.triggers.iter().map(|trigger| (trigger.clone(), target(trigger))).collect();
        if let Err(error) = state.triggers.update(wanted, &folder(config)) {
            tracing::error!("the triggers stay as they were: {error}");
        }
    }

    /// Takes no more messages, and finishes those that are being handled. The number of triggers that did not end in time.
    pub(crate) async fn stop(&self, patience: Duration) -> usize {
        let triggers = {
            let mut state = self.lock();
            state.running = false;
            std::mem::take(&mut state.triggers)
        };
        triggers.stop(patience).await
    }

    /// What each trigger does, for people.
    pub(crate) fn states(&self) -> Vec<TriggerState> {
        self.lock().triggers.all().map(|(config, metrics)| state(config, metrics)).collect()
    }

    /// Counters in the text format of Prometheus.
    pub(crate) fn metrics(&self) -> String {
        metrics::text(&self.lock().triggers)
    }
}

fn state(config: &TriggerConfig, metrics: &TriggerMetrics) -> TriggerState {
    let counts = metrics.counts();
    let last_error = metrics
        .last_error()
        .map(|error| TriggerError { time: crate::time::rfc3339(error.time), message: error.message });
    TriggerState {
        name: config.name.clone(),
        kind: config.kind(),
        source: config.source(),
        plugin: config.plugin.clone(),
        function: config.function.clone(),
        connected: counts.connected,
        received: counts.received,
        succeeded: counts.succeeded,
        failed: counts.failed,
        dead_letters: counts.dead,
        dropped: counts.dropped,
        skipped: counts.skipped,
        in_flight: counts.in_flight,
        last_error,
    }
}

/// Checks the triggers of a configuration: what they say, and the secrets that they name.
///
/// # Errors
///
/// What is wrong.
pub(crate) fn check(config: &Config) -> Result<(), ConfigError> {
    Triggers::check(&config.triggers, &folder(config)).map_err(|error| {
        let index = config.triggers.iter().position(|trigger| trigger.name == error.trigger);
        config.trigger_error(index.unwrap_or_default(), &error.field, error.message)
    })
}

/// The folder that paths are relative to.
fn folder(config: &Config) -> PathBuf {
    config.resolve(Path::new(""))
}
