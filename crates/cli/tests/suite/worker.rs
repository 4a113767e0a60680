//! `plugwright worker`, and `plugwright serve` in front of workers, with a real NATS server.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

use plugwright::ErrorKind;
use plugwright_remote::{Nats, NatsOptions, RemotePlugin};
use plugwright_test_servers::Nats as Server;
use serde_json::Value;

use crate::http;
use crate::serve::Served;
use crate::support::World;

const LONG: Duration = Duration::from_secs(60);

/// A worker in a process of its own.
struct Worker {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Option<ChildStderr>,
    serving: Value,
}

impl Worker {
    /// Starts, and waits until it serves.
    fn start(world: &World, server: &Server, args: &[&str]) -> Self {
        let mut command = world.command();
        command.args(["worker", "--json", "--log-level", "trace", "--nats", &server.url()]).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let serving = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", all(&mut stderr)));
        Self { child, stdout, stderr, serving }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, and gives the exit code with all that was written.
    fn end(mut self) -> (Option<i32>, String) {
        let mut written = String::new();
        self.stdout.read_to_string(&mut written).unwrap();
        written += &all(&mut self.stderr);
        (self.child.wait().unwrap().code(), written)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn all(stderr: &mut Option<ChildStderr>) -> String {
    let mut text = String::new();
    if let Some(mut stderr) = stderr.take() {
        stderr.read_to_string(&mut text).unwrap();
    }
    text
}

/// The plug-in `p` for callers, whose worker is missed early.
fn caller(server: &Server) -> RemotePlugin {
    let nats = Nats::connect_blocking(NatsOptions::new(server.url())).unwrap();
    nats.plugin("p").unwrap().heartbeat(Duration::from_millis(100)).wait(LONG)
}

/// A function `run` that never ends, and one that does.
const SPIN: &str = r#"(module (func (export "run") (loop $again (br $again))) (func (export "ok")))"#;
const DONE: &str = r#"(module (func (export "run")) (func (export "ok")))"#;

/// Begins a call of `run`, and waits until a worker says that it is at it.
fn begin(server: &Server, remote: RemotePlugin) -> std::thread::JoinHandle<plugwright::Result<String>> {
    let (listening, ready) = std::sync::mpsc::channel();
    let (seen, heartbeat) = std::sync::mpsc::channel();
    let url = server.address();
    std::thread::spawn(move || {
        // As the protocol is written down in the user guide.
        let mut stream = std::net::TcpStream::connect(url).unwrap();
        let hello = b"CONNECT {\"verbose\":false,\"headers\":true}\r\nSUB _INBOX.> 1\r\nPING\r\n";
        std::io::Write::write_all(&mut stream, hello).unwrap();
        let mut lines = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            lines.read_until(b'\n', &mut line).unwrap();
            let line = String::from_utf8_lossy(&line);
            if line.starts_with("PONG") {
                listening.send(()).unwrap();
            }
            if line.starts_with("Plugwright-Heartbeat-Ms:") {
                return seen.send(()).unwrap();
            }
        }
    });
    ready.recv_timeout(LONG).unwrap();
    let call = std::thread::spawn(move || remote.call("run", ""));
    heartbeat.recv_timeout(LONG).unwrap();
    call
}

#[test]
fn a_file_is_published_and_served_until_a_signal() {
    let (world, server) = (World::new(), Server::start().unwrap());
    world.file("p.wat", SPIN);
    let worker = Worker::start(&world, &server, &["p.wat", "--timeout", "300ms"]);
    assert_eq!(worker.serving["plugins"]["p"]["number"], 1);
    let remote = caller(&server);
    assert_eq!(remote.call::<_, String>("ok", "").unwrap(), "");
    let call = begin(&server, remote.clone());
    worker.signal("TERM");
    // The call ends as it would have, and so does the worker.
    assert_eq!(call.join().unwrap().unwrap_err().kind(), &ErrorKind::Timeout);
    let (code, written) = worker.end();
    assert_eq!(code, Some(0), "{written}");

    // From the store, and then changed by `--publish`.
    let worker = Worker::start(&world, &server, &["--published", "p"]);
    world.file("other.wat", DONE);
    let run = world.run(["worker", "--publish", "--nats", &server.url(), "p=other.wat"]);
    assert!(run.stderr.contains("number 2"), "{}", run.stderr);
    run.ok();
    let remote = remote.timeout(Duration::from_millis(200));
    while remote.call::<_, String>("run", "").is_err() {}
    drop(worker);
}

#[test]
fn the_second_signal_cuts_what_runs() {
    let (world, server) = (World::new(), Server::start().unwrap());
    world.file("p.wat", SPIN);
    let worker = Worker::start(&world, &server, &["p.wat", "--timeout", "10m", "--shutdown-timeout", "10m"]);
    let call = begin(&server, caller(&server));
    // Two kinds, since two of one kind may come as one.
    worker.signal("TERM");
    worker.signal("INT");
    let (code, written) = worker.end();
    assert_eq!(code, Some(0), "{written}");
    assert!(written.contains("second signal"), "{written}");
    assert_eq!(call.join().unwrap().unwrap_err().kind(), &ErrorKind::Lost);
}

#[test]
fn a_worker_killed_in_mid_call_is_an_error_or_another_makes_the_call() {
    let (world, server) = (World::new(), Server::start().unwrap());
    world.file("spin.wat", SPIN);
    world.file("done.wat", DONE);
    for idempotent in [false, true] {
        let doomed = Worker::start(&world, &server, &["p=spin.wat", "--no-store", "--timeout", "1m"]);
        let remote = caller(&server).idempotent(idempotent);
        let call = begin(&server, remote);
        let other = Worker::start(&world, &server, &["p=done.wat", "--no-store"]);
        doomed.signal("KILL");
        let outcome = call.join().unwrap();
        if idempotent {
            assert_eq!(outcome.unwrap(), "");
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Lost);
            assert!(error.to_string().contains("may have run"), "{error}");
        }
        // The other one goes on.
        assert_eq!(caller(&server).call::<_, String>("run", "").unwrap(), "");
        drop(other);
    }
}

#[test]
fn a_server_in_front_of_workers() {
    let (world, server) = (World::new(), Server::start().unwrap());
    world.file("p.wat", crate::support::CODES);
    world.file("echo.wat", std::fs::read_to_string(crate::support::wat("echo")).unwrap());
    world.file(
        "plugwright.toml",
        "[[serve.routes]]\npath = \"/echo\"\nplugin = \"nats:echo\"\nfunction = \"echo\"\nidempotent = true\n\
         max_body_bytes = 5242880\n\
         [[serve.routes]]\npath = \"/three\"\nplugin = \"nats:p\"\nfunction = \"three_and_input\"\n\
         [[serve.routes]]\npath = \"/nobody\"\nplugin = \"nats:nobody\"\nfunction = \"f\"\nqueue_timeout = \"50ms\"\n\
         [[serve.routes]]\npath = \"/here\"\nplugin = \"echo.wat\"\nfunction = \"echo\"\n",
    );
    let _worker = Worker::start(&world, &server, &["p.wat", "echo.wat"]);
    let served = Served::start(&world, &["plugwright.toml", "--nats", &server.url()]);
    assert_eq!(served.listening["routes"][0], "POST /echo -> nats:echo.echo");
    assert_eq!(served.output("/echo", "from afar"), "from afar");
    assert_eq!(served.output("/here", "from here"), "from here");
    // Several of NATS's messages, both ways.
    let large: String = (0..5 << 20).map(|index: u32| char::from(b'a' + (index * 7 % 23) as u8)).collect();
    assert!(served.output("/echo", &large) == large);
    let problem = |path: &str| -> Value {
        serde_json::from_str(&http::post(&served.url(path), "sold out").body).unwrap()
    };
    let error = problem("/three");
    assert_eq!((&error["status"], &error["kind"], &error["code"]), (&500.into(), &"Guest".into(), &3.into()));
    assert_eq!((&error["plugin"], &error["function"]), (&"p".into(), &"three_and_input".into()));
    let error = problem("/nobody");
    assert_eq!((&error["status"], &error["kind"]), (&503.into(), &"Unavailable".into()));
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn routes_elsewhere_need_a_server_and_have_no_grants() {
    let world = World::new();
    let route = "[[serve.routes]]\npath = \"/\"\nplugin = \"nats:p\"\nfunction = \"f\"\n";
    world.file("plugwright.toml", route);
    world.run(["serve", "plugwright.toml", "--port", "0"]).fails(1, &["nats:p", "--nats"]);
    let server = Server::start().unwrap();
    for (line, field) in
        [("wasi = true", "wasi"), ("isolation = \"session\"", "isolation"), ("hash = \"00\"", "hash")]
    {
        world.file("plugwright.toml", format!("{route}{line}\n"));
        let run = world.run(["serve", "plugwright.toml", "--port", "0", "--nats", &server.url()]);
        run.fails(1, &[field, "workers decide"]);
    }
    world
        .file("plugwright.toml", "[[serve.routes]]\npath = \"/\"\nplugin = \"nats:a.b\"\nfunction = \"f\"\n");
    let run = world.run(["serve", "plugwright.toml", "--port", "0", "--nats", &server.url()]);
    run.fails(1, &["`a.b`", "letters, digits"]);
}

#[test]
fn passwords_are_in_no_message_and_no_log() {
    let password = "hunter2hunter2";
    let server = Server::setup().credentials("jane", password).start().unwrap();
    let world = World::new();
    world.file("p.wat", DONE);
    let worker = Worker::start(&world, &server, &["p.wat"]);
    worker.signal("TERM");
    let (code, written) = worker.end();
    assert_eq!(code, Some(0), "{written}");
    assert!(!written.contains(password), "{written}");

    let wrong = format!("nats://jane:no{password}@{}", server.address());
    let run = world.run(["worker", "--log-level", "trace", "--verbose", "--nats", &wrong, "p.wat"]);
    let error = run.fails(1, &["cannot connect to NATS"]);
    assert!(!error.contains(password) && !run.stderr.contains(password), "{}", run.stderr);

    world.file("login", format!("jane:{password}\n"));
    let address = format!("nats://{}", server.address());
    world.run(["worker", "--publish", "--nats", &address, "--nats-login", "login", "p.wat"]).ok();
    let publish = ["worker", "--publish", "--nats-login", "login", "p.wat"];
    let published = world.command().args(publish).env("NATS_URL", &address).output().unwrap();
    assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
    world.run(publish).fails(1, &["--nats nats://", "NATS_URL"]);
    world.run(["worker", "--publish", "--nats", &address, "p.wat"]).fails(1, &["cannot connect to NATS"]);
}

#[test]
fn plug_ins_of_a_worker_get_what_its_flags_lend() {
    let (world, server) = (World::new(), Server::start().unwrap());
    let store = format!("{}/../../guests/build/rust_pdk_store.wasm", env!("CARGO_MANIFEST_DIR"));
    let file = world.path("data.redb");
    let nats = Nats::connect_blocking(NatsOptions::new(server.url())).unwrap();
    let call = |plugin: &str, input: &str| {
        nats.plugin(plugin).unwrap().wait(LONG).call::<_, String>("run", input).unwrap()
    };
    let end = |worker: Worker| {
        worker.signal("TERM");
        let (code, written) = worker.end();
        assert_eq!(code, Some(0), "{written}");
    };
    let (one, two) = (format!("one={store}"), format!("two={store}"));
    // Both are lent the same file, and see what is theirs of it.
    let worker = Worker::start(&world, &server, &[&one, &two, "--kv", &file]);
    assert_eq!(call("one", r#"[["set","a","1"]]"#), "[null]");
    assert_eq!(call("two", r#"[["get","a"]]"#), "[null]");
    end(worker);
    let worker = Worker::start(&world, &server, &["--published", "two", "--kv", &file, "--namespace", "one"]);
    assert_eq!(call("two", r#"[["get","a"]]"#), r#"["1"]"#);
    end(worker);
    let run =
        world.run(["worker", "--nats", &server.url(), "--published", "one", "--kv", "redis://:hunter2@h"]);
    run.fails(1, &["--kv env:NAME"]);
    let run = world.run(["worker", "--nats", &server.url(), "--published", "one"]);
    run.fails(1, &["`kv_delete` and 5 more functions: add --kv STORE"]);
}

/// Gives its arguments, each with a zero behind it.
const ARGUMENTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (local $block i64) (local $index i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 8) (i32.const 1024)))
    (local.set $block (call $alloc (i64.load32_u (i32.const 4))))
    (loop $next
      (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $index)))
        (i32.load8_u offset=1024 (local.get $index)))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (i32.load (i32.const 4)))))
    (call $output (local.get $block) (i64.load32_u (i32.const 4)))
    (i32.const 0)))"#;

