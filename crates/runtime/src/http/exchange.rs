//! A request with the redirects that follow from it.

use bytes::Bytes;
use plugwright_manifest::AllowedHosts;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, StatusCode, Url};

use super::failure::Failure;
use super::request::{check_scheme, origin};
use super::{Response, headers};

/// The most redirects that are followed for one request.
pub(super) const MAX_REDIRECTS: usize = 10;

/// The most bytes reserved for a body because a server announces them. More are only reserved when they come.
const MAX_RESERVED_BYTES: u64 = 1024 * 1024;

/// Who makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A guest. Any status is an answer; headers that say who asks do not follow a redirect to another origin (scheme,
    /// host or port).
    Guest,
    /// The host, for a plug-in's code. Only 2xx is an answer; no header follows a redirect to another origin.
    Download,
}

/// A request that is being made.
pub(super) struct Exchange {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    /// Hosts of every hop; `None` for all of them.
    pub(super) allowed: Option<AllowedHosts>,
    pub(super) purpose: Purpose,
    pub(super) max_body_bytes: u64,
}

impl Exchange {
    /// Sends the request, follows redirects, and reads the last answer's body.
    pub(super) async fn perform(mut self, client: &Client) -> Result<Response, Failure> {
        if let Some(host) = self.forbidden(&self.url) {
            return Err(Failure::Forbidden { host });
        }
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(client).await?;
            match redirect_target(&self.url, &response)? {
                Some(target) => self.redirect(target, response.status())?,
                None => return self.read(response).await,
            }
        }
        Err(Failure::TooManyRedirects { from: origin(&self.url) })
    }

    async fn send(&self, client: &Client) -> Result<reqwest::Response, Failure> {
        let mut request = client.request(self.method.clone(), self.url.clone()).headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| Failure::transport(&self.url, error))
    }

    /// The host of `url`, unless requests may go there.
    fn forbidden(&self, url: &Url) -> Option<String> {
        let host = url.host_str().unwrap_or_default();
        match &self.allowed {
            Some(allowed) if !allowed.allows(host) => Some(host.to_owned()),
            _ => None,
        }
    }

    /// Prepares the next hop.
    fn redirect(&mut self, target: Url, status: StatusCode) -> Result<(), Failure> {
        if let Some(host) = self.forbidden(&target) {
            return Err(Failure::ForbiddenRedirect { from: origin(&self.url), host });
        }
        if self.url.scheme() == "https" && target.scheme() == "http" {
            return Err(Failure::Downgrade { from: origin(&self.url), to: origin(&target) });
        }
        if becomes_get(status, &self.method) {
            self.method = Method::GET;
            self.body = None;
            headers::remove_about_body(&mut self.headers);
        }
        if self.url.origin() != target.origin() {
            match self.purpose {
                Purpose::Guest => headers::remove_credentials(&mut self.headers),
                Purpose::Download => self.headers.clear(),
            }
        }
        self.url = target;
        Ok(())
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Response, Failure> {
        if self.purpose == Purpose::Download && !response.status().is_success() {
            return Err(Failure::Status(response.status().as_u16()));
        }
        let limit = self.max_body_bytes;
        let too_long = || Failure::TooLong { from: origin(&self.url), limit };
        let announced = response.content_length().unwrap_or(0);
        if announced > limit {
            return Err(too_long());
        }
        let mut body = Vec::with_capacity(usize::try_from(announced.min(MAX_RESERVED_BYTES)).unwrap_or(0));
        while let Some(chunk) =
            response.chunk().await.map_err(|error| Failure::transport(&self.url, error))?
        {
            if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        let headers = headers::joined(response.headers());
        Ok(Response { status: response.status().as_u16(), headers, body })
    }
}

/// Where an answer redirects to; `None` when it is the last one.
fn redirect_target(from: &Url, response: &reqwest::Response) -> Result<Option<Url>, Failure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(header::LOCATION) else {
        return Ok(None);
    };
    let bad = |reason: String| Failure::BadRedirect { from: origin(from), reason };
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| bad("it is not UTF-8".to_owned()))?;
    let target = from.join(location).map_err(|error| bad(error.to_string()))?;
    check_scheme(&target).map_err(bad)?;
    Ok(Some(target))
}

/// As browsers do after 301, 302 and 303; 307 and 308 repeat the request as it was.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    matches!(status.as_u16(), 301..=303) && !matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One redirect of a request from `from` to `to`.
    fn hop(from: &str, to: &str) -> Result<(), Failure> {
        let url = |text: &str| Url::parse(text).unwrap();
        let mut exchange = Exchange {
            url: url(from),
            method: Method::GET,
            headers: HeaderMap::new(),
            body: None,
            allowed: None,
            purpose: Purpose::Guest,
            max_body_bytes: 0,
        };
        exchange.redirect(url(to), StatusCode::FOUND)
    }

    #[test]
    fn encryption_is_not_dropped_on_the_way() {
        let failure = hop("https://a.example/", "http://b.example:8080/hush").unwrap_err();
        assert!(matches!(failure, Failure::Downgrade { .. }));
        let message = failure.to_string();
        assert!(message.contains("http://b.example:8080") && !message.contains("hush"), "{message}");
        assert!(hop("https://a.example/", "https://b.example/").is_ok());
        assert!(hop("http://a.example/", "https://a.example/").is_ok());
        assert!(hop("http://a.example/", "http://b.example/").is_ok());
    }
}
