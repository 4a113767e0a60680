//! What becomes of a request: its route, its body, the call, the response.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::app::App;
use crate::body::{self, BodyLimits};
use crate::config::View;
use crate::deployment::{Call, CallError, Deployment};
use crate::lane::Panicked;
use crate::problem::Problem;
use crate::router::Found;
use crate::sessions::MAX_ID_BYTES;
use crate::site::{Route, SessionKey};
use crate::{probes, view};

/// The target of the access log's events.
pub const ACCESS_LOG: &str = "plugwright::access";

/// A response's body: it is complete before the response begins.
pub(crate) type Reply = Response<Full<Bytes>>;

/// Whoever asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// Whether it asks over TLS.
    pub(crate) secure: bool,
}

/// Answers a request to the public address.
pub(crate) async fn answer(app: Arc<App>, client: Client, request: Request<Incoming>) -> Reply {
    let began = Instant::now();
    let (head, incoming) = request.into_parts();
    let site = app.site.load();
    let (route, params) = match site.router.find(&head.method, head.uri.path()) {
        Found::Route(route, params) => (route.clone(), owned(route, &params)),
        other => {
            let reply = probes::answer(&head.method, head.uri.path()).unwrap_or_else(|| {
                app.metrics.unrouted.fetch_add(1, Ordering::Relaxed);
                let problem = match other {
                    Found::OtherMethods(allowed) => Problem::wrong_method(&head.method, &allowed),
                    _ => Problem::no_route(head.uri.path()),
                };
                problem.into_response()
            });
            drop(site);
            log(&app, client, &head, reply.status(), began.elapsed(), None);
            return reply;
        }
    };
    drop(site);
    let reply = match serve(&app, client, &route, params, &head, incoming).await {
        Ok(reply) => reply,
        Err(problem) => {
            tracing::debug!(route = route.pattern, status = problem.status.as_u16(), "{}", problem.detail());
            problem.into_response()
        }
    };
    let time = began.elapsed();
    route.metrics.answered(reply.status(), time);
    log(&app, client, &head, reply.status(), time, Some(&route));
    reply
}

/// The parameters of a path, by name, where the function will see them.
fn owned(route: &Route, params: &matchit::Params<'_, '_>) -> BTreeMap<String, String> {
    if route.view == View::Body {
        return BTreeMap::new();
    }
    params.iter().map(|(name, value)| (name.to_owned(), view::decode(value, false))).collect()
}

