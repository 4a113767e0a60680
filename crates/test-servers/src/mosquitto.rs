use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::kind::private::Kind;
use crate::programs::Launch;
use crate::server::Server;
use crate::setup::Credentials;
use crate::site::Site;
use crate::wire::Wire;

/// Mosquitto, an MQTT broker.
///
/// It saves sessions, queued and retained messages after each round of its loop that has changed any. It acknowledges before
/// it saves: what it has acknowledged last may not survive [`kill`](Server::kill). It survives [`stop`](Server::stop).
pub type Mosquitto = Server<MosquittoKind>;

/// See [`Mosquitto`].
#[derive(Debug, Clone, Copy)]
pub struct MosquittoKind;

const FILE: &str = "mosquitto.conf";
const PASSWORDS: &str = "passwords";

impl Kind for MosquittoKind {
    const NAME: &'static str = "mosquitto";
    const SCHEME: &'static str = "mqtt";

    fn prepare(site: &Site) -> Result<(), Error> {
        let address = site.address();
        let mut text = format!("listener {} {}\n", address.port(), address.ip());
        // Started by root, it would become a user that may not be there.
        text += "user root\nlog_dest stderr\n";
        text +=
            "persistence true\npersistence_location data/\nautosave_on_changes true\nautosave_interval 1\n";
        match &site.credentials {
            Some(Credentials { user, password }) => {
                text += &format!("allow_anonymous false\npassword_file {PASSWORDS}\n");
                let program = site.programs.launch("usr/bin/mosquitto_passwd")?;
                site.run(&program.args(["-b", "-c", PASSWORDS, user, password]))?;
            }
            None => text += "allow_anonymous true\n",
        }
        text += &site.setting_lines();
        site.make_folder("data")?;
        site.write(FILE, &text)
    }

    fn launch(site: &Site) -> Result<Launch, Error> {
        Ok(site.programs.launch("usr/sbin/mosquitto")?.args(["-c", FILE]))
    }

    fn answers(address: SocketAddr, credentials: Option<&Credentials>) -> io::Result<bool> {
        let mut wire = Wire::connect(address)?;
        wire.send(&connect(credentials))?;
        let answer = wire.read_until(|read| read.len() >= 4)?;
        // CONNACK, and its return code: accepted.
        Ok(answer == [0x20, 2, 0, 0])
    }
}

/// A CONNECT packet of MQTT 3.1.1, without a client's name.
fn connect(credentials: Option<&Credentials>) -> Vec<u8> {
    let mut flags = 0x02; // a clean session
    let mut payload = vec![0, 0];
    if let Some(Credentials { user, password }) = credentials {
        flags |= 0xc0;
        for text in [user, password] {
            payload.extend([0, text.len() as u8]);
            payload.extend(text.bytes());
        }
    }
    // Lengths of one byte: credentials are short.
    let mut packet = vec![0x10, (10 + payload.len()) as u8];
    packet.extend([0, 4, b'M', b'Q', b'T', b'T', 4, flags, 0, 60]);
    packet.extend(payload);
    packet
}
