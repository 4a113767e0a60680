//! Stores that flags name, as host functions.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use plugwright::HostFunction;
use plugwright_capabilities::config::{Backend, GrantConfig, Kind, PluginCapabilities, StoreConfig};
use plugwright_capabilities::{Granted, MemoryMap, Namespace, Refused, Registry};

use crate::args::CapabilityArgs;
use crate::errors::Failure;

/// The flags that lend functions.
pub(crate) const FLAGS: [&str; 4] =
    ["--kv STORE", "--sql STORE", "--messaging BROKER", "--memory-map KEY=VALUE"];

/// What each of them lends.
const FUNCTIONS: [&[&str]; 4] = [
    &["kv_get", "kv_set", "kv_delete", "kv_increment", "kv_compare_and_swap", "kv_list"],
    &["sql_query", "sql_execute", "sql_begin", "sql_commit", "sql_rollback"],
    &["messaging_publish", "messaging_request"],
    &[MemoryMap::FUNCTION],
];

/// The modules that host functions are imported from.
const MODULES: [&str; 2] = ["extism:host/user", "env"];

/// The flag that lends this import.
pub(crate) fn flag_for(module: &str, name: &str) -> Option<&'static str> {
    let index = FUNCTIONS.iter().position(|functions| functions.contains(&name))?;
    MODULES.contains(&module).then_some(FLAGS[index])
}

/// What stands before the name of an environment variable with an address.
const ENVIRONMENT: &str = "env:";

/// What the flags say.
pub(crate) struct Stores {
    /// What plug-ins are granted.
    pub(crate) capabilities: PluginCapabilities,
    /// The stores, by the flags that name them.
    pub(crate) stores: BTreeMap<String, StoreConfig>,
    /// Those that are open.
    registry: Registry,
}

impl Stores {
    /// What the flags say; none if there are none.
    ///
    /// # Errors
    ///
    /// When a flag makes no sense.
    pub(crate) fn of(args: &CapabilityArgs) -> Result<Option<Self>, Failure> {
        let namespace = args.namespace.as_deref().map(str::parse::<Namespace>).transpose();
        let namespace = namespace.map_err(|error| Failure::Usage(format!("--namespace: {error}")))?;
        let mut stores = BTreeMap::new();
        let mut grant = |kind: Kind, store: &Option<String>| {
            let Some(store) = store else { return Ok(None) };
            let flag = format!("--{kind}");
            stores.insert(flag.clone(), named(kind, store)?);
            Ok::<_, Failure>(Some(GrantConfig { namespace: namespace.clone(), ..GrantConfig::of(flag) }))
        };
        let capabilities = PluginCapabilities {
            kv: grant(Kind::Kv, &args.kv)?,
            sql: grant(Kind::Sql, &args.sql)?,
            messaging: grant(Kind::Messaging, &args.messaging)?,
            memory_map: (!args.memory_map.is_empty()).then(|| args.memory_map.iter().cloned().collect()),
        };
        if args.namespace.is_some() && stores.is_empty() {
            let message = "--namespace means nothing without --kv, --sql or --messaging; leave it out";
            return Err(Failure::Usage(message.to_owned()));
        }
        Ok((!capabilities.is_empty()).then(|| Self { capabilities, stores, registry: Registry::default() }))
    }

    /// What a plug-in of this name gets.
    ///
    /// # Errors
    ///
    /// When a store cannot be described so, or the plug-in's name is no namespace.
    pub(crate) fn granted(&self, plugin: &str) -> Result<Granted, Failure> {
        Granted::resolve(plugin, &self.capabilities, &self.stores).map_err(refused)
    }

    /// Opens the stores that are not open yet, and gives the functions for a plug-in.
    ///
    /// # Errors
    ///
    /// When a store cannot be opened.
    pub(crate) fn lend(&self, plugin: &str) -> Result<Vec<HostFunction>, Failure> {
        self.registry.lend(plugin, &self.granted(plugin)?).map_err(refused)
    }
}

