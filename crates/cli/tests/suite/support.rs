//! Running the binary, and guests for it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Answers with the value of the config key in its input.
pub(crate) const CONFIG: &str = r#"(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "config_get" (func $get (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "get") (result i32) (local $value i64)
    (local.set $value (call $get (call $input)))
    (call $output (local.get $value) (call $length (local.get $value)))
    (i32.const 0)))"#;

/// Functions that return codes, with a message or without.
pub(crate) const CODES: &str = r#"(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "ok") (result i32) (i32.const 0))
  (func (export "three") (result i32) (i32.const 3))
  (func (export "three_and_input") (result i32) (call $error (call $input)) (i32.const 3))
  (func (export "one_hundred_and_twenty_five") (result i32) (i32.const 125))
  (func (export "one_hundred_and_twenty_six") (result i32) (i32.const 126))
  (func (export "minus_one") (result i32) (i32.const -1)))"#;

/// A folder to work in.
pub(crate) struct World {
    pub(crate) dir: TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// Writes a file into the folder.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Where a file of the folder is, or would be.
    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.dir.path().join(name)).unwrap()
    }

    /// The binary, to be run in the folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugwright"));
        command
            .current_dir(self.dir.path())
            .env("PLUGWRIGHT_CACHE_DIR", cache_dir())
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        Run::from(self.command().args(args).output().unwrap())
    }

    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Run {
        let mut command = self.command();
        let mut child = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).unwrap();
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

impl Run {
    /// Checks that it went well, and gives the text on standard output.
    #[track_caller]
    pub(crate) fn ok(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Checks that it failed with this code, without output, and with one line of error that contains these words.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, words: &[&str]) -> &str {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stdout.is_empty(), "{}", String::from_utf8_lossy(&self.stdout));
        let errors: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error:")).collect();
        let [error] = *errors else { panic!("not one line of error: {}", self.stderr) };
        for word in words {
            assert!(error.contains(word), "no `{word}` in: {error}");
        }
        error
    }

    /// The error as JSON, which is the last line of standard error.
    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        assert!(self.stdout.is_empty());
        serde_json::from_str(self.stderr.lines().last().unwrap()).unwrap()
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.ok()).unwrap()
    }
}

/// The tests compile each guest once, and leave the user's cache alone.
pub(crate) fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// The path of a guest in WebAssembly text.
pub(crate) fn wat(name: &str) -> String {
    format!("{}/../../guests/wat/{name}.wat", env!("CARGO_MANIFEST_DIR"))
}

/// The binary of the smallest plug-in: its function `run` returns 0.
pub(crate) fn smallest() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend(b"\x01\x05\x01\x60\x00\x01\x7f"); // one type: () -> i32
    wasm.extend(b"\x03\x02\x01\x00"); // one function
    wasm.extend(b"\x07\x07\x01\x03run\x00\x00"); // exported as `run`
    wasm.extend(b"\x0a\x06\x01\x04\x00\x41\x00\x0b"); // i32.const 0
    wasm
}

/// A web server on a port of its own. It answers each path with the bytes that it is given for it, other paths with 404.
pub(crate) fn serve(pages: Vec<(&'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            // The headers end with an empty line.
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let path = request.split(' ').nth(1).unwrap_or_default();
            let page = pages.iter().find(|(known, _)| *known == path);
            let (status, body) = page.map_or(("404 Not Found", &b""[..]), |(_, body)| ("200 OK", body));
            let head = format!(
                "HTTP/1.1 {status}\r\nx-test: yes\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            // A client that hangs up is the test's own affair.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    url
}

/// A URL where nobody listens.
pub(crate) fn unreachable_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/plugin.wasm", listener.local_addr().unwrap())
}