async fn serve(
    app: &App,
    client: Client,
    route: &Arc<Route>,
    params: BTreeMap<String, String>,
    head: &Parts,
    incoming: Incoming,
) -> Result<Reply, Problem> {
    let http = &app.config.http;
    // The buffers for HTTP/1 are larger than that, for the sake of bodies.
    if head_bytes(head) > http.max_header_bytes {
        return Err(Problem::long_head(http.max_header_bytes));
    }
    let limits = BodyLimits {
        max_bytes: route.max_body_bytes,
        max_buffered_bytes: http.max_buffered_bytes,
        timeout: http.body_timeout,
    };
    let body = body::read(incoming, limits, &app.metrics).await?;
    let _admitted = route.admit().ok_or_else(|| {
        Problem::busy("queue-full", "as many requests as may wait for this route are waiting already")
    })?;
    let input = match route.view {
        View::Body => body.bytes.clone(),
        View::Request => request_view(route, &params, head, &body.bytes),
    };
    let (output, session) = match &route.remote {
        Some(remote) => {
            // On the heap, for the sake of calls that are made here.
            let answer = Box::pin(remote.call(input)).await;
            (answer.map_err(|error| failed_elsewhere(app, route, &error))?, None)
        }
        None => local(app, route, head, input).await?,
    };
    let mut reply = match route.view {
        View::Body => {
            let mut reply = Response::new(Full::new(output));
            reply.headers_mut().insert(CONTENT_TYPE, route.content_type.clone());
            reply
        }
        View::Request => view::response(&output)
            .map_err(|reason| Problem::bad_answer(&route.plugin, &route.function, reason))?,
    };
    if let Some(cookie) = session.and_then(|session| session.cookie(client.secure)) {
        reply.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(reply)
}

/// What a request's path and headers take, in HTTP/1.
fn head_bytes(head: &Parts) -> u64 {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    (target + headers.sum::<usize>()) as u64
}

/// Makes the call here.
async fn local(
    app: &App,
    route: &Arc<Route>,
    head: &Parts,
    input: Bytes,
) -> Result<(Bytes, Option<Session>), Problem> {
    let deployment = route.deployment.clone().ok_or_else(|| removed(route))?;
    let session = session(route, &deployment, &head.headers)?;
    let call = Call {
        function: route.function.clone(),
        input,
        session: session.as_ref().map(|session| session.id.clone()),
        wait: route.queue_timeout,
        #[cfg(feature = "otlp")]
        parent: crate::telemetry::parent(&head.headers),
    };
    let moved = &deployment.metrics.slow_calls;
    // On the heap before it is handed on: it may move to another thread, and is too large to be copied on the way.
    let call = Box::pin(deployment.clone().call(call));
    match app.lanes.run(&route.pace, moved, call).await {
        Ok(Ok(output)) => Ok((output, session)),
        Ok(Err(error)) => Err(failed(app, route, &deployment, error)),
        Err(Panicked) => Err(panicked(route)),
    }
}

fn request_view(route: &Route, params: &BTreeMap<String, String>, head: &Parts, body: &[u8]) -> Bytes {
    let seen = view::RequestView {
        method: head.method.as_str(),
        path: head.uri.path(),
        route: &route.pattern,
        params,
        query: view::query(head.uri.query()),
        headers: view::headers(&head.headers),
        body: view::BodyView::of(body),
    };
    // Maps with texts for keys always become JSON.
    Bytes::from(serde_json::to_vec(&seen).unwrap_or_default())
}

/// The session of a request.
struct Session {
    id: Box<str>,
    /// The name of the cookie that the client is to keep, if it has none yet.
    new_cookie: Option<String>,
}

impl Session {
    fn cookie(&self, secure: bool) -> Option<HeaderValue> {
        let name = self.new_cookie.as_ref()?;
        let secure = if secure { "; Secure" } else { "" };
        let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", self.id);
        HeaderValue::from_str(&text).ok()
    }
}

fn session(route: &Route, deployment: &Deployment, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
    let Some(key) = &route.session else { return Ok(None) };
    match key {
        SessionKey::Header(name) => {
            let id = headers.get(name).and_then(|value| value.to_str().ok());
            match id.filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES) {
                Some(id) => Ok(Some(Session { id: id.into(), new_cookie: None })),
                None => Err(Problem::bad_request(
                    "no-session",
                    format!(
                        "this route needs the header `{name}` with the session's id, of 1 to {MAX_ID_BYTES} bytes of text"
                    ),
                )),
            }
        }
        SessionKey::Cookie(name) => {
            // An id that is not one of ours could have been given to the client by somebody else.
            if let Some(id) = cookie(headers, name).filter(|id| deployment.has_session(id)) {
                return Ok(Some(Session { id: id.into(), new_cookie: None }));
            }
            let id = new_id().map_err(|error| {
                let detail = format!("the system has no random numbers: {error}");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
            })?;
            Ok(Some(Session { id: id.into(), new_cookie: Some(name.clone()) }))
        }
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// 128 random bits in hexadecimal digits.
fn new_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cold]
fn failed(app: &App, route: &Route, deployment: &Deployment, error: CallError) -> Problem {
    match error {
        CallError::Refused(problem) => problem,
        CallError::Call(error) => {
            deployment.metrics.failed(error.kind());
            app.recent.note(&route.pattern, &route.plugin, &route.function, &error);
            Problem::of_call(&error)
        }
    }
}

#[cold]
fn failed_elsewhere(app: &App, route: &Route, error: &plugwright::Error) -> Problem {
    app.recent.note(&route.pattern, &route.plugin, &route.function, error);
    Problem::of_call(error)
}

#[cold]
fn panicked(route: &Route) -> Problem {
    tracing::error!(route = route.pattern, "a call panicked");
    let detail = "the server failed while it made the call";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
}

#[cold]
fn removed(route: &Route) -> Problem {
    let detail = format!("the plug-in `{}` was taken out of service", route.plugin);
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "removed", "Out of service", detail)
}

fn log(app: &App, client: Client, head: &Parts, status: StatusCode, time: Duration, route: Option<&Route>) {
    if !app.config.access_log || !tracing::enabled!(target: ACCESS_LOG, tracing::Level::INFO) {
        return;
    }
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        target: ACCESS_LOG,
        client = %client.address,
        method = head.method.as_str(),
        path = head.uri.path(),
        version = ?head.version,
        status = status.as_u16(),
        micros,
        route = route.map(|route| route.pattern.as_str()),
        plugin = route.map(|route| route.plugin.as_str()),
        function = route.map(|route| &*route.function),
        "request"
    );
}
