//! What each operation does.

use std::thread;

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::store::{GUESTS, Store};

crate::for_each_backend!(
    all_languages_do_the_same,
    values_are_bytes,
    numbers_are_counted,
    values_are_compared_and_swapped,
    values_end,
    keys_are_listed,
    namespaces_are_apart,
    what_is_acknowledged_is_read,
);

fn all_languages_do_the_same(backend: &Backend) {
    for guest in GUESTS {
        let mut store = Store::of(guest, &backend.kv);
        let results = store.run(&json!([
            ["get", "a"],
            ["set", "a", "one ✓"],
            ["get", "a"],
            ["delete", "a"],
            ["delete", "a"],
            ["increment", "n", 41],
            ["increment", "n", -83],
            ["get", "n"],
            ["swap", "s", null, "first"],
            ["swap", "s", null, "second"],
            ["swap", "s", "first", "third", 60_000],
            ["get", "s"],
            ["list", "s", null, 10],
            ["swap", "s", "third", null],
            ["delete", "n"]
        ]));
        let expected = json!([
            null, null, "one ✓", true, false, 41, -42, "-42", true, false, true, "third",
            {"keys": ["s"], "cursor": null}, true, true
        ]);
        assert_eq!(results, expected, "{guest}");
        let failed = store.run(&json!([
            ["get", ""],
            ["set", "w", "x"],
            ["increment", "w", 1],
            ["swap", "w", "", "y"],
            ["delete", "w"]
        ]));
        let codes: Vec<Option<&str>> =
            failed.as_array().expect("a list").iter().map(|result| result["error"].as_str()).collect();
        assert_eq!(codes, [Some("invalid"), None, Some("wrong_type"), Some("invalid"), None], "{guest}");
    }
}

fn values_are_bytes(backend: &Backend) {
    let mut store = Store::with(&backend.kv);
    let large = "x".repeat(1 << 20);
    let odd = "a\u{0}b\r\n*?[x]\\é";
    assert_eq!(
        store.run(&json!([["set", "empty", ""], ["get", "empty"], ["set", odd, odd], ["get", odd]])),
        json!([null, "", null, odd])
    );
    assert_eq!(store.run(&json!([["set", "l", large], ["get", "l"]])), json!([null, large]));
    assert_eq!(store.failure(json!(["set", "l", format!("{large}x")])), "too_large");
    assert_eq!(store.one(json!(["get", "l"])), json!(large), "what is refused changes nothing");
}

fn numbers_are_counted(backend: &Backend) {
    let mut store = Store::with(&backend.kv);
    let most = i64::MAX.to_string();
    store.run(&json!([["set", "most", most], ["set", "odd", "007"], ["set", "text", "x"]]));
    assert_eq!(store.failure(json!(["increment", "most", 1])), "invalid");
    assert_eq!(store.failure(json!(["increment", "odd", 1])), "wrong_type");
    assert_eq!(store.failure(json!(["increment", "text", 1])), "wrong_type");
    assert_eq!(store.one(json!(["increment", "most", -1])), json!(i64::MAX - 1));
    assert_eq!(store.one(json!(["get", "odd"])), json!("007"));
}

fn values_are_compared_and_swapped(backend: &Backend) {
    let mut store = Store::with(&backend.kv);
    assert_eq!(
        store.run(&json!([
            ["swap", "a", "x", "y"],
            ["swap", "a", null, null],
            ["get", "a"],
            ["swap", "a", null, "1"],
            ["swap", "a", "2", null],
            ["swap", "a", "1", null],
            ["get", "a"]
        ])),
        json!([false, true, null, true, false, true, null])
    );
}

fn values_end(backend: &Backend) {
    let mut store = Store::with(&backend.kv);
    store.run(&json!([
        ["set", "short", "x", 1],
        ["set", "long", "x", 3_600_000],
        ["swap", "swapped", null, "x", 1]
    ]));
    // The clock's next milliseconds come by themselves: this waits for an end, and not for a time.
    while store.one(json!(["get", "short"])) != Value::Null
        || store.one(json!(["get", "swapped"])) != Value::Null
    {}
    assert_eq!(store.keys("", 10), ["long"]);
    assert_eq!(store.one(json!(["delete", "short"])), json!(false));
    assert_eq!(store.one(json!(["increment", "short", 2])), json!(2), "what has ended is not there");
    store.run(&json!([["set", "n", "1", 100], ["increment", "n", 1]]));
    while store.one(json!(["get", "n"])) != Value::Null {}
    // Setting it again without a time takes the end away.
    store.run(&json!([["set", "kept", "x", 50], ["set", "kept", "x"], ["set", "other", "x", 50]]));
    while store.one(json!(["get", "other"])) != Value::Null {}
    assert_eq!(store.one(json!(["get", "kept"])), json!("x"));
}

fn keys_are_listed(backend: &Backend) {
    let mut store = Store::with(&backend.kv);
    let mut expected: Vec<String> = (0..25).map(|number| format!("user/{number}")).collect();
    let sets: Vec<Value> = expected.iter().map(|key| json!(["set", key, ""])).collect();
    store.run(&Value::Array(sets));
    store.run(&json!([["set", "users", ""], ["set", "use*", ""], ["set", "Ü", ""]]));
    expected.sort();
    assert_eq!(store.keys("user/", 4), expected);
    assert_eq!(store.keys("user/", 1000), expected);
    assert_eq!(store.keys("Ü", 10), ["Ü"]);
    for pattern in ["use*", "use?", "[u]", "\\u", "*"] {
        let found = store.keys(pattern, 100);
        assert!(found.iter().all(|key| key.starts_with(pattern)), "`{pattern}` found {found:?}");
    }
    assert_eq!(store.failure(json!(["list", "", null, 0])), "invalid");
    assert_eq!(store.failure(json!(["list", "", null, 1001])), "invalid");
}

fn namespaces_are_apart(backend: &Backend) {
    let mut first = Store::within(&backend.kv, "shop");
    let mut second = Store::within(&backend.kv, "shop-2");
    first.run(&json!([["set", "a", "1"], ["set", "b", "1"]]));
    second.run(&json!([["set", "a", "2"]]));
    assert_eq!(first.one(json!(["get", "a"])), json!("1"));
    assert_eq!(second.one(json!(["get", "b"])), Value::Null);
    assert_eq!(second.keys("", 10), ["a"]);
    assert_eq!(first.keys("", 10), ["a", "b"]);
}

fn what_is_acknowledged_is_read(backend: &Backend) {
    let kv = &backend.kv;
    // Each reads its own changes at once, while others change and read as well.
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut store = Store::with(kv);
                let key = format!("thread/{thread}");
                for number in 0..50 {
                    assert!(store.one(json!(["set", key, number.to_string()])).is_null());
                    assert_eq!(store.one(json!(["get", key])), json!(number.to_string()));
                    assert!(store.keys("thread/", 10).contains(&key));
                }
            });
        }
    });
}
