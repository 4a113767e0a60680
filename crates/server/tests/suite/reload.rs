//! Serving something else while requests come.

use serde_json::Value;

use crate::support::{Running, World, free_ports};

/// A plug-in whose only function answers with this digit.
fn digit(digit: u8) -> String {
    include_str!("guest.wat")
        .replace("(i32.add (i32.const 48) (global.get $calls))", &format!("(i32.const {})", 48 + digit))
}

const ROUTES: &str = r#"
[[serve.routes]]
path = "/version"
plugin = "guest.wat"
function = "count"

[[serve.routes]]
path = "/wait"
plugin = "guest.wat"
function = "wait"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_calls_finish_on_the_old_version() {
    let world = World::new();
    world.file("guest.wat", digit(1));
    let mut running = Running::start(world.toml(ROUTES)).await;
    assert_eq!(running.text("/version", "").await, "1");
    let held = tokio::spawn(running.post_body_later("/wait", "held".to_owned()));
    running.gate.entered().await;
    world.file("guest.wat", digit(2));
    running.handle.reload().await.unwrap();
    assert_eq!(running.text("/version", "").await, "2");
    running.gate.open();
    assert_eq!(held.await.unwrap().text().await.unwrap(), "held");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_version_is_refused_and_the_old_one_stays() {
    let world = World::new();
    world.file("guest.wat", digit(1));
    let running = Running::start(world.toml(ROUTES)).await;
    for (content, words) in [
        ("(module", "text"),
        ("(module (func (export \"count\")))", "no function `wait`"),
        (
            "(module (import \"env\" \"nothing\" (func)) (func (export \"count\")) (func (export \"wait\")))",
            "nothing",
        ),
    ] {
        world.file("guest.wat", content);
        let refused = running.handle.reload().await.unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("plugwright.toml") && text.contains(words), "{text}");
        assert!(refused.line().is_some() && refused.subject().is_some(), "{text}");
        assert_eq!(running.text("/version", "").await, "1");
    }
    world.file("plugwright.toml", "[serve]\nroutes = 7\n");
    assert!(running.handle.reload().await.is_err());
    assert_eq!(running.text("/version", "").await, "1");
    let state = running.state().await;
    assert_eq!((&state["reloads"], &state["refused_reloads"]), (&Value::from(0), &Value::from(4)));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routes_change_and_what_stays_keeps_its_instances() {
    let world = World::new();
    let one = "[[serve.routes]]\npath = \"/count\"\nplugin = \"guest.wat\"\nfunction = \"count\"\nconcurrency = 1\n";
    let running = Running::start(world.toml(one)).await;
    assert_eq!(running.text("/count", "").await, "1");
    let two =
        format!("{one}[[serve.routes]]\npath = \"/echo\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\n");
    world.file("plugwright.toml", two);
    running.handle.reload().await.unwrap();
    assert_eq!(running.text("/echo", "new").await, "new");
    assert_eq!(running.text("/count", "").await, "2", "the same instance");
    world.file("plugwright.toml", one);
    running.handle.reload().await.unwrap();
    assert_eq!(running.post("/echo", "").await.status(), 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_watched() {
    let world = World::new();
    world.file("guest.wat", digit(1));
    let mut config = world.toml(ROUTES);
    config.watch = true;
    let running = Running::start(config).await;
    assert_eq!(running.text("/version", "").await, "1");
    // Replaced, as careful programs write files; again and again, for watching begins some time after the start.
    let mut tries = 0;
    while running.text("/version", "").await != "2" {
        world.file("new", digit(2));
        std::fs::rename(world.path("new"), world.path("guest.wat")).unwrap();
        let reloads = running.state().await["reloads"].as_u64().unwrap();
        running.until_or(50, |state| state["reloads"].as_u64() > Some(reloads)).await;
        tries += 1;
        assert!(tries < 1000, "the change was not noticed");
    }
    running.stop().await;
}

/// Kubernetes has the files of a ConfigMap so: `guest.wat` is a link to `..data/guest.wat`, and `..data` one to a folder, which is swapped.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_on_the_way_to_files_are_watched() {
    use std::os::unix::fs::symlink;

    let world = World::new();
    let mut swaps = 0;
    let mut swap = |number| {
        swaps += 1;
        let folder = format!("..{swaps}");
        std::fs::create_dir(world.path(&folder)).unwrap();
        world.file(&format!("{folder}/guest.wat"), digit(number));
        symlink(folder, world.path("..data_tmp")).unwrap();
        std::fs::rename(world.path("..data_tmp"), world.path("..data")).unwrap();
        assert!(swaps < 1000, "the change was not noticed");
    };
    swap(1);
    std::fs::remove_file(world.path("guest.wat")).unwrap();
    symlink("..data/guest.wat", world.path("guest.wat")).unwrap();
    let mut config = world.toml(ROUTES);
    config.watch = true;
    let running = Running::start(config).await;
    assert_eq!(running.text("/version", "").await, "1");
    let reloads = async || running.state().await["reloads"].as_u64().unwrap();
    while running.text("/version", "").await != "2" {
        let before = reloads().await;
        swap(2);
        running.until_or(50, |state| state["reloads"].as_u64() > Some(before)).await;
    }
    // What the links lead to now is watched as well.
    world.file("..data/guest.wat", digit(3));
    running.until(|state| state["plugins"][0]["current"] == 3).await;
    assert_eq!(running.text("/version", "").await, "3");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_is_lost_or_mixed_up_while_versions_change() {
    let world = World::new();
    let running = Running::start(world.toml(ROUTES.replace("\"wait\"", "\"echo\"").as_str())).await;
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let url = format!("{}/wait", running.url);
            tokio::spawn(async move {
                let client = crate::support::client();
                for round in 0..100 {
                    let body = format!("{number}/{round}");
                    let response = client.post(&url).body(body.clone()).send().await.unwrap();
                    assert_eq!(response.status(), 200);
                    assert_eq!(response.text().await.unwrap(), body);
                }
            })
        })
        .collect();
    let mut version = 0;
    while clients.iter().any(|client| !client.is_finished()) {
        version += 1;
        world.file("guest.wat", digit(version % 8));
        running.handle.reload().await.unwrap();
    }
    for client in clients {
        client.await.unwrap();
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_served_by_the_names_of_its_files() {
    let world = World::new();
    let config = free_ports(plugwright_server::Config::of_folder(world.dir.path()));
    let running = Running::start(config).await;
    assert_eq!(running.text("/guest/echo", "hello").await, "hello");
    assert_eq!(running.post("/guest/nothing", "").await.status(), 404);
    world.file("second.wat", digit(5));
    running.handle.reload().await.unwrap();
    assert_eq!(running.text("/second/count", "").await, "5");
    std::fs::remove_file(world.path("second.wat")).unwrap();
    running.handle.reload().await.unwrap();
    assert_eq!(running.post("/second/count", "").await.status(), 404);
    running.stop().await;
}
