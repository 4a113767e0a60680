use std::io;
use std::net::SocketAddr;

use rustix::process::Signal;

use crate::error::Error;
use crate::kind::private::Kind;
use crate::programs::Launch;
use crate::server::Server;
use crate::setup::Credentials;
use crate::site::Site;
use crate::user;
use crate::wire::Wire;

/// PostgreSQL, with the database `postgres`. What it has committed survives [`kill`](Server::kill).
///
/// It refuses to run as root: root runs it as `nobody`. Making its data takes a second of processor time: tests that can share a
/// server, each with a database or schema of its own, should.
pub type Postgres = Server<PostgresKind>;

/// See [`Postgres`].
#[derive(Debug, Clone, Copy)]
pub struct PostgresKind;

/// The user without a password.
const OPEN_USER: &str = "postgres";
const PASSWORD_FILE: &str = "password";

impl Kind for PostgresKind {
    const NAME: &'static str = "postgres";
    const SCHEME: &'static str = "postgres";
    const OPEN_USER: &'static str = "postgres@";
    const URL_PATH: &'static str = "/postgres";
    // Ends connections instead of waiting for clients to end them.
    const STOP: Signal = Signal::INT;

    fn prepare(site: &Site) -> Result<(), Error> {
        user::give_away(site.folder()).map_err(site.cannot("give it its folder"))?;
        let initdb = site.programs.launch_postgres("initdb")?;
        let initdb = initdb.args(["--pgdata=data", "--no-sync", "--locale=C", "--encoding=UTF8"]);
        let initdb = match &site.credentials {
            Some(Credentials { user, password }) => {
                site.write(PASSWORD_FILE, password)?;
                let initdb = initdb.arg(format!("--username={user}"));
                initdb.arg(format!("--pwfile={PASSWORD_FILE}")).arg("--auth=scram-sha-256")
            }
            None => initdb.arg(format!("--username={OPEN_USER}")).arg("--auth=trust"),
        };
        site.run(&initdb)?;

        let address = site.address();
        let mut text = format!("listen_addresses = '{}'\nport = {}\n", address.ip(), address.port());
        // Unix sockets and shared memory would be outside of its folder. Just-in-time compilation needs a large library.
        text += "unix_socket_directories = ''\ndynamic_shared_memory_type = mmap\njit = off\n";
        text += &site.setting_lines();
        site.write("data/postgresql.auto.conf", &text)
    }

    fn launch(site: &Site) -> Result<Launch, Error> {
        Ok(site.programs.launch_postgres("postgres")?.args(["-D", "data"]))
    }

    fn answers(address: SocketAddr, credentials: Option<&Credentials>) -> io::Result<bool> {
        let user = credentials.map_or(OPEN_USER, |credentials| &credentials.user);
        let mut wire = Wire::connect(address)?;
        wire.send(&startup(user))?;
        // It asks for a password or says that it needs none. While it recovers its data it sends an error.
        Ok(wire.read_until(|read| !read.is_empty())?.starts_with(b"R"))
    }
}

/// A startup message of the protocol's version 3.0.
fn startup(user: &str) -> Vec<u8> {
    let body = format!("user\0{user}\0database\0postgres\0\0");
    let mut message = (8 + body.len() as u32).to_be_bytes().to_vec();
    message.extend(196_608_u32.to_be_bytes());
    message.extend(body.bytes());
    message
}

impl Postgres {
    /// Runs SQL by PostgreSQL's own client, and returns a line for each row, with `|` between columns.
    ///
    /// # Errors
    /// When the server cannot be reached, or a statement fails.
    pub fn psql(&self, sql: &str) -> Result<String, Error> {
        let client = self.site.programs.launch_postgres("psql")?;
        let client = client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        let client = client.args(["--set=ON_ERROR_STOP=1", "--dbname"]).arg(self.url());
        self.site.output(&client.args(["--command", sql]))
    }
}
