//! Connecting to NATS, and calling plug-ins that run behind it.

use std::path::Path;
use std::sync::Arc;

use plugwright::{BoxFuture, Result};
use plugwright_remote::{Nats, NatsOptions};
use plugwright_server::{Remote, RemoteCall};

use crate::args::NatsArgs;
use crate::errors::Failure;

/// Connects as the flags say; to the server at `NATS_URL` if they name none and that is set.
///
/// # Errors
///
/// `Usage` when nobody says where the server is.
pub(crate) async fn connect(args: &NatsArgs) -> anyhow::Result<Nats> {
    let address = match &args.nats {
        Some(address) => address.clone(),
        None => std::env::var("NATS_URL").map_err(|_| {
            Failure::Usage(
                "say where the NATS server is: --nats nats://127.0.0.1:4222, or in the environment variable NATS_URL".to_owned(),
            )
        })?,
    };
    let mut options = NatsOptions::new(address);
    if let Some(file) = &args.nats_login {
        let login = login(file)?;
        options = match login.split_once(':') {
            Some((name, password)) => options.user(name, password),
            None => options.token(login),
        };
    }
    if let Some(file) = &args.nats_ca {
        options = options.certificates(file);
    }
    if let (Some(certificate), Some(key)) = (&args.nats_cert, &args.nats_key) {
        options = options.identity(certificate, key);
    }
    Ok(Nats::connect_with(options).await.map_err(Failure::from)?)
}

fn login(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("cannot read --nats-login `{}`: {error}", file.display())))?;
    match text.trim() {
        "" => Err(Failure::Usage(format!(
            "--nats-login `{}` is empty; write USER:PASSWORD or a token",
            file.display()
        ))),
        login => Ok(login.to_owned()),
    }
}

/// Makes the server's calls of plug-ins `nats:<name>`.
pub(crate) struct Elsewhere(Nats);

impl Elsewhere {
    /// Through this connection.
    pub(crate) fn remote(nats: Nats) -> Arc<dyn Remote> {
        Arc::new(Self(nats))
    }
}

impl Remote for Elsewhere {
    fn call(&self, call: RemoteCall) -> BoxFuture<'_, Result<bytes::Bytes>> {
        Box::pin(async move {
            let plugin = self.0.plugin(&call.plugin);
            // A name that was checked is one still.
            let plugin = plugin.map_err(|error| plugwright::Error::encode(error.to_string()))?;
            let plugin = plugin.timeout(call.timeout).wait(call.wait).idempotent(call.idempotent);
            plugin.call_bytes(&call.function, call.input).await
        })
    }

    fn check(&self, plugin: &str) -> Result<(), String> {
        self.0.plugin(plugin).map(drop).map_err(|error| error.to_string())
    }
}
