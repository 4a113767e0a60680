//! The page for people, as files. What it does in a browser is tested in `tests/page`.

use crate::support::{Running, World, client, problem};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_needs_no_token_and_allows_a_browser_nothing_but_itself() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "echo")])).await;
    let page = client().get(format!("{}/_/", running.admin)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for rule in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let html = page.text().await.unwrap();
    assert!(!html.contains("://"), "it needs something from elsewhere");
    assert!(!html.contains(" style="), "the policy forbids styles in elements");

    // Whoever writes the address without its last slash gets there, and the rest of `/_/` stays closed.
    let redirected = client().get(format!("{}/_", running.admin)).send().await.unwrap();
    assert_eq!(redirected.url().path(), "/_/");
    let posted = client().post(format!("{}/_/", running.admin)).send().await.unwrap();
    problem(posted, 405, "wrong-method").await;
    for path in ["/_/state", "/_/nothing.js", "/_/../admin/plugins"] {
        let refused = client().get(format!("{}{path}", running.admin)).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{path}");
    }
    // It is for operators, and not at the public address.
    assert_eq!(client().get(format!("{}/_/", running.url)).send().await.unwrap().status(), 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_that_the_page_names_is_there_and_none_is_forgotten() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "echo")])).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/page");
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let sent = client().get(format!("{}/_/{name}", running.admin)).send().await.unwrap();
        assert_eq!(sent.status(), 200, "{name}");
        let kind = match name.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(sent.headers()["content-type"], kind, "{name}");
        assert_eq!(sent.text().await.unwrap(), std::fs::read_to_string(entry.path()).unwrap(), "{name}");
    }
    running.stop().await;
}
