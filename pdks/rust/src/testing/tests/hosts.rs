//! What a test gives a plug-in, and what it sees of it.

use std::thread;

use super::super::{Error, ErrorKind, Host, HostFunction, Request, Response};
use super::{answer, block, bytes, call};
use crate::{LogLevel, sys};

/// Calls `function` of the default module and answers with the block that it returns.
fn ask(function: &str, values: &[u64]) -> i32 {
    answer(sys::call_host_fn("extism:host/user", function, values))
}

#[test]
fn config_and_variables_are_there_from_call_to_call() {
    let host = Host::new().config("lang", "de").config("empty", "").var("count", 7_u64);
    for expected in [7_u64, 8, 9] {
        let output: u64 = host
            .call(
                || {
                    assert_eq!(sys::config_get(block(b"empty")), 0);
                    assert_eq!(sys::config_get(block(b"missing")), 0);
                    assert_eq!(bytes(sys::config_get(block(b"lang"))), b"de");
                    let old = sys::var_get(block(b"count"));
                    let next = sys::load_u64(old) + 1;
                    sys::var_set(block(b"count"), block(&next.to_le_bytes()));
                    answer(old)
                },
                (),
            )
            .unwrap();
        assert_eq!(output, expected);
    }
    assert_eq!(host.get_var::<u64>("count"), Ok(Some(10)));
    call(&host, || {
        sys::var_set(block(b"count"), 0);
        0
    })
    .unwrap();
    assert_eq!(host.get_var::<u64>("count"), Ok(None));
}

