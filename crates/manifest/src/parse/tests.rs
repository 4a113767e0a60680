use crate::{Error, Format, Manifest, ParseOptions, Position, Wasm, WasmSource};

fn json_error(json: &str) -> Error {
    Manifest::from_json(json.as_bytes()).expect_err(json)
}

fn toml_error(toml: &str) -> Error {
    Manifest::from_toml(toml).expect_err(toml)
}

/// A manifest in JSON with one more field.
fn with_field(field: &str) -> String {
    format!(r#"{{"wasm":[{{"path":"a"}}],{field}}}"#)
}

#[track_caller]
fn assert_json_error(json: &str, expected: &str) {
    let text = json_error(json).to_string();
    // Without the position, which other tests are about.
    let stripped = match (text.find(" (line "), text.find("):")) {
        (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end + 1..]),
        _ => text,
    };
    assert!(stripped.starts_with(expected), "{stripped}");
    assert!(!stripped.contains('\n'), "{stripped}");
}

#[test]
fn reads_every_field() {
    let json = br#"{
        "wasm": [
            {"path": "p.wasm", "name": "main", "hash": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"},
            {"data": "AGFzbQ=="},
            {"url": "https://a/p.wasm", "method": "POST", "headers": {"X-Key": "v"}}
        ],
        "memory": {"max_pages": 16, "max_http_response_bytes": 4096, "max_var_bytes": 0},
        "config": {"key": "value"},
        "allowed_hosts": ["example.com", "*.example.org"],
        "allowed_paths": {"data": "/mnt", "ro:assets": "/assets"},
        "timeout_ms": 1000
    }"#;
    let manifest = Manifest::from_json(json).unwrap();
    assert_eq!(manifest.wasm.len(), 3);
    assert_eq!(manifest.wasm[0].name.as_deref(), Some("main"));
    assert_eq!(manifest.wasm[0].source, WasmSource::Path("p.wasm".into()));
    assert_eq!(manifest.wasm[0].expected_sha256().unwrap().unwrap()[31], 0xef);
    assert_eq!(manifest.wasm[1].source, WasmSource::Data(b"\0asm".to_vec()));
    let WasmSource::Url(request) = &manifest.wasm[2].source else { panic!("{:?}", manifest.wasm[2]) };
    assert_eq!((request.url.as_str(), request.method.as_deref()), ("https://a/p.wasm", Some("POST")));
    assert_eq!(request.headers["X-Key"], "v");
    assert_eq!(manifest.main_index(), Some(0));
    assert_eq!(manifest.memory.max_pages, Some(16));
    assert_eq!(manifest.memory.http_response_limit_bytes(), 4096);
    assert_eq!(manifest.memory.var_limit_bytes(), 0);
    assert_eq!(manifest.config["key"], "value");
    assert_eq!(manifest.timeout(), Some(std::time::Duration::from_secs(1)));
    assert!(manifest.hosts().unwrap().allows("www.example.org"));
    assert!(manifest.paths().unwrap()[1].read_only);
}

