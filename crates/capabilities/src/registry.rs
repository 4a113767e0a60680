//! The stores that a process has open, and the grants that it has given.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use plugwright::{Capability, HostFunction};

use crate::config::{FieldError, GrantConfig, Kind, PluginCapabilities, StoreConfig};
use crate::opened::Opened;
use crate::{Grant, MemoryMap, Namespace, Secret};

/// The stores that a process has open. Each is opened once, when it is first lent, and stays as long as [`retain`](Self::retain) is told
/// that it is wanted. A plug-in's rates last as long.
#[derive(Debug, Default)]
pub struct Registry {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    stores: HashMap<(String, Described), Opened>,
    /// So that all instances of a plug-in share its rates, on whatever route.
    grants: HashMap<(String, Kind, GrantConfig), Grant>,
}

/// What a plug-in was granted, with the stores that it names. Equal ones give it the same functions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Granted {
    stores: BTreeMap<Kind, (Described, GrantConfig)>,
    memory_map: Option<BTreeMap<String, String>>,
}

/// A store as it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Described {
    config: StoreConfig,
    /// The address of its server with the password, which a file or a variable may say otherwise the next time.
    address: Option<Secret>,
}

/// Why a plug-in cannot have what it is granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The grant is wrong: a field of the plug-in's `capabilities`.
    #[error(transparent)]
    Grant(FieldError),
    /// The store of this name is wrong, or cannot be opened.
    #[error("store `{0}`, {1}")]
    Store(String, FieldError),
}

impl Granted {
    /// Finds the stores that a plug-in's capabilities name, and checks grants and stores. Addresses and passwords are read from
    /// environment and files, and nothing is opened.
    ///
    /// # Errors
    ///
    /// When something is wrong with a grant or a store, or a password cannot be read.
    pub fn resolve(
        plugin: &str,
        capabilities: &PluginCapabilities,
        stores: &BTreeMap<String, StoreConfig>,
    ) -> Result<Self, Refused> {
        let mut granted = Self { memory_map: capabilities.memory_map.clone(), ..Self::default() };
        for (kind, grant) in capabilities.grants() {
            let refused =
                |field: &str, message| Refused::Grant(FieldError::new(format!("{kind}.{field}"), message));
            let Some(store) = stores.get(&grant.from) else {
                let names: Vec<&str> = stores.keys().map(String::as_str).collect();
                let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let message =
                    format!("there is no store `{}` in `[capabilities]`; there is {there}", grant.from);
                return Err(refused("from", message));
            };
            store.check().map_err(|error| Refused::Store(grant.from.clone(), error))?;
            if store.kind != kind {
                let message =
                    format!("the store `{}` is of the kind `{}`, not `{kind}`", grant.from, store.kind);
                return Err(refused("from", message));
            }
            let namespace = match &grant.namespace {
                Some(namespace) => namespace.clone(),
                None => plugin.parse().map_err(|error| {
                    refused("namespace", format!("give one, since the plug-in's name is none: {error}"))
                })?,
            };
            if kind == Kind::Messaging {
                namespace.check_for_messages().map_err(|message| refused("namespace", message))?;
            }
            let grant = GrantConfig { namespace: Some(namespace), ..grant.clone() };
            let address = store.backend.is_server().then(|| store.address()).transpose();
            let address = address.map_err(|error| Refused::Store(grant.from.clone(), error))?;
            granted.stores.insert(kind, (Described { config: store.clone(), address }, grant));
        }
        Ok(granted)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.stores.is_empty() && self.memory_map.is_none()
    }

    /// The stores that it names.
    pub fn stores(&self) -> impl Iterator<Item = &StoreConfig> {
        self.stores.values().map(|(store, _)| &store.config)
    }
}

impl Registry {
    /// The functions for a plug-in that was granted this. Opens what is not open yet; servers are connected to by the first call. This
    /// blocks the thread.
    ///
    /// # Errors
    ///
    /// When a store cannot be opened.
    pub fn lend(&self, plugin: &str, granted: &Granted) -> Result<Vec<HostFunction>, Refused> {
        let mut functions = Vec::new();
        if let Some(values) = &granted.memory_map {
            functions.extend(MemoryMap::new(values.clone()).host_functions());
        }
        let mut held = self.held();
        for (kind, (described, grant)) in &granted.stores {
            // By name as well: two stores in memory are two, whatever their settings.
            let place = (grant.from.clone(), described.clone());
            let store = match held.stores.get(&place) {
                Some(store) => store.clone(),
                None => {
                    let store = Opened::open(&described.config)
                        .map_err(|error| Refused::Store(grant.from.clone(), error))?;
                    held.stores.insert(place, store.clone());
                    store
                }
            };
            let key = (plugin.to_owned(), *kind, grant.clone());
            let grant = held.grants.entry(key).or_insert_with(|| {
                let namespace = grant.namespace.clone().unwrap_or_else(Namespace::default);
                Grant::new(namespace, grant.limits()).read_only(grant.read_only)
            });
            functions.extend(store.lend(grant.clone()));
        }
        Ok(functions)
    }

