//! A connection for calls that occupy their thread anyway: the thread itself writes the request and reads the answer. No other thread has to
//! be woken for that, which takes longer than the server needs.

use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use redis::{Cmd, ConnectionAddr, ConnectionInfo, Parser, ProtocolVersion, RedisError, Value};
use tokio::net::TcpStream;

use crate::patience::{LOOK, Patience};
use crate::servers;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

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
        let mut waiting = Waiting { stream: &mut self.stream, patience, steps: 0, asked: None, why: None };
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
        // Names take their time, and so do servers that do not answer: no thread waits for them.
        let connecting = async move {
            let connecting = async {
                Ok::<_, io::Error>(match place {
                    Place::Tcp(host, port) => {
                        let stream = TcpStream::connect((host.as_str(), port)).await?.into_std()?;
                        stream.set_nodelay(true)?;
                        stream.set_nonblocking(false)?;
                        stream.set_read_timeout(Some(LOOK))?;
                        stream.set_write_timeout(Some(LOOK))?;
                        Self::Tcp(stream)
                    }
                    Place::Unix(path) => {
                        let stream = tokio::net::UnixStream::connect(path).await?.into_std()?;
                        stream.set_nonblocking(false)?;
                        stream.set_read_timeout(Some(LOOK))?;
                        stream.set_write_timeout(Some(LOOK))?;
                        Self::Unix(stream)
                    }
                })
            };
            tokio::time::timeout(CONNECT_TIMEOUT, connecting).await?
        };
        let runtime = servers::runtime().map_err(|failure| io::Error::other(failure.message))?;
        runtime.spawn(connecting).await.map_err(io::Error::other)?
    }
}

/// A stream on which everything takes as long as somebody has patience.
struct Waiting<'a> {
    stream: &'a mut Stream,
    patience: &'a Patience,
    /// How often something was written or read.
    steps: usize,
    /// When the call was asked whether it must stop.
    asked: Option<Instant>,
    /// Why it did not go on.
    why: Option<Unanswered>,
}

impl Waiting<'_> {
    fn until_done<T>(&mut self, mut step: impl FnMut(&mut Stream) -> io::Result<T>) -> io::Result<T> {
        loop {
            // A request and an answer that take one step each cost no look at the clock.
            if self.steps >= 2 {
                self.why = self.objection();
                if self.why.is_some() {
                    return Err(ErrorKind::ConnectionAborted.into());
                }
            }
            self.steps += 1;
            match step(self.stream) {
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                done => return done,
            }
        }
    }

    /// Why it may not go on.
    fn objection(&mut self) -> Option<Unanswered> {
        let now = Instant::now();
        if now >= self.patience.deadline {
            return Some(Unanswered::Late);
        }
        if self.asked.is_none_or(|asked| now.duration_since(asked) >= LOOK) {
            self.asked = Some(now);
            return self.patience.must_stop().then_some(Unanswered::Stopped);
        }
        None
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
