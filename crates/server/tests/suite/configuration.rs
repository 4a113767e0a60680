//! Configuration files: what they mean, and what is wrong with them.

use plugwright_server::{Config, Server, StartError};

use crate::support::{Gate, Running, World, free_ports};

/// What is wrong with a configuration, once it is used.
async fn refusal(world: &World, text: &str) -> String {
    let file = world.file("plugwright.toml", text);
    let config = match Config::from_file(file) {
        Ok(config) => free_ports(config),
        Err(error) => return error.to_string(),
    };
    match Server::start_with(config, vec![Gate::new().0]).await {
        Err(StartError::Config(error)) => error.to_string(),
        other => panic!("{other:?} for {text}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_can_be_said() {
    let world = World::new();
    let text = r#"
[build]
language = "rust"

[serve]
listen = "127.0.0.1:0"
watch = false
access_log = true
shutdown_timeout = "1m"

[serve.http]
max_connections = 100
max_header_bytes = "16 KiB"
max_body_bytes = "1 MiB"
max_buffered_bytes = "64 MiB"
header_timeout = "5s"
body_timeout = "5s"
write_timeout = "5s"
idle_timeout = 60000
max_streams = 10

[serve.plugins.hello]
path = "guest.wat"
hash = "HASH"
wasi = true
snapshot = false
config = { key = "plug-in", other = "plug-in" }
allowed_hosts = ["example.com"]
env = { A = "1" }
limits = { timeout = "2s", max_pages = 100, max_output_bytes = "1 MiB", max_var_bytes = 0, max_log_bytes = 100, max_http_response_bytes = 5 }

[serve.plugins.hello.allowed_paths]
"ro:." = "/data"

[[serve.routes]]
path = "/config/{id}"
methods = ["POST", "PUT"]
plugin = "hello"
function = "config"
view = "body"
content_type = "text/plain"
isolation = "session"
session = { cookie = "sid", max = 5, idle_timeout = "10m" }
concurrency = 2
queue = 3
queue_timeout = "1s"
max_body_bytes = 100
config = { key = "route" }
allowed_hosts = ["example.org"]
env = { B = "2" }
limits = { fuel = 1000000 }

[[serve.routes]]
path = "/plain"
plugin = "guest.wat"
function = "echo"
"#;
    let bytes = include_bytes!("guest.wat");
    let hash: String =
        <sha2::Sha256 as sha2::Digest>::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let running =
        Running::start(world.toml(
            &text.replace("HASH", &hash).replace("ro:.", &format!("ro:{}", world.dir.path().display())),
        ))
        .await;
    assert_eq!(running.text("/config/1", "key").await, "route");
    assert_eq!(running.text("/config/1", "other").await, "plug-in");
    assert_eq!(running.text("/plain", "hello").await, "hello");
    assert_eq!(running.post("/config/1", "x".repeat(101)).await.status(), 413);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_name_file_line_route_and_field() {
    let world = World::new();
    let route = "[[serve.routes]]\npath = \"/\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\n";
    let second = |lines: &str| format!("{route}\n[[serve.routes]]\n{lines}\n");
    for (text, words) in [
        (String::new(), &["plugwright.toml", "[serve]"][..]),
        ("[serve".to_owned(), &["line 1"]),
        ("[serve]\nlisen = 1\n".to_owned(), &["line 2", "lisen", "`listen`"]),
        ("[serve]\nlisten = \"nowhere\"\n".to_owned(), &["line 2"]),
        ("[other]\n".to_owned(), &["line 1", "other"]),
        (second("path = \"/a\"\nplugin = \"guest.wat\""), &["route 2", "function"]),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echos\""),
            &["line 9", "route 2 (`/a`)", "`function`", "did you mean `echo`"],
        ),
        (
            second("path = \"/a\"\nplugin = \"gest.wat\"\nfunction = \"echo\""),
            &["line 8", "route 2 (`/a`)", "`plugin`", "gest.wat"],
        ),
        (
            second("path = \"/\"\nplugin = \"guest.wat\"\nfunction = \"echo\""),
            &["line 7", "route 2", "`path`", "another route"],
        ),
        (
            second("path = \"a\"\nplugin = \"guest.wat\"\nfunction = \"echo\""),
            &["line 7", "`path`", "starts with"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nmethods = [\"post\"]"),
            &["line 10", "route 2", "`methods`", "capitals"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nview = \"boddy\""),
            &["line 10", "route 2", "`view`", "boddy"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nconcurrency = 0"),
            &["line 10", "`concurrency`"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nqueue_timeout = \"5 days\""),
            &["line 10", "5 days"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nmax_body_bytes = \"5 MB\""),
            &["line 10", "5 MB"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nsession = { max = 1 }"),
            &["line 10", "`session`", "isolation"],
        ),
        (
            second(
                "path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nisolation = \"session\"\nsession = { max = 0 }",
            ),
            &["line 11", "`session.max`"],
        ),
        (
            second(
                "path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nisolation = \"session\"\nsession = { header = \"a b\" }",
            ),
            &["line 11", "`session.header`", "a b"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nhash = \"12\""),
            &["line 8", "route 2"],
        ),
        (
            second("path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nlimits = { timeout = -1 }"),
            &["line 10", "route 2"],
        ),
        (
            second(
                "path = \"/a\"\nplugin = \"guest.wat\"\nfunction = \"echo\"\nlimits = { timeout = \"0s\" }",
            ),
            &["line 10", "route 2", "needs some time"],
        ),
        (
            "[serve.plugins.a]\npath = \"guest.wat\"\nurl = \"http://x/\"\n".to_owned(),
            &["line 3", "plug-in `a`", "`url`"],
        ),
        ("[serve.plugins.a]\n".to_owned(), &["line 1", "plug-in `a`", "`path`"]),
        (
            "[serve.plugins.a]\npath = \"guest.wat\"\nhash = \"xyz\"\n".to_owned(),
            &["line 3", "plug-in `a`", "`hash`"],
        ),
        (
            format!("[serve.plugins.guest]\npath = \"guest.wat\"\nhash = \"{}\"\n", "0".repeat(64)),
            &["line 2", "plug-in `guest`", "SHA-256"],
        ),
        ("[serve]\nfolder = \"nowhere\"\n".to_owned(), &["line 2", "`folder`", "nowhere"]),
        (
            "[serve.tls]\ncertificate = \"guest.wat\"\nkey = \"guest.wat\"\n".to_owned(),
            &["line 2", "`certificate`", "guest.wat"],
        ),
    ] {
        let refused = refusal(&world, &text).await;
        for word in words {
            assert!(refused.contains(word), "no `{word}` in: {refused}\nfor {text}");
        }
        assert_eq!(refused.lines().count(), 1, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_need_a_token_that_cannot_be_guessed() {
    let world = World::new();
    let mut config = world.config([world.route("/", "echo")]);
    config.admin.as_mut().unwrap().token = Some("short".to_owned());
    let refused = Server::start(config.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("16 bytes"), "{refused}");
    let admin = config.admin.as_mut().unwrap();
    admin.token = None;
    admin.token_file = Some(world.path("nowhere"));
    let refused = Server::start(config).await.unwrap_err().to_string();
    assert!(refused.contains("nowhere"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_named() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/", "echo")])).await;
    let mut config = world.config([world.route("/", "echo")]);
    config.listen = running.address().parse().unwrap();
    let mut imports = config.clone();
    imports.routes.clear();
    let refused = Server::start(imports).await.unwrap_err().to_string();
    assert!(refused.contains(running.address()) && refused.contains("another"), "{refused}");
    running.stop().await;
}

#[test]
fn the_guides_example_is_valid() {
    let page = include_str!("../../../../docs/serve.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let world = World::new();
    let config = Config::from_file(world.file("plugwright.toml", example)).unwrap();
    assert_eq!((config.routes.len(), config.plugins.len()), (2, 1));
}
