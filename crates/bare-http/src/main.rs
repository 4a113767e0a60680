//! An echo behind HTTP/1.1 by hyper and the engine alone: no routes, no limits, no deadlines, no contract, no counters. It shows what
//! could be had at most, and is no server for anybody else.
//!
//! Argument: the guest, whose memory the host writes and reads (`benches/guests/bare_echo.wat`). Prints its port, and runs until it is
//! killed.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use wasmtime::{Engine, Error, InstancePre, Linker, Memory, Module, Result, Store, TypedFunc};

/// Where the input is in the guest's memory.
const INPUT: u32 = 1024;

/// An instance, which a thread has for itself.
struct Guest {
    store: Store<()>,
    memory: Memory,
    echo: TypedFunc<(u32, u32), u64>,
}

thread_local! {
    static GUEST: RefCell<Option<Guest>> = const { RefCell::new(None) };
}

fn main() -> Result<()> {
    let file = std::env::args().nth(1).ok_or_else(|| Error::msg("usage: bare-http GUEST"))?;
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_file(&file)?)?;
    let guest = Arc::new(Linker::new(&engine).instantiate_pre(&module)?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(accept(guest))
}

async fn accept(guest: Arc<InstancePre<()>>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", listener.local_addr()?.port())?;
    stdout.flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(talk(guest.clone(), stream));
    }
}

async fn talk(guest: Arc<InstancePre<()>>, stream: TcpStream) {
    let service = service_fn(|request| answer(&guest, request));
    // Whoever hangs up has what it wanted.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    guest: &InstancePre<()>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let echoed = match request.into_body().collect().await {
        Ok(body) => echo(guest, &body.to_bytes()),
        Err(error) => Err(error.into()),
    };
    let failed = |error: Error| {
        let mut response = Response::new(Full::new(Bytes::from(format!("{error:#}"))));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    };
    Ok(echoed.map_or_else(failed, |output| Response::new(Full::new(output))))
}

fn echo(guest: &InstancePre<()>, input: &[u8]) -> Result<Bytes> {
    GUEST.with_borrow_mut(|slot| {
        let Guest { store, memory, echo } = match slot {
            Some(guest) => guest,
            None => slot.insert(Guest::new(guest)?),
        };
        memory.write(&mut *store, INPUT as usize, input)?;
        let place = echo.call(&mut *store, (INPUT, u32::try_from(input.len())?))?;
        // The offset in the upper half, the length in the lower.
        let (offset, length) = ((place >> 32) as usize, (place & 0xffff_ffff) as usize);
        let output = memory.data(&*store).get(offset..offset + length);
        let output = output.ok_or_else(|| Error::msg("an output outside of memory"))?;
        Ok(Bytes::copy_from_slice(output))
    })
}

impl Guest {
    fn new(guest: &InstancePre<()>) -> Result<Self> {
        let mut store = Store::new(guest.module().engine(), ());
        let instance = guest.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory");
        let memory = memory.ok_or_else(|| Error::msg("the guest has no memory"))?;
        let echo = instance.get_typed_func(&mut store, "echo")?;
        Ok(Self { store, memory, echo })
    }
}