#[test]
fn a_variable_that_does_not_fit_changes_nothing() {
    let set = |key: &'static [u8], value: &'static [u8]| {
        move || {
            sys::var_set(block(key), block(value));
            0
        }
    };
    let host = Host::new().max_var_bytes(8).var("a", "123");
    assert_eq!(call(&host, set(b"b", b"123")), Ok(String::new()));
    let error = call(&host, set(b"c", b"1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.message().contains("max_var_bytes"), "{error}");
    assert_eq!(call(&host, set(b"a", b"321")), Ok(String::new()));
    assert_eq!(host.get_var::<String>("a"), Ok(Some("321".to_owned())));
    assert_eq!(call(&Host::new().max_var_bytes(0), set(b"a", b"1")).unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn a_wrong_description_is_an_error_of_each_call() {
    let host = Host::new().max_var_bytes(2).var("key", "value");
    for _ in 0..2 {
        assert_eq!(host.run(|| ()).unwrap_err().kind(), ErrorKind::Limit);
    }
}

#[test]
fn the_code_alone_decides() {
    let host = Host::new();
    let with_message = |code: i32| {
        move || {
            sys::error_set(block("went wröng".as_bytes()));
            assert_ne!(sys::error_get(), 0);
            code
        }
    };
    assert_eq!(call(&host, with_message(0)).unwrap(), "");
    let error = call(&host, with_message(-1)).unwrap_err();
    assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::Guest, Some(-1), "went wröng"));
    assert_eq!(error.to_string(), "went wröng (code -1)");
    let error = call(&host, || 3).unwrap_err();
    assert_eq!(
        (error.code(), error.message(), error.to_string()),
        (Some(3), "", "the plug-in returned code 3".to_owned())
    );
    let error = call(&host, || {
        let message = block(b"taken back");
        sys::error_set(message);
        sys::free(message);
        1
    });
    assert_eq!(error.unwrap_err().message(), "");
}

#[test]
fn logs_are_of_the_last_call_and_of_the_level_that_is_wanted() {
    let log = || {
        sys::log_debug(block(b"fine"));
        sys::log_warn(block(b"odd \xff"));
        sys::log_error(block(b"bad"));
        sys::get_log_level()
    };
    let texts = |host: &Host| host.logs().into_iter().map(|log| log.message).collect::<Vec<_>>();
    let host = Host::new();
    for _ in 0..2 {
        assert_eq!(host.run(log), Ok(0));
        assert_eq!(texts(&host), ["fine", "odd \u{fffd}", "bad"]);
    }
    let host = host.log_level(LogLevel::Error);
    assert_eq!(host.run(log), Ok(4));
    assert_eq!(texts(&host), ["bad"]);
    assert_eq!(host.logs()[0].level, LogLevel::Error);
    let host = host.log_level(None);
    assert_eq!(host.run(log), Ok(i32::MAX));
    assert_eq!(texts(&host), [""; 0]);
}

#[test]
fn host_functions_take_and_return_what_they_declare() {
    let host = Host::new()
        .host_fn("join", |a: String, b: Vec<u8>, c: Option<String>| format!("{a} {} {c:?}", b.len()))
        .host_fn("mix", |a: i32, b: i64, c: f32, d: f64, e: bool| {
            f64::from(a) + b as f64 + f64::from(c) + d + f64::from(u8::from(e))
        })
        .host_fn("nothing", || ());
    assert_eq!(call(&host, || ask("join", &[block(b"x"), 0, 0])).unwrap(), "x 0 None");
    assert_eq!(call(&host, || ask("join", &[0, block(b"123"), block(b"y")])).unwrap(), " 3 Some(\"y\")");
    let values = [u64::from(-1_i32 as u32), -2_i64 as u64, u64::from(0.5_f32.to_bits()), 8_f64.to_bits(), 1];
    let sum = host.run(|| f64::from_bits(sys::call_host_fn("env", "mix", &values)));
    assert_eq!(sum, Ok(6.5));
    assert_eq!(host.run(|| sys::call_host_fn("env", "nothing", &[])), Ok(0));
}

#[test]
fn host_functions_belong_to_modules() {
    let host = Host::new().host_fn("price", || 1).host_fn_in("shop", "price", || 2).host_fn("price", || 3);
    let price = |module: &'static str| host.run(move || sys::call_host_fn(module, "price", &[]));
    assert_eq!(price("shop"), Ok(2));
    assert_eq!(price("env"), Ok(3));
    assert_eq!(price("extism:host/user"), Ok(3));
    let error = price("mall").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostFunction);
    assert!(error.message().contains(".host_fn_in(\"mall\", \"price\","), "{error}");
}

#[test]
fn misused_host_functions_end_the_call() {
    let host = Host::new().host_fn("read", |key: String| key);
    let error = host.run(|| sys::call_host_fn("env", "read", &[1, 2])).unwrap_err();
    assert!(error.message().contains("passes 2 values") && error.message().contains("declares 1"), "{error}");
    let error = host.run(|| sys::call_host_fn("env", "read", &[77])).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Contract, "`read` uses offset 77, at which no block starts")
    );
    let error = host.run(|| sys::call_host_fn("env", "read", &[block(b"\xff")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
}

#[test]
fn host_functions_keep_their_state_and_leave_blocks_to_the_plugin() {
    let mut count = 0_i64;
    let host = Host::new().host_fn("next", move |_: String| {
        count += 1;
        count
    });
    let answered = host.run(|| {
        let name = block(b"name");
        sys::call_host_fn("env", "next", &[name]);
        (bytes(name), sys::call_host_fn("env", "next", &[name]))
    });
    assert_eq!(answered, Ok((b"name".to_vec(), 2)));
}

#[test]
fn a_host_functions_error_ends_the_call_or_is_a_value() {
    let fail = || -> Result<String, &str> { Err("no tea") };
    let ended = Host::new().host_fn("buy", fail);
    let error = call(&ended, || ask("buy", &[])).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::HostFunction, "host function `buy` failed: no tea")
    );

    let values = Host::new()
        .host_function(HostFunction::new("buy", fail).errors_as_values())
        .host_function(HostFunction::new("silent", || -> Result<(), &str> { Err("") }).errors_as_values())
        .host_function(HostFunction::new("work", || 5).errors_as_values());
    let seen = values.run(|| {
        let mut seen = Vec::new();
        for (name, expected) in [("buy", 0), ("silent", 0), ("buy", 0), ("work", 5)] {
            assert_eq!(sys::call_host_fn("env", name, &[]), expected);
            if name != "buy" || seen.is_empty() {
                seen.push(String::from_utf8(bytes(sys::host_error_take())).unwrap());
            }
        }
        assert_eq!(sys::host_error_take(), 0);
        seen
    });
    assert_eq!(seen.unwrap(), ["no tea", "host function `silent` failed", ""]);
}

