//! Logs its input at every level.

use extism_pdk::{debug, error, info, plugin_fn, trace, warn, FnResult};

#[plugin_fn]
pub fn log_all(message: String) -> FnResult<()> {
    trace!("{message}");
    debug!("{message}");
    info!("{message}");
    warn!("{message}");
    error!("{message}");
    Ok(())
}
