//! Each server starts, answers, dies, and comes back with what it was given.

use plugwright_test_servers::{Mosquitto, Nats, Postgres, Redis};

#[test]
fn redis_keeps_what_it_has_acknowledged() {
    let mut redis = Redis::start().unwrap();
    assert_eq!(redis.cli(["SET", "key", "value"]).unwrap(), "OK");
    let port = redis.port();
    redis.kill().unwrap();
    redis.cli(["PING"]).unwrap_err();
    redis.restart().unwrap();
    assert_eq!(redis.cli(["GET", "key"]).unwrap(), "value");
    assert_eq!(redis.port(), port);
}

#[test]
fn postgres_keeps_what_it_has_committed() {
    let mut postgres = Postgres::start().unwrap();
    postgres.psql("create table t(n int); insert into t values (1), (2)").unwrap();
    postgres.kill().unwrap();
    postgres.psql("select 1").unwrap_err();
    postgres.restart().unwrap();
    assert_eq!(postgres.psql("select n, n + 1 from t order by n").unwrap(), "1|2\n2|3");
}

#[test]
fn nats_comes_back() {
    let mut nats = Nats::start().unwrap();
    nats.kill().unwrap();
    nats.restart().unwrap();
}

#[test]
fn mosquitto_comes_back() {
    let mut mosquitto = Mosquitto::start().unwrap();
    mosquitto.kill().unwrap();
    mosquitto.restart().unwrap();
}