    /// Closes what none of these have: a store is closed when the calls end that use it.
    pub fn retain<'a>(&self, granted: impl IntoIterator<Item = (&'a str, &'a Granted)>) {
        let mut stores = HashSet::new();
        let mut grants = HashSet::new();
        for (plugin, granted) in granted {
            for (kind, (store, grant)) in &granted.stores {
                stores.insert((grant.from.as_str(), store));
                grants.insert((plugin, *kind, grant));
            }
        }
        let mut held = self.held();
        held.stores.retain(|(name, store), _| stores.contains(&(name.as_str(), store)));
        held.grants.retain(|(plugin, kind, grant), _| grants.contains(&(plugin.as_str(), *kind, grant)));
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Granted, Refused};
    use crate::config::{Backend, GrantConfig, PluginCapabilities, StoreConfig};

    fn resolve(plugin: &str, grant: GrantConfig) -> Result<Granted, Refused> {
        let stores = [
            ("data", StoreConfig::new(Backend::Memory)),
            ("bad", StoreConfig::new(Backend::Redb)),
            ("other", StoreConfig { path: Some("x".into()), ..StoreConfig::new(Backend::Sqlite) }),
        ];
        let stores: BTreeMap<String, StoreConfig> =
            stores.into_iter().map(|(name, store)| (name.to_owned(), store)).collect();
        let capabilities = PluginCapabilities { kv: Some(grant), ..PluginCapabilities::default() };
        Granted::resolve(plugin, &capabilities, &stores)
    }

    #[test]
    fn grants_name_stores() {
        let granted = resolve("shop", GrantConfig::of("data")).expect("a grant of a store that is there");
        assert_eq!(granted.stores().count(), 1);
        let mut grant = GrantConfig::of("data");
        grant.namespace = Some("shop".parse().expect("a name"));
        assert_eq!(resolve("Other Name", grant), Ok(granted), "the plug-in's name is the default");
    }

    #[test]
    fn messages_do_not_reach_our_own_subjects() {
        let broker =
            StoreConfig { url: Some("nats://localhost".to_owned()), ..StoreConfig::new(Backend::Nats) };
        let stores = BTreeMap::from([("broker".to_owned(), broker)]);
        let resolve = |plugin: &str, namespace: Option<&str>| {
            let namespace = namespace.map(|name| name.parse().expect("a name"));
            let grant = GrantConfig { namespace, ..GrantConfig::of("broker") };
            let messaging = PluginCapabilities { messaging: Some(grant), ..PluginCapabilities::default() };
            Granted::resolve(plugin, &messaging, &stores)
        };
        for name in ["plugwright", "plugwright-cancel", "plugwright-part"] {
            for refused in [resolve("shop", Some(name)), resolve(name, None)] {
                match refused {
                    Err(Refused::Grant(error)) => assert_eq!(error.field, "messaging.namespace", "{error}"),
                    other => panic!("`{name}`: {other:?}"),
                }
            }
        }
        assert!(resolve("plugwright", Some("shop")).is_ok());
        // Keys of a store are nobody's subjects.
        assert!(super::tests::resolve("plugwright", GrantConfig::of("data")).is_ok());
    }

    #[test]
    fn another_password_makes_another_store() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = StoreConfig {
            url: Some("redis://localhost".to_owned()),
            password_file: Some("password".into()),
            ..StoreConfig::new(Backend::Redis)
        };
        let stores = BTreeMap::from([("data".to_owned(), store.resolved(folder.path()))]);
        let capabilities =
            PluginCapabilities { kv: Some(GrantConfig::of("data")), ..PluginCapabilities::default() };
        let resolve = |password: &str| {
            std::fs::write(folder.path().join("password"), password).expect("a file");
            Granted::resolve("shop", &capabilities, &stores).expect("a grant")
        };
        let first = resolve("hunter2");
        assert_eq!(first, resolve("hunter2\n"));
        assert_ne!(first, resolve("hunter3"));
        assert!(!format!("{first:?}").contains("hunter2"), "{first:?}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let field = |plugin, store| match resolve(plugin, GrantConfig::of(store)) {
            Err(Refused::Grant(error)) => (String::new(), error.field),
            Err(Refused::Store(store, error)) => (store, error.field),
            Ok(granted) => panic!("taken: {granted:?}"),
        };
        assert_eq!(field("shop", "date"), (String::new(), "kv.from".to_owned()));
        assert_eq!(field("shop", "other"), (String::new(), "kv.from".to_owned()));
        assert_eq!(field("Shop", "data"), (String::new(), "kv.namespace".to_owned()));
        assert_eq!(field("shop", "bad"), ("bad".to_owned(), "path".to_owned()));
    }
}
