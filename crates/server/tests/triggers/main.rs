//! Triggers of `plugwright.toml`, with a real server.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use plugwright_server::{AdminConfig, Config, Server};
use plugwright_test_servers::Nats;
use reqwest::Method;
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

/// Returns its input, or fails.
const PLUGIN: &str = r#"(module
  (import "extism:host/env" "input_offset" (func $offset (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "echo") (call $output (call $offset) (call $length)))
  (func (export "fail") (result i32) (i32.const 7)))"#;

/// A folder with a plug-in and a configuration.
fn project(triggers: &str) -> Result<(TempDir, PathBuf), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("echo.wat"), PLUGIN)?;
    let file = folder.path().join("plugwright.toml");
    fs::write(
        &file,
        format!("[serve]\nlisten = \"127.0.0.1:0\"\n[serve.plugins.echo]\npath = \"echo.wat\"\n{triggers}"),
    )?;
    Ok((folder, file))
}

fn trigger(function: &str, nats: &str) -> String {
    format!(
        "[[triggers]]\nname = \"echo\"\nplugin = \"echo\"\nfunction = \"{function}\"\nmax_attempts = 1\n\
         [triggers.nats]\nserver = {{ url = \"{nats}\" }}\nsubject = \"ask\"\n"
    )
}

/// Asks until somebody has subscribed.
async fn ask(client: &async_nats::Client, what: &'static str) -> Result<async_nats::Message, Box<dyn Error>> {
    let asked = async {
        loop {
            match client.request("ask", what.into()).await {
                Ok(answer) => break answer,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    Ok(tokio::time::timeout(Duration::from_secs(60), asked).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_call_functions_and_a_reload_changes_which() -> Outcome {
    let nats = Nats::start()?;
    let client = async_nats::connect(nats.url()).await?;
    let (_folder, file) = project(&trigger("echo", &nats.url()))?;
    let server = Server::start(Config::from_file(&file)?).await?;
    let handle = server.handle();
    let running = tokio::spawn(server.run());
    assert_eq!(ask(&client, "hello").await?.payload, "hello");

    // The plug-in changes, and the trigger stays.
    fs::write(
        file.with_file_name("echo.wat"),
        PLUGIN.replace("\"echo\"", "\"old\"").replace("\"fail\"", "\"echo\""),
    )?;
    handle.reload().await?;
    let answer = ask(&client, "hello").await?;
    let error = answer.headers.and_then(|headers| headers.get("Plugwright-Error").map(ToString::to_string));
    assert!(error.as_deref().is_some_and(|error| error.contains('7')), "{error:?}");

    // A function that is not there changes nothing.
    let text = fs::read_to_string(&file)?;
    fs::write(&file, text.replace("function = \"echo\"", "function = \"ecko\""))?;
    let error = handle.reload().await.expect_err("no such function").to_string();
    assert!(
        error.contains("trigger `echo`, `function`") && error.contains("did you mean `echo`?"),
        "{error}"
    );
    assert!(ask(&client, "hello").await?.headers.is_some());

    handle.stop();
    let stopped = running.await?;
    assert_eq!((stopped.cut, stopped.cut_triggers), (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_wait_while_their_plugin_is_out_of_service() -> Outcome {
    let nats = Nats::start()?;
    let context = async_nats::jetstream::new(async_nats::connect(nats.url()).await?);
    let stream = async_nats::jetstream::stream::Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders".to_owned()],
        ..Default::default()
    };
    context.create_stream(stream).await?;
    let trigger = format!(
        "[[triggers]]\nname = \"echo\"\nplugin = \"echo\"\nfunction = \"echo\"\nmax_attempts = 1\n\
         [triggers.jetstream]\nserver = {{ url = \"{}\" }}\nstream = \"ORDERS\"\nconsumer = \"echo\"\n",
        nats.url()
    );
    let (_folder, file) = project(&trigger)?;
    let mut config = Config::from_file(&file)?;
    let mut admin = AdminConfig::new("127.0.0.1:0".parse()?);
    admin.token = Some("a token for the tests".to_owned());
    config.admin = Some(admin);
    let server = Server::start(config).await?;
    let operators = server.admin_addr()?.ok_or("an address for operators")?;
    let handle = server.handle();
    let running = tokio::spawn(server.run());
    let http = reqwest::Client::builder().no_proxy().build()?;
    let operate = async |method, path: &str| {
        let request = http.request(method, format!("http://{operators}{path}"));
        request.bearer_auth("a token for the tests").send().await?.error_for_status()?.text().await
    };
    // Waits until the trigger's state says so, and gives it.
    let until = async |what: &str| -> Result<String, Box<dyn Error>> {
        let asked = async {
            loop {
                let state = operate(Method::GET, "/_/state").await?;
                if state.contains(what) {
                    break Ok(state);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked).await?
    };
    context.publish("orders", "1".into()).await?.await?;
    until("\"succeeded\":1").await?;
    operate(Method::DELETE, "/admin/plugins/echo").await?;
    until("\"connected\":false").await?;
    context.publish("orders", "2".into()).await?.await?;
    operate(Method::POST, "/admin/plugins/echo/rollback").await?;
    let state = until("\"succeeded\":2").await?;
    assert!(state.contains("\"failed\":0,\"dead_letters\":0,\"dropped\":0"), "{state}");
    handle.stop();
    assert_eq!(running.await?.cut_triggers, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_with_file_and_line() -> Outcome {
    for (triggers, expected) in [
        (trigger("echo", "nats://me:secret@localhost"), "line 5, trigger `echo`, `nats.server.url`: "),
        (trigger("echo", "redis://localhost"), "`nats.server.url`: "),
        (
            trigger("echo", "nats://localhost").replace("\"ask\"", "\"a..b\""),
            "line 12, trigger `echo`, `nats.subject`: ",
        ),
        (
            trigger("echo", "nats://localhost").replace("plugin = \"echo\"", "plugin = \"other\""),
            "`plugin`: there is no plug-in `other`",
        ),
        (
            trigger("echo", "nats://localhost").replace("max_attempts", "attempts"),
            "line 9: unknown field `attempts`",
        ),
        (trigger("echo", "nats://localhost").repeat(2), "`name`: another trigger has this name"),
    ] {
        let (_folder, file) = project(&triggers)?;
        let error = match Config::from_file(&file) {
            Ok(config) => Server::start(config).await.expect_err("a wrong trigger").to_string(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains("plugwright.toml") && !error.contains("secret"), "{error}");
        let expected = expected.trim_start_matches("line 5, ");
        assert!(error.contains(expected), "`{error}` has no `{expected}`");
    }
    Ok(())
}
