//! `plugwright serve`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

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

    /// What curl says about a path, with these arguments.
    pub(crate) fn curl(&self, path: &str, args: &[&str]) -> String {
        curl(&format!("{}{path}", self.listening["url"].as_str().unwrap()), args)
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

fn curl(url: &str, args: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*"])
        .args(args)
        .arg(url)
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
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
    assert_eq!(served.curl("/", &["--data", "hello"]), "hello");
    assert_eq!(served.curl("/", &["--data", "hello", "--http2-prior-knowledge"]), "hello");
    assert!(served.curl("/", &["--include"]).starts_with("HTTP/1.1 405"));
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
    assert_eq!(served.curl("/a", &["--data", ""]), "");
    let mut log = String::new();
    served.stdout.read_line(&mut log).unwrap();
    assert!(log.contains("status=200") && log.contains("path=\"/a\""), "{log}");
    let admin = served.listening["admin_url"].as_str().unwrap().to_owned();
    let reloads = |wanted: &str| {
        while !curl(&format!("{admin}/metrics"), &[]).contains(wanted) {
            std::thread::yield_now();
        }
    };
    world.file("plugwright.toml", route("/b", "three"));
    served.signal("HUP");
    reloads("plugwright_reloads_total 1");
    assert!(served.curl("/a", &["--data", "", "--include"]).starts_with("HTTP/1.1 404"));
    assert!(served.curl("/b", &["--data", "", "--include"]).starts_with("HTTP/1.1 500"));
    world.file("plugwright.toml", route("/b", "nothing"));
    served.signal("HUP");
    reloads("plugwright_refused_reloads_total 1");
    assert!(served.curl("/b", &["--data", "", "--include"]).starts_with("HTTP/1.1 500"));
    let state = curl(&format!("{admin}/_/state"), &["--header", &format!("authorization: Bearer {TOKEN}")]);
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

#[test]
fn a_folder_of_plugins() {
    let world = World::new();
    world.file("codes.wat", crate::support::CODES);
    world.file("notes.txt", "not a plug-in");
    let served = Served::start(&world, &[".", "--timeout", "2s"]);
    assert_eq!(served.listening["routes"].as_array().unwrap().len(), 6);
    assert_eq!(served.curl("/codes/ok", &["--data", ""]), "");
    let problem: Value =
        serde_json::from_str(&served.curl("/codes/three_and_input", &["--data", "why"])).unwrap();
    assert_eq!((&problem["detail"], &problem["code"]), (&"why".into(), &3.into()));
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn flags_grant_and_limit() {
    let world = World::new();
    world.file("config.wat", crate::support::CONFIG);
    let served = Served::start(&world, &["config.wat", "get", "--config", "key=value", "--body-max", "10"]);
    assert_eq!(served.curl("/", &["--data", "key"]), "value");
    assert!(served.curl("/", &["--data", "0123456789a", "--include"]).starts_with("HTTP/1.1 413"));
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
