//! Traces for OpenTelemetry collectors: a span for each call, and in it one for each call of a host function.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Runtime;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// How long a collector may take for a batch of spans.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What the traces say that they are from, unless `OTEL_SERVICE_NAME` of the environment says otherwise.
const SERVICE: &str = "plugwright";

/// Sends traces to a collector, in the background and in batches. [`shutdown`](Self::shutdown) sends those that are left.
pub struct Traces {
    provider: SdkTracerProvider,
    /// Sends; apart from the server's, for it has to work when that is gone.
    runtime: Option<Runtime>,
}

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TracesError {
    /// The collector's URL or the environment's settings are not valid.
    #[error("traces cannot be sent: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The system refuses a thread or a client.
    #[error("traces cannot be sent: {0}")]
    System(String),
    /// The traces that were left could not be sent.
    #[error("the last traces were not sent: {0}")]
    Flush(String),
}

impl Traces {
    /// Sends traces to the collector at this URL by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    ///
    /// # Errors
    ///
    /// When the URL is not valid, or the system refuses a thread.
    pub fn start(url: &str) -> Result<Self, TracesError> {
        let system = |error: &dyn fmt::Display| TracesError::System(error.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("plugwright-traces")
            .enable_all()
            .build()
            .map_err(|error| system(&error))?;
        let client = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(|error| system(&error))?;
        let client = Client { client, handle: runtime.handle().clone() };
        let exporter =
            SpanExporter::builder().with_http().with_http_client(client).with_endpoint(url).build()?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(SERVICE);
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Self { provider, runtime: Some(runtime) })
    }

    /// What collects the spans: a layer of the program's `tracing` subscriber.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let spans = Targets::new()
            .with_target("plugwright::call", LevelFilter::INFO)
            .with_target("plugwright::host_function", LevelFilter::DEBUG);
        let tracer = self.provider.tracer("plugwright");
        tracing_opentelemetry::layer().with_tracer(tracer).with_filter(spans)
    }

    /// Sends the traces that are left. This blocks the thread, at most for some seconds.
    ///
    /// # Errors
    ///
    /// When the collector does not take them.
    pub fn shutdown(mut self) -> Result<(), TracesError> {
        let flushed = self.provider.shutdown().map_err(|error| TracesError::Flush(error.to_string()));
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        flushed
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}

/// The span that a request's headers (`traceparent`) say it belongs to.
pub(crate) fn parent(headers: &HeaderMap) -> opentelemetry::Context {
    TraceContextPropagator::new().extract(&HeaderExtractor(headers))
}

/// Sends batches, from whatever thread.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    handle: tokio::runtime::Handle,
}

impl HttpClient for Client {
    // What an `async fn` of the macro that the trait is made by is written as.
    fn send_bytes<'client: 'future, 'future>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        Self: 'future,
    {
        let client = self.client.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)?;
            let exchange = self.handle.spawn(async move {
                let response = client.execute(request).await?;
                let (status, headers) = (response.status(), response.headers().clone());
                Ok::<_, reqwest::Error>((status, headers, response.bytes().await?))
            });
            let (status, headers, body) = exchange.await??;
            let mut response = Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}
