//! `plugwright serve`.

use std::net::SocketAddr;

use anyhow::Context;
use plugwright_server::{Config, Server, ServerHandle};
use serde::Serialize;

use crate::args::{Global, ServeArgs};
use crate::errors::Failure;
use crate::nats::{self, Elsewhere};
use crate::output;
use crate::progress::Spinner;

mod config;
mod signals;

pub(crate) use signals::Signals;
use signals::Wish;

/// Where it listens, for programs.
#[derive(Serialize)]
struct Listening {
    url: String,
    admin_url: Option<String>,
    routes: Vec<String>,
}

pub(crate) fn run(args: &ServeArgs, global: &Global) -> anyhow::Result<()> {
    let config = config::of(args)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = args.listen.threads {
        runtime.worker_threads(threads.into());
    }
    let runtime = runtime.thread_name("plugwright-serve").enable_all().build();
    runtime.context("cannot start the threads for connections")?.block_on(serve(config, args, global))
}

async fn serve(config: Config, args: &ServeArgs, global: &Global) -> anyhow::Result<()> {
    let encrypted = config.tls.is_some();
    let spinner = Spinner::start(format!("loading {}", args.what), global);
    // A server without remote plug-ins needs no connection.
    let remote = match args.nats.is_given() {
        true => Some(Elsewhere::remote(nats::connect(&args.nats).await?)),
        false => None,
    };
    let started = Server::start_with_remote(config, Vec::new(), remote).await;
    drop(spinner);
    let server = started.map_err(Failure::from)?;
    announce(&server, encrypted, global)?;
    let handle = server.handle();
    let stopped = tokio::select! {
        stopped = server.run() => stopped,
        // What runs ends with the server.
        () = obey(Signals::listen()?, handle) => {
            output::warning("cut what still ran, at the second signal");
            return Ok(());
        }
    };
    if stopped.cut_triggers > 0 {
        let cut = stopped.cut_triggers;
        output::warning(format_args!("cut {cut} triggers whose calls did not end in --shutdown-timeout"));
    }
    if stopped.cut > 0 {
        let cut = stopped.cut;
        output::warning(format_args!("cut {cut} connections whose calls did not end in --shutdown-timeout"));
    }
    Ok(())
}

fn announce(server: &Server, encrypted: bool, global: &Global) -> anyhow::Result<()> {
    let url = |address: SocketAddr, scheme| format!("{scheme}://{address}");
    let address = server.local_addr().context("the system does not say where it listens")?;
    let admin = server.admin_addr().context("the system does not say where it listens")?;
    let listening = Listening {
        url: url(address, if encrypted { "https" } else { "http" }),
        admin_url: admin.map(|address| url(address, "http")),
        routes: server.routes(),
    };
    if global.json {
        let mut line = serde_json::to_vec(&listening).context("cannot write where it listens as JSON")?;
        line.push(b'\n');
        return output::stdout(&line);
    }
    output::note(format_args!("serving {} routes at {}", listening.routes.len(), listening.url), global);
    if global.verbose {
        listening.routes.iter().for_each(|route| output::line(format_args!("  {route}")));
    }
    if let Some(admin) = listening.admin_url {
        output::note(format_args!("for operators: {admin}"), global);
    }
    Ok(())
}

/// Does what signals ask for, until they ask twice to stop.
async fn obey(mut signals: Signals, handle: ServerHandle) {
    let mut is_stopping = false;
    loop {
        match signals.next().await {
            Wish::Reload => match handle.reload().await {
                Ok(()) => output::line("reloaded what is served"),
                Err(error) => output::warning(format_args!("not reloaded, and all stays as it was: {error}")),
            },
            Wish::Stop if is_stopping => return,
            Wish::Stop => {
                is_stopping = true;
                handle.stop();
            }
        }
    }
}
