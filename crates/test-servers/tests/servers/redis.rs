//! Redis.

use plugwright_test_servers::{Error, Redis};

use crate::support;

#[test]
fn it_keeps_what_it_has_acknowledged() {
    let mut redis = Redis::start().unwrap();
    let url = redis.url();
    assert_eq!(redis.cli(["SET", "key", "value"]).unwrap(), "OK");
    redis.kill().unwrap();
    redis.cli(["PING"]).unwrap_err();
    redis.restart().unwrap();
    assert_eq!(redis.cli(["GET", "key"]).unwrap(), "value");
    assert_eq!(redis.url(), url);
    redis.stop().unwrap();
    redis.restart().unwrap();
    assert_eq!(redis.cli(["GET", "key"]).unwrap(), "value");
}

#[test]
fn two_know_nothing_of_each_other() {
    let (first, second) = (Redis::start().unwrap(), Redis::start().unwrap());
    assert_ne!(first.port(), second.port());
    first.cli(["SET", "key", "value"]).unwrap();
    assert_eq!(second.cli(["GET", "key"]).unwrap(), "");
}

#[test]
fn it_lets_in_its_user_alone() {
    let redis = Redis::setup().credentials("alice", "secret").start().unwrap();
    assert_eq!(redis.url(), format!("redis://alice:secret@127.0.0.1:{}/", redis.port()));
    assert_eq!(redis.cli(["ACL", "WHOAMI"]).unwrap(), "alice");
    // What it knows of its own passwords is their hashes.
    assert!(!redis.log().unwrap().contains("secret"));
    for login in ["AUTH alice wrong\r\n", "AUTH default secret\r\n", ""] {
        let answer = support::exchange(redis.address(), &format!("{login}PING\r\nQUIT\r\n"));
        assert!(!answer.contains("PONG"), "{login}: {answer}");
    }
}

#[test]
fn its_settings_are_what_it_is_told() {
    let redis = Redis::setup().setting("maxmemory 3mb").start().unwrap();
    assert_eq!(redis.cli(["CONFIG", "GET", "maxmemory"]).unwrap(), "maxmemory\n3145728");
}

#[test]
fn a_setting_that_it_does_not_know_is_an_error_that_tells() {
    let error = Redis::setup().setting("no-such-setting 1").start().err().unwrap();
    assert!(matches!(error, Error::Ended { server: "redis-server", .. }));
    assert!(error.to_string().contains("no-such-setting"), "{error}");
}

#[test]
fn what_needs_a_running_server_is_an_error_without_one() {
    let mut redis = Redis::start().unwrap();
    redis.kill().unwrap();
    for outcome in [redis.kill(), redis.stop(), redis.pause(), redis.resume()] {
        assert_eq!(outcome.unwrap_err().to_string(), "redis-server is not running: call restart() first");
    }
}
