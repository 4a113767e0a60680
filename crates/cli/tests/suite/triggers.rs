//! `plugwright serve` with triggers, killed in mid-message, with the real servers: what a server has acknowledged to whoever sent it
//! is handled after a restart.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use async_nats::jetstream::{self, stream};
use plugwright_capabilities::messaging::mqtt::{Link, Publication, Settings};
use plugwright_test_servers::{Mosquitto, Nats, Redis};
use tokio::runtime::Runtime;

use crate::http;
use crate::serve::Served;
use crate::support::World;

/// Never comes to an end.
const STUCK: &str = r#"(module (func (export "work") (loop $again (br $again))))"#;

/// Succeeds at once.
const WORKS: &str = r#"(module (func (export "work")))"#;

/// Longer than anything takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project whose function is called for this source, one message at a time.
fn project(source: &str) -> World {
    let world = World::new();
    world.file("work.wat", STUCK);
    world.file(
        "plugwright.toml",
        format!(
            "[serve.plugins.work]\npath = \"work.wat\"\n[serve.plugins.work.limits]\ntimeout = \"10m\"\n\
             [[triggers]]\nname = \"work\"\nplugin = \"work\"\nfunction = \"work\"\nconcurrency = 1\n{source}"
        ),
    );
    world
}

fn start(world: &World) -> Served {
    Served::start(world, &["plugwright.toml", "--no-watch", "--admin=127.0.0.1:0"])
}

/// Waits until the server's metrics of the trigger have this line.
fn until(served: &Served, metric: &str) {
    let began = std::time::Instant::now();
    let admin = served.listening["admin_url"].as_str().unwrap();
    let (name, value) = metric.split_once(' ').unwrap();
    let line = format!("plugwright_trigger_{name}{{trigger=\"work\"}} {value}\n");
    loop {
        let metrics = http::get(&format!("{admin}/metrics"), &[]).body;
        if metrics.contains(&line) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "no `{line}` in {metrics}");
        std::thread::yield_now();
    }
}

/// Sends three messages, kills the host in the middle of the first, and lets another handle all of them.
fn survive(source: &str, send: impl Fn(&str), is_settled: impl Fn() -> bool) {
    let world = project(source);
    let mut served = start(&world);
    until(&served, "connected 1");
    for message in ["one", "two", "three"] {
        send(message);
    }
    until(&served, "in_flight 1");
    // As by `kill -9`.
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    assert!(!is_settled(), "something was acknowledged that was not done");
    world.file("work.wat", WORKS);
    let served = start(&world);
    until(&served, "succeeded_total 3");
    let began = std::time::Instant::now();
    while !is_settled() {
        assert!(began.elapsed() < PATIENCE, "not acknowledged");
        std::thread::yield_now();
    }
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn it_is_told_why_no_messages_come() {
    // Nobody listens where somebody did.
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for source in [
        format!("[triggers.nats]\nserver = {{ url = \"nats://{nowhere}\" }}\nsubject = \"a\"\n"),
        format!(
            "[triggers.jetstream]\nserver = {{ url = \"nats://{nowhere}\" }}\nstream = \"A\"\nconsumer = \"a\"\n"
        ),
        format!(
            "[triggers.mqtt]\nserver = {{ url = \"mqtt://{nowhere}\" }}\ntopic = \"a\"\nclient_id = \"a\"\n"
        ),
        format!(
            "[triggers.redis]\nserver = {{ url = \"redis://{nowhere}\" }}\nstream = \"a\"\ngroup = \"a\"\nconsumer = \"a\"\n"
        ),
    ] {
        let mut served = start(&project(&source));
        let mut line = String::new();
        BufReader::new(served.child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("ERROR") && line.contains("no messages for now"), "{source}: {line}");
        served.signal("TERM");
        assert_eq!(served.end().0, Some(0));
    }
}

#[test]
fn a_stream_of_jetstream_outlives_a_killed_host() {
    let nats = Nats::start().unwrap();
    let runtime = Runtime::new().unwrap();
    let context = runtime.block_on(async {
        let context = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
        let config = stream::Config {
            name: "ORDERS".to_owned(),
            subjects: vec!["orders.>".to_owned()],
            ..stream::Config::default()
        };
        context.create_stream(config).await.unwrap();
        context
    });
    let source = format!(
        "[triggers.jetstream]\nserver = {{ url = \"{}\" }}\nstream = \"ORDERS\"\nconsumer = \"work\"\nack_wait = \"1s\"\n",
        nats.url()
    );
    let send = |text: &str| {
        let text = text.to_owned();
        runtime.block_on(async {
            context.publish("orders.new", text.into()).await.unwrap().await.unwrap();
        });
    };
    survive(&source, send, || {
        runtime.block_on(async {
            let stream = context.get_stream("ORDERS").await.unwrap();
            let info = stream.consumer_info("work").await.unwrap();
            (info.num_ack_pending, info.num_pending) == (0, 0)
        })
    });
}

#[test]
fn a_stream_of_redis_outlives_a_killed_host() {
    let redis = Redis::start().unwrap();
    let source = format!(
        "[triggers.redis]\nserver = {{ url = \"{}\" }}\nstream = \"orders\"\ngroup = \"shop\"\nconsumer = \"one\"\nclaim_after = \"1s\"\n",
        redis.url()
    );
    let send = |text: &str| {
        redis.cli(["XADD", "orders", "*", "order", text]).unwrap();
    };
    survive(&source, send, || {
        let group = redis.cli(["XINFO", "GROUPS", "orders"]).unwrap();
        let value = |name: &str| group.lines().skip_while(|line| *line != name).nth(1).map(str::to_owned);
        value("pending").as_deref() == Some("0") && value("lag").as_deref() == Some("0")
    });
}

#[test]
fn messages_of_mqtt_outlive_a_killed_host() {
    for version in ["3.1.1", "5"] {
        let broker = Mosquitto::start().unwrap();
        let runtime = Runtime::new().unwrap();
        let source = format!(
            "[triggers.mqtt]\nserver = {{ url = \"{}?version={version}\" }}\ntopic = \"orders/+\"\nclient_id = \"host\"\nreply_topic = \"done\"\n",
            broker.url()
        );
        // Answers come before acknowledgements, which the broker shows to nobody.
        let (sender, done) = std::sync::mpsc::channel();
        let settings = Settings { filters: vec!["done".to_owned()], ..Settings::new("test".to_owned()) };
        let address = broker.url().parse().unwrap();
        let link = Link::open(&address, settings, move |link, message| {
            link.acknowledge(&message);
            sender.send(()).unwrap();
        })
        .unwrap();
        let send = |text: &str| {
            let publication = Publication {
                topic: "orders/new".to_owned(),
                payload: text.to_owned().into(),
                ..Publication::default()
            };
            runtime.block_on(link.publish(publication)).unwrap();
        };
        let answers = std::cell::Cell::new(0);
        survive(&source, send, || {
            answers.set(answers.get() + done.try_iter().count());
            answers.get() == 3
        });
    }
}
