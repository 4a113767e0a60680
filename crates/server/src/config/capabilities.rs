//! What plug-ins are granted of the stores.

use std::collections::BTreeMap;

use plugwright_capabilities::config::{PluginCapabilities, StoreConfig};
use plugwright_capabilities::{Granted, Refused, Registry};

use super::{Config, ConfigError, PluginConfig};
use crate::{plugins, remote};

impl Config {
    /// The same, where the plug-ins that routes name by path or URL, and those of the folder, are granted these capabilities of these
    /// stores. What [`plugins`](Self::plugins) lists has its own, and a plug-in that runs elsewhere has what its workers grant it.
    pub fn granting(
        mut self,
        capabilities: &PluginCapabilities,
        stores: BTreeMap<String, StoreConfig>,
    ) -> Self {
        for index in 0..self.routes.len() {
            let route = &self.routes[index];
            if self.plugins.contains_key(&route.plugin) || remote::name_of(&route.plugin).is_some() {
                continue;
            }
            let name = plugins::plugin_of(&self, &route.plugin);
            let plugin = plugins::implicit(&route.plugin, route.hash.as_ref());
            self.plugins.insert(name.clone(), PluginConfig { capabilities: capabilities.clone(), ..plugin });
            let route = &mut self.routes[index];
            route.plugin = name;
            route.hash = None;
        }
        self.folder_plugins.capabilities = capabilities.clone();
        self.stores = stores;
        self
    }

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
