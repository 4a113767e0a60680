//! A server, workers, and guests for them.

use std::time::Duration;

use futures_util::StreamExt;
use plugwright::{Plugin, PluginBuilder};
use plugwright_remote::{Nats, RemotePlugin, Worker, WorkerBuilder};
use plugwright_test_servers::Nats as Server;

/// Longer than anything takes that works, however busy the machine is.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// What plug-ins do, right and wrong. `name` says the name that it is made with.
pub(crate) fn guest(name: &str) -> String {
    format!(
        r#"(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{name}")
  (func (export "name") (result i32) (local $copy i64) (local $i i32)
    (local.set $copy (call $alloc (i64.const {length})))
    (loop $next
      (call $store (i64.add (local.get $copy) (i64.extend_i32_u (local.get $i))) (i32.load8_u (local.get $i)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {length}))))
    (call $output (local.get $copy) (i64.const {length}))
    (i32.const 0))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "crash") (call $inner))
  (func $inner unreachable)
  (func (export "large") (result i32)
    (call $output (call $alloc (i64.const 2000000)) (i64.const 2000000)) (i32.const 0))
  (func (export "spin") (loop $again (br $again))))"#,
        length = name.len()
    )
}

/// That guest.
pub(crate) fn plugin(name: &str) -> PluginBuilder {
    Plugin::builder(guest(name).into_bytes()).timeout(LONG)
}

pub(crate) fn server() -> Server {
    Server::start().unwrap()
}

pub(crate) async fn connect(server: &Server) -> Nats {
    Nats::connect(server.url()).await.unwrap()
}

/// A worker with a connection of its own.
pub(crate) async fn worker(server: &Server, describe: impl FnOnce(WorkerBuilder) -> WorkerBuilder) -> Worker {
    describe(connect(server).await.worker()).start().await.unwrap()
}

/// A worker of the guest, under the name `p`.
pub(crate) async fn plain_worker(server: &Server) -> Worker {
    worker(server, |worker| worker.plugin("p", plugin("plain"))).await
}

/// The plug-in `p` for callers, whose worker is missed early.
pub(crate) async fn caller(server: &Server) -> RemotePlugin {
    connect(server).await.plugin("p").unwrap().heartbeat(Duration::from_millis(100))
}

/// A connection without our crate, for messages that it would not send.
pub(crate) async fn raw(server: &Server) -> async_nats::Client {
    async_nats::connect(server.url()).await.unwrap()
}

/// Waits until the server has what the client has subscribed to: it sends what comes behind that.
pub(crate) async fn settled(client: &async_nats::Client) {
    let inbox = client.new_inbox();
    let mut own = client.subscribe(inbox.clone()).await.unwrap();
    client.publish(inbox, "".into()).await.unwrap();
    own.next().await.unwrap();
}

/// Listens for signs of life.
pub(crate) struct Heartbeats(async_nats::Subscriber);

impl Heartbeats {
    pub(crate) async fn listen(server: &Server) -> Self {
        let client = raw(server).await;
        let mut replies = client.subscribe("_INBOX.>").await.unwrap();
        // As `settled`, whose message comes here as well.
        let inbox = client.new_inbox();
        client.publish(inbox.clone(), "".into()).await.unwrap();
        while *replies.next().await.unwrap().subject != *inbox {}
        Self(replies)
    }

    /// Waits until a worker says that it is at a call.
    pub(crate) async fn next(&mut self) {
        let is_one = |message: &async_nats::Message| {
            message.headers.as_ref().is_some_and(|headers| headers.get("Plugwright-Heartbeat-Ms").is_some())
        };
        let seen = async {
            while let Some(message) = self.0.next().await {
                if is_one(&message) {
                    return;
                }
            }
            panic!("the connection is closed");
        };
        tokio::time::timeout(LONG, seen).await.unwrap();
    }
}
