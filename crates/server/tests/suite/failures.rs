//! What a plug-in does wrong costs the request, with a response that says what it was.

use std::time::Duration;

use plugwright_server::Limits;

use crate::support::{Running, World, client, problem};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_failure_has_its_status_and_the_next_request_succeeds() {
    let world = World::new();
    let limited = |path: &str, function: &str, limits: Limits| {
        let mut route = world.route(path, function);
        route.limits = limits;
        route
    };
    let short = Limits { timeout: Some(Duration::from_millis(50)), ..Limits::default() };
    let little_fuel = Limits { fuel: Some(10_000), ..Limits::default() };
    let little_memory = Limits { max_pages: Some(64), ..Limits::default() };
    let little_output = Limits { max_output_bytes: Some(3), ..Limits::default() };
    let running = Running::start(world.config([
        world.route("/echo", "echo"),
        world.route("/code_7", "code_7"),
        world.route("/code_404", "code_404"),
        world.route("/trap", "trap"),
        limited("/spin", "spin", short.clone()),
        limited("/wait", "wait", short),
        limited("/fuel", "spin", little_fuel),
        limited("/grow", "grow", little_memory),
        limited("/output", "echo", little_output),
    ]))
    .await;
    for (path, status, name, kind, words) in [
        ("/code_7", 500, "guest", "Guest", "the input"),
        ("/code_404", 404, "guest", "Guest", "the input"),
        ("/trap", 500, "trap", "Trap", "unreachable"),
        ("/spin", 504, "timeout", "Timeout", "deadline"),
        ("/wait", 504, "timeout", "Timeout", "deadline"),
        ("/fuel", 504, "out-of-fuel", "OutOfFuel", "fuel"),
        ("/grow", 507, "out-of-memory", "OutOfMemory", "64 pages"),
        ("/output", 500, "limit", "Limit", "output"),
    ] {
        // Twice: the instance is another one then.
        for _ in 0..2 {
            let details = problem(running.post(path, "the input").await, status, name).await;
            assert_eq!(details["kind"], kind);
            assert_eq!(details["plugin"], "guest");
            assert!(details["detail"].as_str().unwrap().contains(words), "{details}");
        }
        assert_eq!(running.text("/echo", path).await, path);
    }
    assert_eq!(problem(running.post("/code_7", "").await, 500, "guest").await["code"], 7);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_served_is_said_so() {
    let world = World::new();
    let running = Running::start(world.config([world.route("/echo", "echo")])).await;
    problem(running.post("/nothing", "").await, 404, "no-route").await;
    let refused = client().get(format!("{}/echo", running.url)).send().await.unwrap();
    assert_eq!(refused.headers()["allow"], "POST");
    problem(refused, 405, "wrong-method").await;
    for probe in ["/healthz", "/readyz"] {
        let ok = client().get(format!("{}{probe}", running.url)).send().await.unwrap();
        assert_eq!((ok.status().as_u16(), ok.text().await.unwrap().as_str()), (200, "ok\n"));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_loops_leave_the_time_to_others() {
    let world = World::new();
    let mut spin = world.route("/spin", "spin");
    spin.limits.timeout = Some(Duration::from_secs(30));
    let running = Running::start(world.config([spin, world.route("/echo", "echo")])).await;
    // More loops than there are threads.
    let loops: Vec<_> = (0..8).map(|_| tokio::spawn(running.post_later("/spin"))).collect();
    running.until(|state| state["routes"][0]["in_flight"] == 8).await;
    for number in 0..50 {
        let body = number.to_string();
        assert_eq!(running.text("/echo", &body).await, body);
    }
    assert_eq!(running.state().await["routes"][0]["in_flight"], 8, "none of the loops has ended");
    loops.iter().for_each(tokio::task::JoinHandle::abort);
    // Clients that are gone end their calls.
    running.until(|state| state["routes"][0]["in_flight"] == 0).await;
    running.stop().await;
}