#[test]
fn requests_are_answered_by_the_test() {
    let request = |text: &'static str, body: &'static [u8]| {
        move || {
            assert_eq!(bytes(sys::http_request(block(text.as_bytes()), block(body))), b"tea");
            (sys::http_status_code(), bytes(sys::http_headers()))
        }
    };
    let host = Host::new().http(|request: &Request| {
        assert_eq!(request.url, "https://example.com/shop");
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("PUT", b"1 pound".as_slice()));
        assert_eq!(request.headers.iter().collect::<Vec<_>>(), [(&"a".to_owned(), &"b".to_owned())]);
        Response::new(201).header("X-Kind", "green").header("x-kind", "black").body("tea")
    });
    let text = r#"{"url":"https://example.com/shop","method":"put","headers":{"a":"b","c":null},"other":1}"#;
    assert_eq!(host.run(request(text, b"1 pound")), Ok((201, Vec::new())));
    let host = host.http_response_headers(true);
    let headers = br#"{"x-kind":"green, black"}"#.to_vec();
    assert_eq!(host.run(request(text, b"1 pound")), Ok((201, headers.clone())));
    assert_eq!(host.run(|| (sys::http_status_code(), bytes(sys::http_headers()))), Ok((201, headers)));
}

#[test]
fn requests_that_a_host_refuses_end_the_call() {
    let refused = |host: &Host, text: &'static str| {
        let error = host.run(|| sys::http_request(block(text.as_bytes()), 0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Http);
        error.message().to_owned()
    };
    let plain = r#"{"url":"http://example.com/"}"#;
    let silent = Host::new();
    assert!(refused(&silent, plain).starts_with("GET http://example.com/: the test answers no requests"));
    assert_eq!(silent.run(|| (sys::http_status_code(), sys::http_headers())), Ok((0, 0)));
    let down = Host::new().http(|_| -> Result<Response, &str> { Err("the net is down") });
    assert_eq!(refused(&down, plain), "GET http://example.com/: the net is down");
    assert!(refused(&down, r#"{"url":"ftp://example.com"}"#).contains("ftp://example.com"));
    assert!(refused(&down, r#"{"url":"http://a","method":"trace"}"#).contains("TRACE"));
    assert!(refused(&down, "{}").contains("url"));
}

#[test]
fn a_panic_of_the_plugin_fails_the_call_with_its_place() {
    let host = Host::new().host_fn("ok", || 1);
    let line = line!() + 2;
    let error = call(&host, || {
        panic!("no {}", "tea");
    });
    let error: Error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Trap);
    assert!(error.message().starts_with("panicked at ") && error.message().ends_with(": no tea"), "{error}");
    assert!(error.message().contains(&format!("hosts.rs:{line}:")), "{error}");
    assert_eq!(host.run(|| sys::call_host_fn("env", "ok", &[])), Ok(1), "the host is of use again");
}

#[test]
fn a_panic_of_a_host_function_is_the_tests() {
    let outcome = thread::spawn(|| {
        let host = Host::new().host_fn("check", |n: i64| assert_eq!(n, 1, "the plug-in passes 1"));
        host.run(|| sys::call_host_fn("env", "check", &[2])).map(drop)
    })
    .join();
    let panic = outcome.unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("the plug-in passes 1"));
}

#[test]
fn one_call_at_a_time() {
    let host = Host::new();
    let other = Host::new();
    let error = host.run(|| other.run(|| ())).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contract);
    assert!(error.message().contains("a call is running on this thread"), "{error}");
}

#[test]
fn hosts_of_other_threads_do_not_disturb() {
    let work = |name: u64| {
        let host = Host::new().var("name", name);
        for _ in 0..200 {
            let got: u64 = host.call(|| answer(sys::var_get(block(b"name"))), ()).unwrap();
            assert_eq!(got, name);
            assert!(host.run(|| panic!("{name}")).unwrap_err().message().ends_with(&format!(": {name}")));
        }
    };
    let threads: Vec<_> = (0..4).map(|name| thread::spawn(move || work(name))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn what_cannot_be_decoded_says_so() {
    let host = Host::new().var("n", "abc");
    let error = host.call::<u64>(|| answer(block(b"abc")), "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.message().starts_with("cannot decode the output of the call: "), "{error}");
    assert!(host.get_var::<u64>("n").unwrap_err().message().starts_with("cannot decode the variable `n`: "));
    assert_eq!(host.call::<()>(|| 0, ""), Ok(()));
}
