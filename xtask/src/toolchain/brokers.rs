//! The servers that tests talk to: Redis, Mosquitto, NATS and PostgreSQL.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::toolchain::apt::Apt;

/// Counts the changes of this recipe. The crate that starts the servers looks for a folder of this name as well.
const NAME: &str = include_str!("../../../crates/test-servers/recipe");

/// Debian's servers, unpacked and never installed. `plugwright-test-servers` starts them.
pub(crate) struct Brokers;

impl Brokers {
    /// Installs them, with the libraries that this system lacks.
    ///
    /// # Errors
    /// When the system is not Debian, or the packages cannot be had.
    pub(crate) fn set_up(cache: &Cache) -> Result<()> {
        let installed = cache.install(NAME.trim_end(), |root| {
            let work = tempfile::tempdir()?;
            let apt = Apt::new(work.path())?;
            // Debian's PostgreSQL is a package that depends on the release's version.
            let postgresql = apt.dependency("postgresql", "postgresql-")?;
            apt.unpack_with_dependencies(
                &["redis-server", "mosquitto", "mosquitto-clients", "nats-server", &postgresql],
                root,
            )
        });
        installed
            .map(drop)
            .context("tests talk to Debian's redis-server, mosquitto, nats-server and postgresql")
    }

    /// The folder that they are unpacked into, as if it were the root of a system.
    pub(crate) fn folder(cache: &Cache) -> PathBuf {
        cache.scratch(NAME.trim_end())
    }
}
