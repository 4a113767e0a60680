use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::kind::private::Kind;
use crate::programs::Launch;
use crate::server::Server;
use crate::setup::Credentials;
use crate::site::Site;
use crate::wire::{Wire, contains};

/// Redis. What it has acknowledged survives [`kill`](Server::kill).
///
/// It waits for the disk before each answer. Who measures wants the [setting](crate::Setup::setting) `appendfsync no`, which loses
/// nothing either as long as the system runs.
pub type Redis = Server<RedisKind>;

/// See [`Redis`].
#[derive(Debug, Clone, Copy)]
pub struct RedisKind;

const FILE: &str = "redis.conf";

impl Kind for RedisKind {
    const NAME: &'static str = "redis-server";
    const SCHEME: &'static str = "redis";
    const URL_PATH: &'static str = "/";

    fn prepare(site: &Site) -> Result<(), Error> {
        let address = site.address();
        let mut text = format!("bind {}\nport {}\n", address.ip(), address.port());
        // Every write is in the file before it is acknowledged, and nothing else writes.
        text += "dir data\nappendonly yes\nappendfsync always\nsave \"\"\n";
        if let Some(Credentials { user, password }) = &site.credentials {
            text += &format!("user default off\nuser {user} on >{password} ~* &* +@all\n");
        }
        text += &site.setting_lines();
        site.make_folder("data")?;
        site.write(FILE, &text)
    }

    fn launch(site: &Site) -> Result<Launch, Error> {
        Ok(site.programs.launch("usr/bin/redis-server")?.args([FILE]))
    }

    fn answers(address: SocketAddr, credentials: Option<&Credentials>) -> io::Result<bool> {
        let mut wire = Wire::connect(address)?;
        if let Some(Credentials { user, password }) = credentials {
            wire.send(format!("AUTH {user} {password}\r\n").as_bytes())?;
        }
        wire.send(b"PING\r\n")?;
        // An error, while it loads its data.
        let answer = wire.read_until(|read| contains(read, "+PONG\r\n") || contains(read, "-"))?;
        Ok(contains(answer, "+PONG"))
    }
}

impl Redis {
    /// Sends a command by Redis's own client, and returns what it shows for the answer: nothing for nil.
    ///
    /// # Errors
    /// When the server cannot be reached, or answers with an error.
    pub fn cli<const N: usize>(&self, command: [&str; N]) -> Result<String, Error> {
        let client = self.site.programs.launch("usr/bin/redis-cli")?;
        // Without the second option, an error would be an answer like others.
        let client = client.args(["--no-auth-warning", "-e", "-u"]).arg(self.url());
        self.site.output(&client.args(command))
    }
}
