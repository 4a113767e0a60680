//! From flags to what the server is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plugwright::manifest::split_path_spec;
use plugwright_server::{AdminConfig, Config, Limits, PluginConfig, RouteConfig, StartError, TlsConfig};

use crate::args::{ListenArgs, OperationArgs, RouteArgs, ServeArgs};
use crate::capabilities::{self, Stores};
use crate::errors::Failure;

pub(super) fn of(args: &ServeArgs) -> Result<Config, Failure> {
    let mut config = served(args)?;
    listen(&mut config, &args.listen);
    operation(&mut config, &args.operation);
    if let Some(bytes) = args.route.body_max {
        config.http.max_body_bytes = bytes;
    }
    config.access_log |= args.access_log.is_some();
    Ok(config)
}

/// What is served.
fn served(args: &ServeArgs) -> Result<Config, Failure> {
    let what = Path::new(&args.what);
    if what.is_dir() {
        if let Some(function) = &args.function {
            return Err(Failure::Usage(format!(
                "`{}` is a folder, all of whose functions are served; leave `{function}` out",
                args.what
            )));
        }
        let single = [
            ("--view", args.route.view.is_some()),
            ("--content-type", args.route.content_type.is_some()),
            ("--isolation", args.route.isolation.is_some()),
            ("--concurrency", args.route.concurrency.is_some()),
            ("--queue", args.route.queue.is_some()),
        ];
        if let Some((flag, _)) = single.into_iter().find(|(_, given)| *given) {
            return Err(Failure::Usage(format!(
                "{flag} is for one function; a file such as plugwright.toml has it for each route"
            )));
        }
        let mut config = Config::of_folder(what);
        config.folder_plugins = plugin(&args.route)?;
        return Ok(match Stores::of(&args.capabilities)? {
            Some(Stores { capabilities, stores, .. }) => config.granting(&capabilities, stores),
            None => config,
        });
    }
    match &args.function {
        Some(function) => {
            let mut config = Config::of_function(&args.what, function);
            config.routes = vec![route(RouteConfig::new("/", &args.what, function), &args.route)?];
            let Some(stores) = Stores::of(&args.capabilities)? else { return Ok(config) };
            if args.what.starts_with("nats:") {
                let message = format!("`{}` runs elsewhere: its workers decide what it may use", args.what);
                return Err(Failure::Usage(message));
            }
            // What is wrong is said in the words of flags.
            stores.granted(&capabilities::name_of(&args.what))?;
            Ok(config.granting(&stores.capabilities, stores.stores))
        }
        None if args.is_file() => {
            if let Some(flag) = args.route.given().or_else(|| args.capabilities.given()) {
                return Err(Failure::Usage(format!(
                    "{flag} means nothing beside `{}`, which says it for each route; leave it out",
                    args.what
                )));
            }
            Config::from_file(what).map_err(|error| StartError::from(error).into())
        }
        None => Err(Failure::Usage(format!(
            "say which function to serve: `plugwright serve {} FUNCTION`; `plugwright inspect {0}` lists them",
            args.what
        ))),
    }
}

fn listen(config: &mut Config, args: &ListenArgs) {
    if let Some(address) = args.address {
        config.listen.set_ip(address);
    }
    if let Some(port) = args.port {
        config.listen.set_port(port);
    }
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        config.tls = Some(TlsConfig { certificate: of_here(certificate), key: of_here(key) });
    }
    if let Some(max) = args.max_connections {
        config.http.max_connections = max;
    }
}

fn operation(config: &mut Config, args: &OperationArgs) {
    if let Some(address) = args.admin {
        let mut admin = config.admin.take().unwrap_or_else(|| AdminConfig::new(address));
        admin.listen = address;
        if let Some(file) = &args.admin_token_file {
            admin.token_file = Some(of_here(file));
        }
        config.admin = Some(admin);
    }
    config.watch &= !args.no_watch;
    if let Some(timeout) = args.shutdown_timeout {
        config.shutdown_timeout = timeout;
    }
}

/// Paths on the command line are from where we are; those of a file are from its folder.
fn of_here(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn route(mut route: RouteConfig, args: &RouteArgs) -> Result<RouteConfig, Failure> {
    let plugin = plugin(args)?;
    route.view = args.view.map(Into::into).unwrap_or_default();
    route.content_type.clone_from(&args.content_type);
    route.isolation = args.isolation.map(Into::into).unwrap_or_default();
    route.concurrency = args.concurrency.unwrap_or(route.concurrency);
    route.queue = args.queue.unwrap_or(route.queue);
    route.wasi = plugin.wasi;
    route.config = plugin.config;
    route.allowed_hosts = plugin.allowed_hosts;
    route.allowed_paths = plugin.allowed_paths;
    route.env = plugin.env;
    route.limits = plugin.limits;
    Ok(route)
}

fn plugin(args: &RouteArgs) -> Result<PluginConfig, Failure> {
    let mut allowed_paths = BTreeMap::new();
    for spec in &args.allow_path {
        let (host, guest) =
            split_path_spec(spec).map_err(|error| Failure::Usage(format!("--allow-path {spec}: {error}")))?;
        allowed_paths.insert(host.to_owned(), guest);
    }
    Ok(PluginConfig {
        wasi: args.wasi,
        config: args.config.iter().cloned().collect(),
        allowed_hosts: args.allow_host.clone(),
        allowed_paths,
        env: args.env.iter().cloned().collect(),
        limits: Limits {
            timeout: args.timeout,
            max_pages: args.memory_max_pages,
            fuel: args.fuel,
            ..Limits::default()
        },
        ..PluginConfig::default()
    })
}
