use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::kind::private::Kind;
use crate::programs::Launch;
use crate::server::Server;
use crate::setup::Credentials;
use crate::site::Site;
use crate::wire::{Wire, contains};

/// NATS with JetStream. What JetStream has acknowledged survives [`kill`](Server::kill).
///
/// Debian 12 has NATS 2.9: it ignores what later versions know, such as several filters of one consumer. With it, the crate
/// `async-nats` 0.51 has streams, durable consumers, object stores and services, but neither `query_account` nor `create_key_value`.
pub type Nats = Server<NatsKind>;

/// See [`Nats`].
#[derive(Debug, Clone, Copy)]
pub struct NatsKind;

const FILE: &str = "nats.conf";

impl Kind for NatsKind {
    const NAME: &'static str = "nats-server";
    const SCHEME: &'static str = "nats";

    fn prepare(site: &Site) -> Result<(), Error> {
        let mut text = format!("listen: \"{}\"\njetstream {{ store_dir: \"data\" }}\n", site.address());
        if let Some(Credentials { user, password }) = &site.credentials {
            text += &format!("authorization {{ user: \"{user}\", password: \"{password}\" }}\n");
        }
        text += &site.setting_lines();
        site.write(FILE, &text)
    }

    fn launch(site: &Site) -> Result<Launch, Error> {
        Ok(site.programs.launch("usr/sbin/nats-server")?.args(["--config", FILE]))
    }

    fn answers(address: SocketAddr, credentials: Option<&Credentials>) -> io::Result<bool> {
        let mut wire = Wire::connect(address)?;
        wire.read_until(|read| contains(read, "\r\n"))?;
        let user = credentials
            .map(|Credentials { user, password }| format!(",\"user\":\"{user}\",\"pass\":\"{password}\""));
        let user = user.unwrap_or_default();
        // Asks JetStream, which is ready later than the server itself.
        let question = format!(
            "CONNECT {{\"verbose\":false,\"pedantic\":false{user}}}\r\nSUB _INBOX.ready 1\r\nPUB $JS.API.INFO _INBOX.ready 0\r\n\r\n"
        );
        wire.send(question.as_bytes())?;
        let answer = wire.read_until(|read| {
            contains(read, "\"streams\"") || contains(read, "\"error\"") || contains(read, "-ERR")
        })?;
        Ok(contains(answer, "\"streams\""))
    }
}