/// A plug-in's name: that of its file.
pub(crate) fn name_of(plugin: &str) -> String {
    Path::new(plugin).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn refused(refused: Refused) -> Failure {
    Failure::Usage(match refused {
        Refused::Grant(error) => format!("{}; --namespace gives one", error.message),
        Refused::Store(flag, error) if error.field == "url" => {
            format!("{flag}: the address {}", error.message)
        }
        Refused::Store(flag, error) => format!("{flag}: {}", error.message),
    })
}

/// The store that a flag's value names.
fn named(kind: Kind, store: &str) -> Result<StoreConfig, Failure> {
    let flag = format!("--{kind}");
    if let Some(variable) = store.strip_prefix(ENVIRONMENT) {
        let address = env::var(variable).unwrap_or_default();
        let mut config = StoreConfig::new(server(kind, &address).ok_or_else(|| {
            Failure::Usage(format!(
                "{flag}: the environment variable `{variable}` has no address of a server for it"
            ))
        })?);
        config.url_env = Some(variable.to_owned());
        return Ok(config);
    }
    if let Some(backend) = server(kind, store) {
        let config = StoreConfig { url: Some(store.to_owned()), ..StoreConfig::new(backend) };
        if config.server().shows_password() {
            return Err(Failure::Usage(format!(
                "{flag}: the address has a password, which others on this machine see; put the address into an environment variable, \
                 and name that: {flag} env:NAME"
            )));
        }
        return Ok(config);
    }
    if store.contains("://") {
        return Err(Failure::Usage(format!(
            "{flag}: this is not the address of a server for it; see --help"
        )));
    }
    match kind {
        Kind::Kv if store == "memory" => Ok(StoreConfig::new(Backend::Memory)),
        Kind::Kv => Ok(file(Backend::Redb, store)),
        Kind::Sql => Ok(file(Backend::Sqlite, store)),
        _ => Err(Failure::Usage(format!(
            "{flag}: give the address of a broker, such as `nats://localhost:4222`"
        ))),
    }
}

fn file(backend: Backend, path: &str) -> StoreConfig {
    StoreConfig { path: Some(Path::new(path).to_owned()), ..StoreConfig::new(backend) }
}

/// The server that an address is of.
fn server(kind: Kind, address: &str) -> Option<Backend> {
    let (scheme, _) = address.split_once("://")?;
    match (kind, scheme) {
        (Kind::Kv, "redis" | "redis+unix" | "unix") => Some(Backend::Redis),
        (Kind::Sql, "postgres" | "postgresql") => Some(Backend::Postgres),
        (Kind::Messaging, "nats" | "tls") => Some(Backend::Nats),
        (Kind::Messaging, "mqtt" | "mqtts") => Some(Backend::Mqtt),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FLAGS, FUNCTIONS, Stores};
    use crate::args::CapabilityArgs;

    #[test]
    fn every_function_that_a_flag_lends_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let args = CapabilityArgs {
            kv: Some("memory".to_owned()),
            sql: Some(folder.path().display().to_string()),
            // Nothing is sent to it.
            messaging: Some("nats://127.0.0.1:1".to_owned()),
            namespace: None,
            memory_map: vec![("a".to_owned(), "b".to_owned())],
        };
        let functions = Stores::of(&args).unwrap().unwrap().lend("shop").unwrap();
        let mut lent: Vec<&str> = functions.iter().map(|function| function.name()).collect();
        let mut listed = FUNCTIONS.concat();
        lent.sort_unstable();
        listed.sort_unstable();
        assert_eq!(lent, listed);
        for ((flag, functions), first) in
            FLAGS.iter().zip(FUNCTIONS).zip(["kv_", "sql_", "messaging_", "host"])
        {
            assert!(functions.iter().all(|name| name.starts_with(first)), "{flag}");
        }
    }
}
