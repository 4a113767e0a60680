//! `plugwright serve`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::http;
use crate::support::{World, wat};

const TOKEN: &str = "a token for the tests";

/// A server in a process of its own.
pub(crate) struct Served {
    pub(crate) child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) listening: Value,
}

impl Served {
    /// Starts on a free port, and waits until it listens.
    pub(crate) fn start(world: &World, args: &[&str]) -> Self {
        let mut command = world.command();
        command.args(["serve", "--json", "--port", "0"]).args(args).env("PLUGWRIGHT_ADMIN_TOKEN", TOKEN);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let listening = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("{errors}")
        });
        Self { child, stdout, listening }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.listening["url"].as_str().unwrap())
    }

    /// What a function says to an input: its output, which must be a success.
    #[track_caller]
    pub(crate) fn output(&self, path: &str, input: &str) -> String {
        let answer = http::post(&self.url(path), input);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The status that an input at a path leads to.
    fn status(&self, path: &str, input: &str) -> u16 {
        http::post(&self.url(path), input).status
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, and gives the exit code with all that was written.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

#[test]
fn one_function_at_the_root() {
    let world = World::new();
    let served = Served::start(
        &world,
        &[&wat("echo"), "echo", "--content-type", "text/plain", "--access-log", "json"],
    );
    assert_eq!(served.listening["routes"][0], "POST / -> echo.echo");
    assert_eq!(served.listening["admin_url"], Value::Null);
    assert_eq!(served.output("/", "hello"), "hello");
    assert_eq!(served.output("/", ""), "");
    assert_eq!(http::get(&served.url("/"), &[]).status, 405);
    served.signal("TERM");
    let (code, stdout, stderr) = served.end();
    assert_eq!(code, Some(0), "{stderr}");
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert_eq!(
        (&lines[0]["method"], &lines[0]["status"], &lines[0]["route"]),
        (&"POST".into(), &200.into(), &"/".into())
    );
    assert_eq!((&lines[2]["method"], &lines[2]["status"]), (&"GET".into(), &405.into()));
}

#[test]
fn a_file_is_reloaded_by_a_signal_and_a_bad_one_is_refused() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    let route = |path: &str, function: &str| {
        format!("[[serve.routes]]\npath = \"{path}\"\nplugin = \"codes.wat\"\nfunction = \"{function}\"\n")
    };
    world.file("plugwright.toml", format!("[build]\nlanguage = \"c\"\n{}", route("/a", "ok")));
    let mut served = Served::start(
        &world,
        &["plugwright.toml", "--no-watch", "--admin=127.0.0.1:0", "--access-log", "text"],
    );
    assert_eq!(served.output("/a", ""), "");
    let mut log = String::new();
    served.stdout.read_line(&mut log).unwrap();
    assert!(log.contains("status=200") && log.contains("path=\"/a\""), "{log}");
    let admin = served.listening["admin_url"].as_str().unwrap().to_owned();
    let reloads = |wanted: &str| {
        while !http::get(&format!("{admin}/metrics"), &[]).body.contains(wanted) {
            std::thread::yield_now();
        }
    };
    world.file("plugwright.toml", route("/b", "three"));
    served.signal("HUP");
    reloads("plugwright_reloads_total 1");
    assert_eq!(served.status("/a", ""), 404);
    assert_eq!(served.status("/b", ""), 500);
    world.file("plugwright.toml", route("/b", "nothing"));
    served.signal("HUP");
    reloads("plugwright_refused_reloads_total 1");
    assert_eq!(served.status("/b", ""), 500);
    let token = format!("Bearer {TOKEN}");
    let state = http::get(&format!("{admin}/_/state"), &[("authorization", &token)]).body;
    assert!(state.contains("\"refused_reloads\":1"), "{state}");
    served.signal("INT");
    let (code, _, stderr) = served.end();
    assert_eq!(code, Some(0));
    assert!(stderr.contains("reloaded"), "{stderr}");
    assert!(
        stderr.contains("line 4") && stderr.contains("`function`") && stderr.contains("`nothing`"),
        "{stderr}"
    );
}

/// Waits until the server's counters have this line; `meanwhile` is done between two looks.
fn until(served: &Served, line: &str, mut meanwhile: impl FnMut()) {
    let admin = served.listening["admin_url"].as_str().unwrap();
    while !http::get(&format!("{admin}/metrics"), &[]).body.contains(line) {
        meanwhile();
    }
}

#[test]
fn a_change_of_a_file_that_is_refused_is_told() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    let route = |function: &str| {
        format!("[[serve.routes]]\npath = \"/\"\nplugin = \"codes.wat\"\nfunction = \"{function}\"\n")
    };
    world.file("plugwright.toml", route("ok"));
    let served = Served::start(&world, &["plugwright.toml", "--admin=127.0.0.1:0"]);
    let mut looks = 0;
    until(&served, "plugwright_refused_reloads_total 1", || {
        // Watching begins some time after the start, and waits for files to be at rest.
        if looks % 500 == 0 {
            // At once: half a file would be refused for another reason.
            world.file("new.toml", route("nothing"));
            std::fs::rename(world.path("new.toml"), world.path("plugwright.toml")).unwrap();
        }
        looks += 1;
    });
    served.signal("TERM");
    let (code, _, stderr) = served.end();
    assert_eq!(code, Some(0));
    assert!(stderr.contains("what was served stays") && stderr.contains("`nothing`"), "{stderr}");
}