#[test]
fn plug_ins_of_a_worker_see_its_arguments() {
    let (world, server) = (World::new(), Server::start().unwrap());
    world.file("p.wat", ARGUMENTS);
    let _worker = Worker::start(&world, &server, &["p.wat", "--no-store", "--wasi", "--", "a b", "--c"]);
    assert_eq!(caller(&server).call::<_, String>("run", "").unwrap(), "p\0a b\0--c\0");
}

#[test]
fn what_is_wrong_is_said() {
    let (world, server) = (World::new(), Server::start().unwrap());
    let url = server.url();
    let run = |args: &[&str]| world.run(["worker", "--nats", &url].iter().chain(args));
    run(&["--published", "nothing"]).fails(1, &["`nothing`", "--publish"]);
    run(&["missing.wasm"]).fails(1, &["missing.wasm", "check the path"]);
    world.file("a.b.wat", DONE);
    run(&["a.b.wat"]).fails(1, &["`a.b`", "letters, digits"]);
    world.file("imports.wat", r#"(module (import "env" "unknown" (func)))"#);
    run(&["--no-store", "imports.wat"]).fails(1, &["imports", "unknown"]);
    world
        .run(["worker", "--nats", "nats://127.0.0.1:1", "a.b.wat"])
        .fails(1, &["127.0.0.1:1", "check that it runs"]);
    world.run(["worker", "--nats", "http://x", "a.b.wat"]).fails(1, &["http://x", "nats://127.0.0.1:4222"]);
    world.run(["worker", "x.wat"]).fails(1, &["--nats"]);
}
