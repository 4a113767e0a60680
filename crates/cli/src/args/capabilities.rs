//! The flags that lend a plug-in ready-made host functions.

use clap::Args;

use super::values;

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores that the plug-in may use")]
pub(crate) struct CapabilityArgs {
    /// A key-value store: a file, `memory`, or `redis://host:port`
    ///
    /// `env:NAME` is an address in the environment variable NAME: the place for one with a password.
    #[arg(long, value_name = "STORE")]
    pub(crate) kv: Option<String>,
    /// A database: a folder for SQLite, or `postgres://user@host:port/database`; `env:NAME` as for --kv
    #[arg(long, value_name = "STORE")]
    pub(crate) sql: Option<String>,
    /// A message broker: `nats://host:port` or `mqtt://host:port`; `env:NAME` as for --kv
    #[arg(long, value_name = "BROKER")]
    pub(crate) messaging: Option<String>,
    /// The part of the stores that the plug-in sees [default: the plug-in's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// A value that the plug-in reads through `hostMemoryGet`; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::config, allow_hyphen_values = true)]
    pub(crate) memory_map: Vec<(String, String)>,
}

impl CapabilityArgs {
    /// A flag that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        [
            ("--kv", self.kv.is_some()),
            ("--sql", self.sql.is_some()),
            ("--messaging", self.messaging.is_some()),
            ("--namespace", self.namespace.is_some()),
            ("--memory-map", !self.memory_map.is_empty()),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}
