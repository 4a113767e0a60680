//! Ending sessions that nobody uses any more, though nobody else wants their place.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

/// How often sessions are looked at.
pub(crate) const PERIOD: Duration = Duration::from_secs(5);

/// Looks at the sessions of what is served, once in a period, for ever.
pub(crate) async fn sweep(app: Arc<App>, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        app.site.load().deployments.values().for_each(|deployment| deployment.sweep());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;

    use super::sweep;
    use crate::app::App;
    use crate::config::{Config, Isolation, RouteConfig, SessionConfig};
    use crate::deployment::Call;
    use crate::metrics::Gauges;

    /// What a deployment has: all of a path's route.
    fn gauges(app: &App, route: usize) -> Gauges {
        let site = app.site.load();
        let mut gauges = Gauges::default();
        site.routes[route].deployment.as_ref().unwrap().add_to(&mut gauges);
        gauges
    }

    #[tokio::test]
    async fn sessions_end_though_nobody_asks_for_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let guest = folder.path().join("guest.wat");
        std::fs::write(&guest, r#"(module (memory 1) (func (export "run") (result i32) (i32.const 0)))"#)
            .unwrap();
        let mut config = Config::default();
        for (path, idle_timeout) in [("/short", Duration::ZERO), ("/long", Duration::from_secs(3600))] {
            let mut route = RouteConfig::new(path, guest.to_str().unwrap(), "run");
            route.isolation = Isolation::Session;
            route.session = Some(SessionConfig { idle_timeout, ..SessionConfig::default() });
            config.routes.push(route);
        }
        let app = Arc::new(App::build(config, Vec::new(), None).unwrap());
        for (route, id) in [(0, "a"), (0, "b"), (1, "a")] {
            let route = app.site.load().routes[route].clone();
            let call = Call {
                function: route.function.clone(),
                input: Bytes::new(),
                session: Some(id.into()),
                wait: Duration::from_secs(60),
                #[cfg(feature = "otlp")]
                parent: opentelemetry::Context::new(),
            };
            route.deployment.clone().unwrap().call(call).await.unwrap();
        }
        let [short, long] = [0, 1].map(|route| gauges(&app, route));
        assert_eq!((short.sessions, long.sessions), (2, 1));
        assert_eq!((short.memory_bytes, long.memory_bytes), (2 << 16, 1 << 16));
        let sweeping = tokio::spawn(sweep(app.clone(), Duration::from_millis(1)));
        while gauges(&app, 0).sessions > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gauges(&app, 0).memory_bytes, 0);
        assert_eq!((gauges(&app, 1).sessions, gauges(&app, 1).memory_bytes), (1, 1 << 16));
        sweeping.abort();
    }
}
