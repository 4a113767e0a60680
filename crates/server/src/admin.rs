//! The address for operators: what is served, what has been counted, and changing it.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /healthz`, `/readyz` | 200 while the server runs |
//! | `GET /metrics` | counters, for Prometheus |
//! | `GET /admin/plugins`, `/admin/plugins/<name>` | plug-ins and their versions |
//! | `PUT /admin/plugins/<name>` | serves this code, or that of a URL |
//! | `DELETE /admin/plugins/<name>` | takes it out of service |
//! | `POST /admin/plugins/<name>/rollback` | serves an older version again |
//! | `POST /admin/reload` | reads files again |
//! | `GET /_/` | the page for people |
//! | `GET /_/state` | everything at once, for the page |
//! | `POST /_/call` | a call apart from those that are served, with logs, time, fuel, memory |
//!
//! All but the probes, the counters and the page's files, which hold no data, need the token.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Serialize;

use crate::app::{App, ChangeError, Refused};
use crate::body::{self, BodyLimits, Buffered};
use crate::connection::{Answer, Answered};
use crate::metrics;
use crate::probes;
use crate::problem::Problem;
use crate::service::{Client, Reply};

mod call;
mod page;
mod plugins;
mod state;
mod token;

#[cfg(feature = "triggers")]
pub(crate) use state::{TriggerError, TriggerState};

pub(crate) use token::Token;

/// The most bytes of a plug-in that is uploaded, and how long that may take.
const MAX_UPLOAD_BYTES: u64 = plugwright::MAX_WASM_BYTES;
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(300);

/// Answers at the address for operators.
#[derive(Clone)]
pub(crate) struct Admin(Arc<Shared>);

struct Shared {
    app: Arc<App>,
    token: Token,
}

impl Admin {
    pub(crate) fn new(app: Arc<App>, token: Token) -> Self {
        Self(Arc::new(Shared { app, token }))
    }
}

impl Answer for Admin {
    fn answer(&self, _: Client, request: Request<Incoming>) -> Answered {
        let shared = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            shared.answer(&head, body).await.unwrap_or_else(Problem::into_response)
        })
    }
}

impl Shared {
    async fn answer(&self, head: &Parts, body: Incoming) -> Result<Reply, Problem> {
        let (method, path) = (&head.method, head.uri.path());
        if let Some(reply) = probes::answer(method, path) {
            return Ok(reply);
        }
        let app = &self.app;
        if path == "/metrics" {
            only(method, &[Method::GET])?;
            return Ok(self.metrics());
        }
        if let Some(reply) = page::answer(method, path) {
            return reply;
        }
        if !self.token.is_in(&head.headers) {
            return Err(unauthorised());
        }
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match *segments {
            ["admin", "plugins"] => {
                only(method, &[Method::GET])?;
                json(&plugins::all(app).await)
            }
            ["admin", "plugins", name] => {
                only(method, &[Method::GET, Method::PUT, Method::DELETE])?;
                let name = crate::view::decode(name, false);
                match *method {
                    Method::PUT => {
                        let upload = self.read(body, MAX_UPLOAD_BYTES, UPLOAD_TIMEOUT).await?;
                        json(&plugins::put(app, &name, head, upload.bytes).await?)
                    }
                    Method::DELETE => {
                        plugins::delete(app, &name).await?;
                        Ok(empty())
                    }
                    _ => json(&plugins::one(app, &name).await?),
                }
            }
            ["admin", "plugins", name, "rollback"] => {
                only(method, &[Method::POST])?;
                let name = crate::view::decode(name, false);
                let wanted = self.read_small(body).await?;
                json(&plugins::roll_back(app, &name, &wanted.bytes).await?)
            }
            ["admin", "reload"] => {
                only(method, &[Method::POST])?;
                app.reload().await.map_err(unchanged)?;
                Ok(empty())
            }
            ["_", "state"] => {
                only(method, &[Method::GET])?;
                json(&state::of(app).await)
            }
            ["_", "call"] => {
                only(method, &[Method::POST])?;
                let wanted = self.read_small(body).await?;
                json(&call::make(app, &wanted.bytes).await?)
            }
            _ => Err(Problem::no_route(path)),
        }
    }

    fn metrics(&self) -> Reply {
        let site = self.app.site.load();
        #[cfg_attr(not(feature = "triggers"), expect(unused_mut))]
        let mut text = self.app.metrics.text(|plugin| site.gauges(plugin));
        #[cfg(feature = "triggers")]
        text.push_str(&self.app.triggers.metrics());
        let mut reply = Response::new(Full::new(Bytes::from(text)));
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
        reply
    }

    async fn read_small(&self, body: Incoming) -> Result<Buffered, Problem> {
        let http = &self.app.config.http;
        self.read(body, http.max_body_bytes, http.body_timeout).await
    }

    async fn read(&self, body: Incoming, max_bytes: u64, timeout: Duration) -> Result<Buffered, Problem> {
        let max_buffered_bytes = self.app.config.http.max_buffered_bytes.max(max_bytes);
        let limits = BodyLimits { max_bytes, max_buffered_bytes, timeout };
        body::read(body, limits, &self.app.metrics).await
    }
}

fn only(method: &Method, allowed: &[Method]) -> Result<(), Problem> {
    if allowed.contains(method) {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    Err(Problem::wrong_method(method, &names.join(", ")))
}

fn unauthorised() -> Problem {
    let detail = "send the token that the server was started with, as `Authorization: Bearer <token>`";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorised", "Token required", detail)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        .closing()
}

/// A change that an operator asked for, and that was refused.
fn unchanged(why: Refused) -> Problem {
    tracing::warn!("a change was refused, and what was served stays: {why}");
    refused(why)
}

fn refused(refused: Refused) -> Problem {
    let (status, name, title) = match &refused {
        Refused::Change(ChangeError::NotFound(_)) => (StatusCode::NOT_FOUND, "not-found", "Not found"),
        Refused::Change(ChangeError::Invalid(_)) => (StatusCode::BAD_REQUEST, "bad-request", "Bad request"),
        Refused::Config(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "The change was refused"),
    };
    Problem::new(status, name, title, refused.to_string())
}

fn json(value: &impl Serialize) -> Result<Reply, Problem> {
    let text = serde_json::to_vec(value).map_err(|error| {
        let detail = format!("the answer cannot be written: {error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    })?;
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(reply)
}

fn empty() -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}
