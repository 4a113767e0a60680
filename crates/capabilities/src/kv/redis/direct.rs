//! A connection for calls that occupy their thread anyway: the thread itself writes the request and reads the answer. No other thread has to
//! be woken for that, which takes longer than the server needs.

use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plugwright::StopCheck;
use redis::{Cmd, ConnectionAddr, ConnectionInfo, Parser, ProtocolVersion, RedisError, Value};
use tokio::net::TcpStream;

use crate::servers;

/// How long is waited before somebody looks whether the call must stop.
const LOOK: Duration = Duration::from_millis(20);

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an operation waits.
pub(in crate::kv) struct Patience {
    /// Until then.
    pub(in crate::kv) deadline: Instant,
    /// The call, if it occupies its thread: then it is waited for by the thread itself, no longer than for the call.
    pub(in crate::kv) call: Option<StopCheck>,
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The connection failed, or the server refuses.
    Failed(RedisError),
    /// The operation's time is over.
    Late,
    /// The call must stop.
    Stopped,
}

impl From<RedisError> for Unanswered {
    fn from(error: RedisError) -> Self {
        Self::Failed(error)
    }
}

/// Where a server is, and how to log in there.
#[derive(Clone)]
pub(super) struct Login {
    place: Place,
    commands: Vec<Cmd>,
}

#[derive(Clone)]
enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

impl Login {
    /// None where the server is to be spoken to in a way that this does not know.
    pub(super) fn of(info: &ConnectionInfo) -> Option<Self> {
        let settings = info.redis_settings();
        if !matches!(settings.protocol(), ProtocolVersion::RESP2) {
            return None;
        }
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Place::Tcp(host.clone(), *port),
            ConnectionAddr::Unix(path) => Place::Unix(path.clone()),
            _ => return None,
        };
        let mut commands = Vec::new();
        if let Some(password) = settings.password() {
            let mut login = redis::cmd("AUTH");
            login.arg(settings.username()).arg(password);
            commands.push(login);
        }
        if settings.db() != 0 {
            let mut select = redis::cmd("SELECT");
            select.arg(settings.db());
            commands.push(select);
        }
        Some(Self { place, commands })
    }
}

/// A connection.
pub(super) struct Direct {
    stream: Stream,
    parser: Parser,
}

enum Stream {
    Tcp(net::TcpStream),
    Unix(UnixStream),
}

impl Direct {
    /// Connects and logs in.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses the host.
    pub(super) async fn connect(login: &Login, patience: &Patience) -> Result<Self, Unanswered> {
        let connecting =
            tokio::time::timeout_at(patience.deadline.into(), Stream::connect(login.place.clone()));
        let stream = connecting.await.map_err(|_| Unanswered::Late)?.map_err(RedisError::from)?;
        let mut direct = Self { stream, parser: Parser::new() };
        for command in &login.commands {
            direct.exchange(command, patience)?.extract_error()?;
        }
        Ok(direct)
    }

    /// The server's answer to a command. After a failure, the connection is of no use any more.
    ///
    /// # Errors
    ///
    /// When there is none. An answer may be an error of the server's.
    pub(super) fn exchange(&mut self, command: &Cmd, patience: &Patience) -> Result<Value, Unanswered> {
        let mut waiting = Waiting { stream: &mut self.stream, patience, why: None };
        let answer = match waiting.write_all(&command.get_packed_command()) {
            Ok(()) => self.parser.parse_value(&mut waiting),
            Err(error) => Err(error.into()),
        };
        match waiting.why {
            Some(why) => Err(why),
            None => Ok(answer?),
        }
    }

    /// Whether the server has neither closed the connection nor said something that nobody asked for.
    pub(super) fn is_alive(&self) -> bool {
        let peeked = match &self.stream {
            Stream::Tcp(stream) => {
                let looked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
                stream.set_nonblocking(false).and(looked)
            }
            // Whether somebody is at the other end is found out by asking.
            Stream::Unix(_) => return true,
        };
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

impl Stream {
    async fn connect(place: Place) -> io::Result<Self> {
        match place {
            Place::Tcp(host, port) => {
                // Names take their time, and so do servers that do not answer: no thread waits for them.
                let connecting = async move {
                    let connecting = TcpStream::connect((host.as_str(), port));
                    tokio::time::timeout(CONNECT_TIMEOUT, connecting).await?
                };
                let runtime = servers::runtime().map_err(|failure| io::Error::other(failure.message))?;
                let stream = runtime.spawn(connecting).await.map_err(io::Error::other)??.into_std()?;
                stream.set_nonblocking(false)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(LOOK))?;
                stream.set_write_timeout(Some(LOOK))?;
                Ok(Self::Tcp(stream))
            }
            Place::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(LOOK))?;
                stream.set_write_timeout(Some(LOOK))?;
                Ok(Self::Unix(stream))
            }
        }
    }
}

/// A stream on which everything takes as long as somebody has patience.
struct Waiting<'a> {
    stream: &'a mut Stream,
    patience: &'a Patience,
    /// Why it did not go on.
    why: Option<Unanswered>,
}

impl Waiting<'_> {
    fn until_done<T>(&mut self, mut step: impl FnMut(&mut Stream) -> io::Result<T>) -> io::Result<T> {
        loop {
            let error = match step(self.stream) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) {
                return Err(error);
            }
            if self.patience.call.as_ref().is_some_and(StopCheck::must_stop) {
                self.why = Some(Unanswered::Stopped);
                return Err(ErrorKind::ConnectionAborted.into());
            }
            if Instant::now() >= self.patience.deadline {
                self.why = Some(Unanswered::Late);
                return Err(ErrorKind::ConnectionAborted.into());
            }
        }
    }
}

impl Read for Waiting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.until_done(|stream| match stream {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Unix(stream) => stream.read(buffer),
        })
    }
}

impl Write for Waiting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until_done(|stream| match stream {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
