//! A broker that does on demand what real ones do when it is least wanted.

use std::error::Error;

use plugwright_capabilities::messaging::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::within;

pub(crate) const PUBLISH: u8 = 3;
pub(crate) const PUBACK: u8 = 4;
const CONNECT: u8 = 1;
const SUBSCRIBE: u8 = 8;

/// It listens, and speaks one version of MQTT: 4 (3.1.1) or 5.
pub(crate) struct FakeBroker {
    listener: TcpListener,
    version: u8,
}

/// A client's connection.
pub(crate) struct Connection {
    stream: TcpStream,
    version: u8,
}

/// A packet: its kind, and what comes after its length.
pub(crate) struct Packet {
    pub(crate) kind: u8,
    body: Vec<u8>,
}

impl FakeBroker {
    pub(crate) async fn start(version: u8) -> Result<Self, Box<dyn Error>> {
        Ok(Self { listener: TcpListener::bind("127.0.0.1:0").await?, version })
    }

    pub(crate) fn address(&self) -> Result<Address, Box<dyn Error>> {
        let version = if self.version == 4 { "?version=3.1.1" } else { "" };
        Ok(format!("mqtt://{}{version}", self.listener.local_addr()?).parse()?)
    }

    /// The next connection, accepted with these properties of MQTT 5.
    pub(crate) async fn accept(&self, properties: &[u8]) -> Result<Connection, Box<dyn Error>> {
        let (stream, _) = within("a connection", self.listener.accept()).await?;
        let mut connection = Connection { stream, version: self.version };
        connection.expect(CONNECT).await?;
        let mut answer = vec![0, 0];
        if self.version == 5 {
            answer.push(u8::try_from(properties.len())?);
            answer.extend(properties);
        }
        connection.send(&packet(0x20, &answer)?).await?;
        Ok(connection)
    }
}

impl Connection {
    pub(crate) async fn send(&mut self, packets: &[u8]) -> Result<(), Box<dyn Error>> {
        Ok(self.stream.write_all(packets).await?)
    }

    /// Waits for a subscription, and grants it.
    pub(crate) async fn subscribed(&mut self) -> Result<(), Box<dyn Error>> {
        let id = self.expect(SUBSCRIBE).await?.body[..2].to_vec();
        let properties: &[u8] = if self.version == 5 { &[0] } else { &[] };
        self.send(&packet(0x90, &[&id, properties, &[1]].concat())?).await
    }

    /// Waits for a packet that must be of this kind.
    pub(crate) async fn expect(&mut self, kind: u8) -> Result<Packet, Box<dyn Error>> {
        let packet = self.next().await?;
        assert_eq!(packet.kind, kind, "a packet of another kind");
        Ok(packet)
    }

    pub(crate) async fn next(&mut self) -> Result<Packet, Box<dyn Error>> {
        within("a packet", async {
            let kind = self.stream.read_u8().await? >> 4;
            let (mut len, mut shift) = (0, 0);
            loop {
                let byte = self.stream.read_u8().await?;
                len |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            let mut body = vec![0; len];
            self.stream.read_exact(&mut body).await?;
            Ok(Packet { kind, body })
        })
        .await
    }

    pub(crate) async fn acknowledge(&mut self, publish: &Packet) -> Result<(), Box<dyn Error>> {
        self.send(&packet(0x40, &publish.id().to_be_bytes())?).await
    }

    /// A message on `a` with this number.
    pub(crate) fn message(&self, id: u16) -> Result<Vec<u8>, Box<dyn Error>> {
        let properties: &[u8] = if self.version == 5 { &[0] } else { &[] };
        packet(0x32, &[&[0, 1, b'a'], &id.to_be_bytes()[..], properties].concat())
    }

    /// The end of the session, as a broker says it that is about to stop.
    pub(crate) fn goodbye() -> Result<Vec<u8>, Box<dyn Error>> {
        packet(0xe0, &[])
    }
}

impl Packet {
    pub(crate) fn len(&self) -> usize {
        self.body.len()
    }

    /// The number of a publication or an acknowledgement.
    pub(crate) fn id(&self) -> u16 {
        let topic = match self.kind {
            PUBLISH => 2 + usize::from(u16::from_be_bytes([self.body[0], self.body[1]])),
            _ => 0,
        };
        u16::from_be_bytes([self.body[topic], self.body[topic + 1]])
    }
}

fn packet(first: u8, body: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    assert!(body.len() < 0x80, "a length of one byte");
    Ok([&[first, u8::try_from(body.len())?], body].concat())
}
