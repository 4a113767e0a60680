//! Real servers for tests, on loopback: [`Redis`], [`Mosquitto`], [`Nats`] and [`Postgres`].
//!
//! Each server has a port and a data folder of its own, so that tests can run at the same time. It can be killed,
//! restarted with its data, paused and stopped, and it ends with the value that stands for it, or with the process
//! that started it, however that ends. So a server may be in a `static`, which is never dropped: what is left of its
//! data is deleted when the next server starts.
//!
//! The programs are Debian's, unpacked by `cargo xtask brokers`. The environment variable `PLUGWRIGHT_TEST_SERVERS`
//! names the folder that they are in; without it, it is looked for in the user's cache folder. Without programs there
//! is an error: no test is to be skipped.
//!
//! ```no_run
//! use plugwright_test_servers::Redis;
//!
//! let mut redis = Redis::start()?;
//! println!("{}", redis.url());
//! redis.kill()?;
//! redis.restart()?; // with what it has acknowledged before
//! # Ok::<(), plugwright_test_servers::Error>(())
//! ```

mod error;
mod kind;
mod mosquitto;
mod nats;
mod place;
mod postgres;
mod processes;
mod programs;
mod redis;
mod server;
mod setup;
mod shared_memory;
mod site;
mod spawner;
mod user;
mod wait;
mod wire;

pub use error::Error;
pub use kind::Kind;
pub use mosquitto::{Mosquitto, MosquittoKind};
pub use nats::{Nats, NatsKind};
pub use postgres::{Postgres, PostgresKind};
pub use redis::{Redis, RedisKind};
pub use server::Server;
pub use setup::Setup;