#[test]
fn null_means_left_out() {
    let json = br#"{"wasm": [{"path": "a", "data": null, "url": null, "method": null, "headers": null,
        "name": null, "hash": null}], "memory": null, "config": null, "allowed_hosts": null,
        "allowed_paths": null, "timeout_ms": null}"#;
    assert_eq!(Manifest::from_json(json), Ok(Manifest::new([Wasm::file("a")])));
    let json = with_field(r#""memory": {"max_pages": null, "max_var_bytes": null}"#);
    assert_eq!(Manifest::from_json(json.as_bytes()), Ok(Manifest::new([Wasm::file("a")])));
    assert_json_error(r#"{"wasm": null}"#, "wasm: the field is missing");
    assert_json_error(&with_field(r#""config": {"k": null}"#), "config.k: expected a string, found null");
}

#[test]
fn unknown_fields_are_named_with_their_path() {
    assert_json_error(
        r#"{"wasm": [{"path": "a"}, {"pth": "b"}]}"#,
        "wasm[1].pth: unknown field; did you mean `path`?",
    );
    assert_json_error(
        &with_field(r#""memory": {"max_page": 1}"#),
        "memory.max_page: unknown field; did you mean `max_pages`?",
    );
    assert_json_error(
        &with_field(r#""version": 1"#),
        "version: unknown field; the fields here are wasm, memory, config, allowed_hosts, allowed_paths, timeout_ms",
    );
    let error = toml_error("timeout = 1\n[[wasm]]\npath = 'a'\n");
    assert_eq!(error.to_string(), "timeout (line 1, column 1): unknown field; did you mean `timeout_ms`?");
}

#[test]
fn wrong_types_are_named_with_their_path() {
    for (json, expected) in [
        ("[]", "manifest: expected a table with the field `wasm`, found a list"),
        ("7", "manifest: expected a table with the field `wasm`, found a number"),
        (
            r#"{"wasm": "a.wasm"}"#,
            "wasm: expected a list of modules, such as [{\"path\": \"plugin.wasm\"}], found a string",
        ),
        (r#"{"wasm": {"path": "a"}}"#, "wasm: expected a list of modules"),
        (
            r#"{"wasm": ["a.wasm"]}"#,
            "wasm[0]: expected a table, such as {\"path\": \"plugin.wasm\"}, found a string",
        ),
        (r#"{"wasm": [{"path": 1}]}"#, "wasm[0].path: expected a string, found a number"),
        (
            r#"{"wasm": [{"data": [0]}]}"#,
            "wasm[0].data: expected the module's bytes as a base64 string, found a list",
        ),
        (
            r#"{"wasm": [{"url": "http://a", "headers": []}]}"#,
            "wasm[0].headers: expected a table of strings, found a list",
        ),
        (
            r#"{"wasm": [{"url": "http://a", "headers": {"A": 1}}]}"#,
            "wasm[0].headers.A: expected a string, found a number",
        ),
    ] {
        assert_json_error(json, expected);
    }
    for (field, expected) in [
        (r#""memory": 1"#, "memory: expected a table of limits, found a number"),
        (r#""memory": {"max_pages": "1"}"#, "memory.max_pages: expected a whole number, found a string"),
        (r#""config": {"a b": true}"#, "config.\"a b\": expected a string, found a boolean"),
        (r#""allowed_hosts": "a""#, "allowed_hosts: expected a list of host patterns, found a string"),
        (r#""allowed_hosts": ["a", {}]"#, "allowed_hosts[1]: expected a string, found a table"),
        (r#""allowed_paths": ["a"]"#, "allowed_paths: expected a table of strings, found a list"),
        (r#""timeout_ms": 1.5"#, "timeout_ms: expected a whole number, found a fraction"),
    ] {
        assert_json_error(&with_field(field), expected);
    }
}

#[test]
fn numbers_have_ranges() {
    for (field, expected) in [
        (r#""timeout_ms": 0"#, "timeout_ms: 0 is out of range; give at least 1 millisecond"),
        (r#""timeout_ms": -5"#, "timeout_ms: -5 is out of range; give a whole number from 0 on"),
        (r#""timeout_ms": 18446744073709551616"#, "timeout_ms: 18446744073709552000 is out of range"),
        (r#""memory": {"max_pages": 65537}"#, "memory.max_pages: 65537 is out of range"),
        (r#""memory": {"max_pages": 4294967296}"#, "memory.max_pages: 4294967296 is out of range"),
    ] {
        assert_json_error(&with_field(field), expected);
    }
    let read =
        |number: &str| Manifest::from_json(with_field(&format!("\"timeout_ms\": {number}")).as_bytes());
    assert_eq!(read("18446744073709551615").unwrap().timeout_ms, Some(u64::MAX));
    assert_eq!(read("16.0").unwrap().timeout_ms, Some(16));
    assert_eq!(read("1e3").unwrap().timeout_ms, Some(1000));
    assert!(read("-0.5").is_err() && read("1e300").is_err());
    for number in ["18446744073709551616", "-9223372036854775809"] {
        let error = toml_error(&format!("timeout_ms = {number}\n[[wasm]]\npath = 'a'"));
        assert!(error.to_string().starts_with("timeout_ms (line 1, column 1): "), "{error}");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
}

#[test]
fn a_module_has_exactly_one_source() {
    for (module, expected) in [
        ("{}", "wasm[0]: the module has no source; give exactly one of `path`, `data` and `url`"),
        (
            r#"{"path": "a", "data": ""}"#,
            "wasm[0]: the module has several sources (path, data); give exactly one",
        ),
        (
            r#"{"path": "a", "url": "http://a", "method": "GET"}"#,
            "wasm[0]: the module has several sources (path, url)",
        ),
        (r#"{"path": "a", "method": "GET"}"#, "wasm[0].method: the field applies to `url` modules only"),
        (r#"{"data": "", "headers": {}}"#, "wasm[0].headers: the field applies to `url` modules only"),
    ] {
        assert_json_error(&format!(r#"{{"wasm": [{module}]}}"#), expected);
    }
    assert_json_error(r#"{"wasm": []}"#, "wasm: the list is empty; add at least one module");
    assert_json_error("{}", "wasm: the field is missing; add a list of modules");
}

#[test]
fn base64_is_standard_with_or_without_padding() {
    let read = |data: &str| Manifest::from_json(format!(r#"{{"wasm":[{{"data":"{data}"}}]}}"#).as_bytes());
    for data in ["/+8=", "/+8"] {
        assert_eq!(read(data).unwrap().wasm[0].source, WasmSource::Data(vec![0xff, 0xef]));
    }
    for (data, reason) in [
        ("/-8=", "character 2 is not one of its characters"),
        ("a b=", "character 2 is not one of its characters"),
        ("é", "character 1 is not one of its characters"),
        ("/+8==", "character 4 is not one of its characters"),
        ("a", "1 characters cannot be whole bytes"),
        ("/+9=", "character 3 has bits to spare"),
    ] {
        let error = read(data).unwrap_err();
        assert!(matches!(error, Error::InvalidBase64 { .. }), "{error}");
        let expected = format!("wasm[0].data (line 1, column 11): not base64 ({reason});");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[test]
fn pointers_need_the_option() {
    let json = br#"{"wasm": [{"data": {"ptr": 18446744073709551615, "len": 8}, "name": "main"}]}"#;
    let error = Manifest::from_json(json).unwrap_err();
    assert!(matches!(error, Error::PointerRefused { .. }), "{error}");
    let options = ParseOptions::new().with_pointers(true);
    let manifest = Manifest::from_json_with(json, options).unwrap();
    assert_eq!(manifest.wasm[0].source, WasmSource::Pointer { ptr: u64::MAX, len: 8 });
    let again = Manifest::from_json_with(manifest.to_json().unwrap().as_bytes(), options);
    assert_eq!(again, Ok(manifest));
    for (data, expected) in [
        (r#"{"ptr": 1}"#, "wasm[0].data.len (line"),
        (r#"{"ptr": 1, "len": 1, "lne": 1}"#, "wasm[0].data.lne (line"),
        (r#"{"ptr": -1, "len": 1}"#, "wasm[0].data.ptr (line"),
    ] {
        let json = format!(r#"{{"wasm": [{{"data": {data}}}]}}"#);
        let error = Manifest::from_json_with(json.as_bytes(), options).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn duplicate_keys_are_errors() {
    for (json, expected) in [
        (with_field(r#""wasm": []"#), "wasm: the key occurs more than once"),
        (with_field(r#""config": {"k": "1", "k": "2"}"#), "config.k: the key occurs more than once"),
        (with_field(r#""memory": null, "memory": null"#), "memory: the key occurs more than once"),
        (
            r#"{"wasm": [{"path": "a", "path": "b"}]}"#.to_owned(),
            "wasm[0].path: the key occurs more than once",
        ),
    ] {
        assert_json_error(&json, expected);
    }
    let error = toml_error("timeout_ms = 1\ntimeout_ms = 2\n");
    assert!(matches!(error, Error::Syntax { format: Format::Toml, .. }), "{error}");
    assert_eq!(error.position(), Some(Position { line: 2, column: 1 }));
}

#[test]
fn syntax_errors_carry_line_and_column() {
    let error = json_error("{\n  \"wasm\": ]\n}");
    assert_eq!(error.position(), Some(Position { line: 2, column: 11 }));
    assert_eq!(error.to_string(), "the manifest is not valid JSON at line 2, column 11: expected value");
    assert!(
        json_error("").to_string().starts_with("the manifest is not valid JSON at line 1, column 1: EOF")
    );
    assert!(json_error("{} x").to_string().contains("trailing characters"));
    let error = toml_error("timeout_ms = 1\nwasm = ]\n");
    assert_eq!(error.position(), Some(Position { line: 2, column: 8 }));
    assert!(error.to_string().starts_with("the manifest is not valid TOML at line 2, column 8: "), "{error}");
    assert!(Manifest::from_json(b"\xff").is_err());
}

#[test]
fn errors_about_values_carry_line_and_column() {
    let at = |line, column| Some(Position { line, column });
    let json = |text: &str| json_error(text).position();
    assert_eq!(json("{\"wasm\": [\n  {\"path\": \"a\"},\n  {\"pth\": \"b\"}]}"), at(3, 4));
    assert_eq!(json("{\"wasm\": [\n  {\"path\": \"a\"},\n  7]}"), at(3, 3));
    assert_eq!(json("{\"wasm\": [\n  {\n  \"path\": \"a\"\n},\n  {\n\n}]}"), at(5, 3));
    assert_eq!(
        json("{\"wasm\": [{\"path\": \"a\"}],\n \"config\": {\"k\": \"1\",\n  \"k\": \"2\"}}"),
        at(3, 3)
    );
    assert_eq!(json("{\"wasm\": [{\"path\": \"a\"}],\n \"memory\": {\"max_pages\": 70000}}"), at(2, 13));
    assert_eq!(json("{\"wasm\": [{\"path\": \"a\"}],\n \"allowed_hosts\": [\"a\", \"b:1\"]}"), at(2, 25));
    assert_eq!(json("\n {}"), at(2, 2));
    // Past strings with escapes and brackets, to a key with an escape.
    assert_eq!(
        json("{\"wasm\": [{\"path\": \"}]\\\\\\\"{,\"}, {\"path\": \"b\"}],\n\"c\\u006fnfig\": 1}"),
        at(2, 1)
    );

    let toml = |text: &str| toml_error(text).position();
    assert_eq!(toml("[[wasm]]\npath = 'a'\n[[wasm]]\n  pth = 'b'\n"), at(4, 3));
    assert_eq!(toml("[[wasm]]\npath = 'a'\n[memory]\nmax_pages = 70000\n"), at(4, 1));
    assert_eq!(toml("[memory]\nmax_pages = 1\n"), at(1, 1));
    assert_eq!(toml("wasm = [{path = 'a'}]\nallowed_hosts = ['a', 7]\n"), at(2, 23));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let json = "\u{feff}{\"wasm\": [{\"path\": \"a\"}]}";
    assert_eq!(Manifest::from_json(json.as_bytes()), Ok(Manifest::new([Wasm::file("a")])));
    assert_eq!(Manifest::from_toml("\u{feff}[[wasm]]\npath = 'a'"), Ok(Manifest::new([Wasm::file("a")])));
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = format!("{{\"wasm\": {}", "[".repeat(100_000));
    assert!(matches!(json_error(&deep), Error::Syntax { .. }));
    let deep = format!("wasm = {}", "[".repeat(100_000));
    assert!(matches!(toml_error(&deep), Error::Syntax { .. }));
}

#[test]
fn a_manifest_can_be_part_of_another_document() {
    let manifest: Manifest = serde_json::from_str(r#"{"wasm": [{"path": "a"}]}"#).unwrap();
    assert_eq!(manifest, Manifest::new([Wasm::file("a")]));
    let error = serde_json::from_str::<Manifest>(r#"{"wasm": [{"pth": "a"}]}"#).unwrap_err();
    assert!(error.to_string().starts_with("wasm[0].pth: unknown field"), "{error}");
}

#[test]
fn secrets_are_not_repeated() {
    for json in [
        r#"{"wasm":[{"url":"ftp://user:s3cret@host/"}]}"#.to_owned(),
        r#"{"wasm":[{"url":"http://a","headers":{"Key":"s3cret\n"}}]}"#.to_owned(),
        r#"{"wasm":[{"path":"a"}],"config":"s3cret"}"#.to_owned(),
    ] {
        assert!(!json_error(&json).to_string().contains("s3cret"));
    }
}
