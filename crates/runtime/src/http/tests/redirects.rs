//! Redirects: where they may lead and what they take along.

use std::net::TcpListener;

use super::server::{Server, answer, ok, redirect};
use super::{assert_untouched, error, get, local, perform, request};
use crate::error::ErrorKind;
use crate::http::exchange::MAX_REDIRECTS;

#[test]
fn a_redirect_to_a_forbidden_host_is_not_followed() {
    let forbidden = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = forbidden.local_addr().expect("an address").port();
    for target in
        [format!("http://localhost:{port}/"), format!("http://127.0.0.1@localhost:{port}/?token=hush")]
    {
        let server = Server::new([redirect(302, &target)]);
        let error = error(perform(get(&server.url("/")), local()));
        assert_eq!(error.kind(), &ErrorKind::Http);
        assert!(error.message().contains("redirects to `localhost`"), "{error}");
        assert!(error.message().contains("`allowed_hosts`") && !error.message().contains("hush"), "{error}");
    }
    assert_untouched(&forbidden);
}

#[test]
fn a_forbidden_host_at_the_end_of_a_chain_is_not_reached() {
    let forbidden = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = forbidden.local_addr().expect("an address").port();
    let second = Server::new([redirect(307, &format!("//localhost:{port}/"))]);
    let first = Server::new([redirect(301, "/next"), redirect(308, &second.url("/"))]);
    let error = error(perform(get(&first.url("/")), local()));
    assert!(error.message().contains("`localhost`"), "{error}");
    assert_eq!((first.seen().len(), second.seen().len()), (2, 1));
    assert_untouched(&forbidden);
}

#[test]
fn redirects_to_allowed_hosts_end_at_the_last_answer() {
    let server = Server::new([redirect(301, "next?a=b"), redirect(308, "/last"), ok("here")]);
    let response = perform(get(&server.url("/dir/first")), local()).expect("an answer");
    assert_eq!((response.status, response.body.as_slice()), (200, b"here".as_slice()));
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /dir/first HTTP/1.1", "GET /dir/next?a=b HTTP/1.1", "GET /last HTTP/1.1"]);
}

#[test]
fn endless_redirects_end() {
    let server = Server::new(std::iter::repeat_n(redirect(302, "/again"), MAX_REDIRECTS + 1));
    let error = error(perform(get(&server.url("/")), local()));
    assert!(error.message().contains("more than 10 redirects"), "{error}");
    assert_eq!(server.seen().len(), MAX_REDIRECTS + 1);
}

#[test]
fn a_status_that_redirects_nowhere_is_an_answer() {
    let server =
        Server::new([answer("302 Found", "", "stay"), answer("304 Not Modified", "location: /x\r\n", "")]);
    for status in [302, 304] {
        assert_eq!(perform(get(&server.url("/")), local()).expect("an answer").status, status);
    }
}

#[test]
fn the_method_changes_as_in_browsers() {
    for (status, method, then, keeps_body) in [
        (301, "POST", "GET", false),
        (302, "PUT", "GET", false),
        (303, "DELETE", "GET", false),
        (303, "HEAD", "HEAD", false),
        (307, "POST", "POST", true),
        (308, "PATCH", "PATCH", true),
    ] {
        let server = Server::new([redirect(status, "/next"), ok("")]);
        let body = (method != "HEAD").then_some("question");
        let request =
            request(&server.url("/"), method, &[("Content-Type", "text/plain"), ("X-Kept", "1")], body);
        perform(request, local()).expect("an answer");
        let seen = &server.seen()[1];
        assert_eq!(seen.line, format!("{then} /next HTTP/1.1"), "{status} {method}");
        assert_eq!(seen.body, if keeps_body { "question" } else { "" }.as_bytes(), "{status} {method}");
        assert_eq!(
            seen.headers.contains_key("content-type"),
            keeps_body || method == "HEAD",
            "{status} {method}"
        );
        assert_eq!(seen.headers["x-kept"], "1");
    }
}

#[test]
fn credentials_stay_with_their_origin() {
    let secrets = [("Authorization", "Bearer hush"), ("Cookie", "hush=1"), ("X-Kept", "1")];
    let other = Server::new([ok("")]);
    let first = Server::new([redirect(307, "/same"), redirect(307, &other.url("/"))]);
    perform(request(&first.url("/"), "GET", &secrets, None), local()).expect("an answer");
    for seen in first.seen() {
        assert_eq!((&*seen.headers["authorization"], &*seen.headers["cookie"]), ("Bearer hush", "hush=1"));
    }
    let seen = &other.seen()[0];
    assert!(!seen.headers.contains_key("authorization") && !seen.headers.contains_key("cookie"), "{seen:?}");
    assert_eq!(seen.headers["x-kept"], "1");
}

#[test]
fn a_user_in_the_url_stays_with_its_origin() {
    let other = Server::new([ok("")]);
    let first = Server::new([redirect(302, "next"), redirect(302, &other.url("/"))]);
    let url = format!("http://me:hush@{}/", first.address);
    perform(get(&url), local()).expect("an answer");
    assert!(first.seen().iter().all(|seen| seen.headers.contains_key("authorization")), "{:?}", first.seen());
    assert!(!other.seen()[0].headers.contains_key("authorization"));
}
