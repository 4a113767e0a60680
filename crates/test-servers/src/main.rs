//! A server for tests in other languages: `test-server redis|mosquitto|nats|postgres [USER PASSWORD] [--setting LINE]`. The line is
//! one of the server's own configuration file.
//!
//! It writes the server's URL, then does what each line of its standard input says (`kill`, `restart`, `pause`, `resume` or
//! `stop`) and answers with `ok`. The server ends with its standard input.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{BufRead, stdin};
use std::process::ExitCode;

use plugwright_test_servers::{Kind, MosquittoKind, NatsKind, PostgresKind, RedisKind, Server};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (arguments, setting) = match &arguments[..] {
        [arguments @ .., "--setting", line] => (arguments, Some(*line)),
        arguments => (arguments, None),
    };
    let (kind, credentials) = match *arguments {
        [kind] => (kind, None),
        [kind, user, password] => (kind, Some((user, password))),
        _ => {
            let usage = "usage: test-server redis|mosquitto|nats|postgres [USER PASSWORD] [--setting LINE]";
            return Err(usage.into());
        }
    };
    match kind {
        "redis" => hold::<RedisKind>(credentials, setting),
        "mosquitto" => hold::<MosquittoKind>(credentials, setting),
        "nats" => hold::<NatsKind>(credentials, setting),
        "postgres" => hold::<PostgresKind>(credentials, setting),
        other => Err(format!("there is no server \"{other}\": redis, mosquitto, nats or postgres").into()),
    }
}

/// Starts the server and does as it is told.
fn hold<K: Kind>(credentials: Option<(&str, &str)>, setting: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut setup = Server::<K>::setup();
    if let Some((user, password)) = credentials {
        setup = setup.credentials(user, password);
    }
    if let Some(line) = setting {
        setup = setup.setting(line);
    }
    let mut server = setup.start()?;
    println!("{}", server.url());
    for line in stdin().lock().lines() {
        match line?.as_str() {
            "kill" => server.kill()?,
            "restart" => server.restart()?,
            "pause" => server.pause()?,
            "resume" => server.resume()?,
            "stop" => server.stop()?,
            other => return Err(format!("\"{other}\" is not kill, restart, pause, resume or stop").into()),
        }
        println!("ok");
    }
    Ok(())
}
