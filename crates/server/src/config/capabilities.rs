//! What plug-ins are granted of the stores.

use plugwright_capabilities::{Granted, Refused, Registry};

use super::{Config, ConfigError, PluginConfig};

impl Config {
    /// What a plug-in is granted.
    ///
    /// # Errors
    ///
    /// When a grant, or the store that it names, is wrong.
    pub(crate) fn granted(&self, name: &str, plugin: &PluginConfig) -> Result<Granted, ConfigError> {
        Granted::resolve(name, &plugin.capabilities, &self.stores)
            .map_err(|refused| self.refused_capability(name, refused))
    }

    /// Opens the stores of what a plug-in is granted, those that are not open yet.
    ///
    /// # Errors
    ///
    /// When one cannot be opened.
    pub(crate) fn open_stores(
        &self,
        name: &str,
        granted: &Granted,
        registry: &Registry,
    ) -> Result<(), ConfigError> {
        match registry.lend(name, granted) {
            Ok(_) => Ok(()),
            Err(refused) => Err(self.refused_capability(name, refused)),
        }
    }

    fn refused_capability(&self, plugin: &str, refused: Refused) -> ConfigError {
        match refused {
            Refused::Grant(error) => {
                self.plugin_error(plugin, &format!("capabilities.{}", error.field), error.message)
            }
            Refused::Store(store, error) => self
                .error_below(&["capabilities", &store], None, &error.field, error.message)
                .about(format!("store `{store}`")),
        }
    }
}
