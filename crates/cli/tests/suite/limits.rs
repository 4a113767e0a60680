//! Limits, and what a call that reaches one ends with.

use crate::support::{World, serve, wat};

#[test]
fn a_timeout_has_its_own_exit_code() {
    let world = World::new();
    for time in ["50", "50ms", "0.05s"] {
        world.run(["call", &wat("spin"), "spin", "--timeout", time]).fails(124, &["spin"]);
    }
    assert_eq!(world.run(["call", &wat("spin"), "work", "--timeout", "1m"]).code, Some(0));
    assert_eq!(world.run(["call", &wat("spin"), "work", "--timeout", "0"]).code, Some(0));
    for time in ["soon", "-1", "1 s", ""] {
        world.run(["call", &wat("spin"), "work", &format!("--timeout={time}")]).fails(1, &["--timeout"]);
    }
}

#[test]
fn a_timeout_of_the_flags_comes_before_that_of_a_manifest() {
    let world = World::new();
    world.file("m.json", format!(r#"{{"wasm": [{{"path": {:?}}}], "timeout_ms": 3600000}}"#, wat("spin")));
    world.run(["call", "m.json", "spin", "--timeout", "50"]).fails(124, &[]);
}

#[test]
fn memory_is_limited_in_pages() {
    let world = World::new();
    let bombs = wat("memory_bombs");
    for flag in ["--memory-max-pages", "--memory-max"] {
        assert_eq!(world.run(["call", &bombs, "grow_and_cope", flag, "64"]).code, Some(0));
        world.run(["call", &bombs, "grow_and_trap", flag, "64"]).fails(1, &["64 pages"]);
    }
    world.run(["call", &bombs, "fine", "--memory-max-pages", "65537"]).fails(1, &["--memory-max-pages"]);
    let run = world.run(["call", &wat("hazard_09_initial_pages"), "run", "--memory-max-pages", "1"]);
    run.fails(1, &["memory.max_pages", "raise it"]);
}

#[test]
fn fuel_is_limited() {
    let world = World::new();
    world.run(["call", &wat("spin"), "spin", "--fuel", "100000"]).fails(1, &["fuel"]);
    let run = world.run(["call", &wat("spin"), "work", "--fuel", "100000", "-v"]);
    run.ok();
    assert!(run.stderr.contains("units of fuel"), "{}", run.stderr);
    world.run(["call", &wat("spin"), "work", "--fuel", "much"]).fails(1, &["--fuel"]);
}

#[test]
fn variables_are_limited() {
    let world = World::new();
    let vars = wat("abi_config_vars");
    world.run(["call", &vars, "set_2000_bytes", "--var-max", "1500"]).fails(1, &["max_var_bytes"]);
    for enough in ["3000", "-1"] {
        assert_eq!(world.run(["call", &vars, "set_2000_bytes", "--var-max", enough]).code, Some(0));
    }
    world.run(["call", &vars, "set_2000_bytes", "--var-max=-2"]).fails(1, &["--var-max"]);
}

#[test]
fn http_responses_are_limited() {
    let world = World::new();
    let url = serve(vec![("/big", vec![b'x'; 1000])]);
    let request = format!(r#"{{"url": "{url}/big"}}"#);
    let args =
        ["call", &wat("abi_http"), "request", "-i", &request, "--allow-host", "*", "--http-response-max"];
    world.run(args.iter().chain(&["999"])).fails(1, &["max_http_response_bytes"]);
    for enough in ["1000", "-1"] {
        assert_eq!(world.run(args.iter().chain(&[enough])).ok().len(), 1000);
    }
}

#[test]
fn output_is_limited() {
    let world = World::new();
    let args = ["call", &wat("echo"), "echo", "-i", "four", "--output-max"];
    world.run(args.iter().chain(&["3"])).fails(1, &["output"]);
    assert_eq!(world.run(args.iter().chain(&["4"])).ok(), "four");
}

#[test]
fn logs_are_limited() {
    let world = World::new();
    let run =
        world.run(["call", &wat("hazard_14_log_flood"), "small", "--log-level", "warn", "--log-max", "1000"]);
    run.ok();
    assert!(run.stderr.contains("dropped 9000 bytes of 90 log messages"), "{}", run.stderr);
}
