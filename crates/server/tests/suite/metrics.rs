//! Counters in the text format of Prometheus.

use std::collections::{BTreeMap, BTreeSet};

use plugwright_server::Limits;

use crate::support::{Running, World, client};

/// Reads the text format strictly: a type before its samples, labels in quotes, a number for each.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let mut types = BTreeMap::new();
    let mut samples = BTreeMap::new();
    let mut described = BTreeSet::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(!help.is_empty() && described.insert(name), "{line}");
            continue;
        }
        if let Some(ty) = line.strip_prefix("# TYPE ") {
            let (name, ty) = ty.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&ty), "{line}");
            assert!(types.insert(name, ty).is_none(), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
            name.strip_suffix(suffix).filter(|family| types.get(family) == Some(&"histogram"))
        });
        let family = family.unwrap_or(name);
        assert!(types.contains_key(family) && described.contains(family), "no type: {line}");
        if let Some(labels) = series.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            assert!(labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
        }
        assert!(samples.insert(series.to_owned(), value.parse().unwrap()).is_none(), "twice: {line}");
    }
    samples
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_happens_is_counted() {
    let world = World::new();
    let mut fuel = world.route("/fuel", "echo");
    fuel.limits = Limits { fuel: Some(1_000_000), ..Limits::default() };
    let running =
        Running::start(world.config([world.route("/echo", "echo"), world.route("/trap", "trap"), fuel]))
            .await;
    for _ in 0..3 {
        assert_eq!(running.text("/echo", "x").await, "x");
    }
    assert_eq!(running.text("/fuel", "x").await, "x");
    running.post("/trap", "").await;
    running.post("/nothing", "").await;
    let response = client().get(format!("{}/metrics", running.admin)).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let samples = parse(&response.text().await.unwrap());
    let value = |series: &str| *samples.get(series).unwrap_or_else(|| panic!("no {series} in {samples:#?}"));
    assert_eq!(value("plugwright_unrouted_requests_total"), 1.0);
    assert_eq!(value(r#"plugwright_calls_total{plugin="guest"}"#), 5.0);
    assert_eq!(value(r#"plugwright_call_errors_total{plugin="guest",kind="Trap"}"#), 1.0);
    assert!(value(r#"plugwright_fuel_total{plugin="guest"}"#) > 1.0);
    assert!(value(r#"plugwright_instance_memory_bytes{plugin="guest"}"#) >= 65536.0);
    // The trap has cost an instance, whose memory counts no more; that of the route with a limit of fuel is left.
    assert_eq!(
        value(r#"plugwright_memory_bytes{plugin="guest"}"#),
        value(r#"plugwright_instance_memory_bytes{plugin="guest"}"#)
    );
    let trap = r#"{route="/trap",plugin="guest",function="trap""#;
    assert_eq!(value(&format!("plugwright_responses_total{trap},status=\"5xx\"}}")), 1.0);
    let count = format!("plugwright_request_seconds_bucket{trap},le=\"+Inf\"}}");
    assert_eq!(value(&count), 1.0);
    assert_eq!(value(&format!("plugwright_request_seconds_count{trap}}}")), 1.0);
    assert_eq!(value(r#"plugwright_call_seconds_count{plugin="guest"}"#), 5.0);
    assert_eq!(value("plugwright_buffered_bytes"), 0.0);
    running.stop().await;
}