#[test]
fn a_file_asks_for_the_access_log() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    let route = "[[serve.routes]]\npath = \"/a\"\nplugin = \"codes.wat\"\nfunction = \"ok\"\n";
    for (setting, lines) in [("true", 1), ("false", 0)] {
        world.file("plugwright.toml", format!("[serve]\naccess_log = {setting}\n{route}"));
        let served = Served::start(&world, &["plugwright.toml"]);
        assert_eq!(served.output("/a", ""), "");
        served.signal("TERM");
        let (code, stdout, _) = served.end();
        assert_eq!((code, stdout.lines().count()), (Some(0), lines), "{stdout}");
        assert_eq!(stdout.contains("status=200"), lines == 1, "{stdout}");
    }
}

#[test]
fn the_second_signal_cuts_what_runs() {
    let world = World::new();
    let flags = ["spin.wat", "run", "--timeout", "10m", "--shutdown-timeout", "10m", "--admin=127.0.0.1:0"];
    world.file("spin.wat", r#"(module (func (export "run") (loop $again (br $again))))"#);
    let served = Served::start(&world, &flags);
    let address = served.listening["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut client = std::net::TcpStream::connect(&address).unwrap();
    client.write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n").unwrap();
    until(
        &served,
        "plugwright_in_flight{route=\"/\",plugin=\"spin\",function=\"run\"} 1",
        std::thread::yield_now,
    );
    served.signal("INT");
    while std::net::TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    served.signal("INT");
    let (code, _, stderr) = served.end();
    assert_eq!(code, Some(0));
    assert!(stderr.contains("second signal"), "{stderr}");
}

#[test]
fn a_folder_of_plugins() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    world.file("notes.txt", "not a plug-in");
    let served = Served::start(&world, &[".", "--timeout", "2s"]);
    assert_eq!(served.listening["routes"].as_array().unwrap().len(), 6);
    assert_eq!(served.output("/codes/ok", ""), "");
    let refused = http::post(&served.url("/codes/three_and_input"), "why");
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!((&problem["detail"], &problem["code"]), (&"why".into(), &3.into()));
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn flags_grant_and_limit() {
    let world = World::new();
    world.file("config.wat", crate::support::CONFIG);
    let served = Served::start(&world, &["config.wat", "get", "--config", "key=value", "--body-max", "10"]);
    assert_eq!(served.output("/", "key"), "value");
    assert_eq!(served.status("/", "0123456789a"), 413);
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn what_cannot_be_served_is_said_in_one_line() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    world.file("plugwright.toml", "[serve]\nlisten = 7\n");
    world.file("empty.toml", "[build]\n");
    for (args, words) in [
        (&["codes.wat"][..], &["say which function", "plugwright serve codes.wat FUNCTION"][..]),
        (&["codes.wat", "thre"], &["codes", "`thre`", "did you mean `three`"]),
        (&["nowhere.wat", "run"], &["nowhere.wat"]),
        (&["plugwright.toml"], &["plugwright.toml", "line 2"]),
        (&["empty.toml"], &["[serve]"]),
        (&["plugwright.toml", "--timeout", "1s"], &["--timeout", "leave it out"]),
        (&["plugwright.toml", "--body-max", "10"], &["--body-max", "leave it out"]),
        (&["codes.wat", "ok", "--timeout", "0"], &["--timeout", "leave it out"]),
        (&[".", "ok"], &["folder", "`ok`"]),
        (&[".", "--queue", "3"], &["--queue"]),
        (&["codes.wat", "ok", "--admin=127.0.0.1:0"], &["PLUGWRIGHT_ADMIN_TOKEN"]),
        (&["codes.wat", "ok", "--tls-cert", "codes.wat", "--tls-key", "codes.wat"], &["codes.wat", "PEM"]),
    ] {
        let run = world.run([&["serve", "--port", "0"][..], args].concat());
        run.fails(1, words);
    }
    let run = world.run(["serve", "--json", "nowhere.wat", "run"]);
    assert_eq!(run.json_error()["kind"], "Serve");
}
