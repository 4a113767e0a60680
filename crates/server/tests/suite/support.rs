//! A server with the tests' guest, and clients.

use std::path::PathBuf;
use std::sync::Arc;

use plugwright::HostFunction;
use plugwright_server::{AdminConfig, Config, RouteConfig, Server, ServerHandle, Stopped};
use reqwest::{Client, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

/// The token of operators in tests.
pub(crate) const TOKEN: &str = "a token for the tests";

/// A folder with the guest in it.
pub(crate) struct World {
    pub(crate) dir: TempDir,
}

/// Decides when the guest's function `wait` returns, and learns what it was called with.
pub(crate) struct Gate {
    pub(crate) inputs: mpsc::UnboundedReceiver<String>,
    opened: Arc<Semaphore>,
}

/// A server that runs.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) admin: String,
    pub(crate) handle: ServerHandle,
    pub(crate) gate: Gate,
    task: JoinHandle<Stopped>,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().unwrap() };
        world.file("guest.wat", include_str!("guest.wat"));
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// A route to a function of the guest.
    pub(crate) fn route(&self, path: &str, function: &str) -> RouteConfig {
        RouteConfig::new(path, self.path("guest.wat").to_str().unwrap(), function)
    }

    /// A server of these routes, on free ports.
    pub(crate) fn config(&self, routes: impl IntoIterator<Item = RouteConfig>) -> Config {
        let mut config = Config::default();
        config.routes.extend(routes);
        free_ports(config)
    }

    /// What this text in TOML configures, on free ports.
    pub(crate) fn toml(&self, text: &str) -> Config {
        let file = self.file("plugwright.toml", text);
        free_ports(Config::from_file(file).unwrap())
    }
}

/// Listens on ports that are free, and to operators too; nothing happens by itself.
pub(crate) fn free_ports(mut config: Config) -> Config {
    config.listen.set_port(0);
    let mut admin = AdminConfig::new("127.0.0.1:0".parse().unwrap());
    admin.token = Some(TOKEN.to_owned());
    config.admin = Some(admin);
    config.watch = false;
    config
}

impl Gate {
    pub(crate) fn new() -> (HostFunction, Self) {
        let (called, inputs) = mpsc::unbounded_channel();
        let opened = Arc::new(Semaphore::new(0));
        let gate = Self { inputs, opened: opened.clone() };
        let wait = HostFunction::new_async("wait", move |input: String| {
            let opened = opened.clone();
            // Nobody listens in tests that do not care.
            let _ = called.send(input);
            async move { opened.acquire().await.unwrap().forget() }
        });
        (wait, gate)
    }

    /// Lets one call return.
    pub(crate) fn open(&self) {
        self.opened.add_permits(1);
    }

    /// Waits for a call, and gives its input.
    pub(crate) async fn entered(&mut self) -> String {
        self.inputs.recv().await.unwrap()
    }
}

impl Running {
    pub(crate) async fn start(config: Config) -> Self {
        let (wait, gate) = Gate::new();
        let encrypted = config.tls.is_some();
        let server = Server::start_with(config, vec![wait]).await.unwrap();
        let scheme = if encrypted { "https" } else { "http" };
        let url = format!("{scheme}://{}", server.local_addr().unwrap());
        let admin = format!("http://{}", server.admin_addr().unwrap().unwrap());
        let handle = server.handle();
        Self { url, admin, handle, gate, task: tokio::spawn(server.run()) }
    }

    /// Where it listens, without the scheme.
    pub(crate) fn address(&self) -> &str {
        self.url.split("//").nth(1).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        client().post(format!("{}{path}", self.url)).body(body).send().await.unwrap()
    }

    /// A request to be sent by another task.
    pub(crate) fn post_body_later(&self, path: &str, body: String) -> impl Future<Output = Response> + use<> {
        let request = client().post(format!("{}{path}", self.url)).body(body);
        async move { request.send().await.unwrap() }
    }

    /// The same, without a body.
    pub(crate) fn post_later(&self, path: &str) -> impl Future<Output = Response> + use<> {
        self.post_body_later(path, String::new())
    }

    /// The answer's text, which must be a success.
    #[track_caller]
    pub(crate) fn text(&self, path: &str, body: &str) -> impl Future<Output = String> {
        let response = client().post(format!("{}{path}", self.url)).body(body.to_owned()).send();
        async move { response.await.unwrap().error_for_status().unwrap().text().await.unwrap() }
    }

    pub(crate) fn operator(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        client().request(method, format!("{}{path}", self.admin)).bearer_auth(TOKEN)
    }

    /// An operator's request with JSON.
    pub(crate) fn operate(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> reqwest::RequestBuilder {
        self.operator(method, path).header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) async fn state(&self) -> Value {
        json(self.operator(reqwest::Method::GET, "/_/state").send().await.unwrap()).await
    }

    /// Waits until the counters are as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Value) -> bool) {
        while !wanted(&self.state().await) {
            tokio::task::yield_now().await;
        }
    }

    /// The same, but only so many times.
    pub(crate) async fn until_or(&self, tries: usize, wanted: impl Fn(&Value) -> bool) {
        for _ in 0..tries {
            if wanted(&self.state().await) {
                return;
            }
        }
    }

    pub(crate) async fn stop(self) -> Stopped {
        self.handle.stop();
        self.task.await.unwrap()
    }

    /// Waits for the end, which something else has caused.
    pub(crate) async fn ended(self) -> Stopped {
        self.task.await.unwrap()
    }
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// Checks that a response is problem details of this type, and gives them.
pub(crate) async fn problem(response: Response, status: u16, name: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem = json(response).await;
    assert_eq!(problem["type"], format!("urn:plugwright:problem:{name}"), "{problem}");
    assert_eq!(problem["status"], status);
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
    problem
}

/// A web server that answers each request with these bytes, for as long as the test's runtime lives.
pub(crate) fn file_server(content: String) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/guest.wat", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len());
            let mut request = [0; 4096];
            // A client that hangs up is the test's own affair.
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(content.as_bytes()).await;
        }
    });
    url
}
