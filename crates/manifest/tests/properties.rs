//! Properties of parsing, writing and matching, on generated input.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plugwright_manifest::{
    AllowedHosts, HostPattern, HttpRequest, Manifest, MemoryOptions, ParseOptions, Wasm, looks_like, schema,
    split_path_spec,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

fn request() -> impl Strategy<Value = HttpRequest> {
    let headers = btree_map("[A-Za-z-]{1,8}", "[ -~é]{0,12}", 0..3);
    ("https?://[a-z0-9.]{1,12}/[a-z?=&]{0,8}", option::of("[A-Z]{1,6}"), headers).prop_map(
        |(url, method, headers)| {
            let mut request = HttpRequest::new(url);
            request.method = method;
            request.headers = headers;
            request
        },
    )
}

fn module() -> impl Strategy<Value = Wasm> {
    let source = prop_oneof![
        "[^\0]{1,12}".prop_map(Wasm::file),
        vec(any::<u8>(), 0..40).prop_map(Wasm::data),
        request().prop_map(Wasm::url),
    ];
    (source, option::of("[0-9a-fA-F]{64}")).prop_map(|(mut wasm, hash)| {
        wasm.hash = hash;
        wasm
    })
}

/// Modules whose names, where they have any, differ.
fn modules() -> impl Strategy<Value = Vec<Wasm>> {
    vec((module(), option::of(".{1,6}")), 1..4).prop_map(|modules| {
        let modules = modules.into_iter().enumerate();
        modules
            .map(|(index, (wasm, name))| match name {
                Some(name) => wasm.with_name(format!("{index}{name}")),
                None => wasm,
            })
            .collect()
    })
}

fn memory() -> impl Strategy<Value = MemoryOptions> {
    (option::of(0..=65_536_u32), option::of(any::<u64>()), option::of(any::<u64>())).prop_map(
        |(pages, http, variables)| {
            let mut memory = MemoryOptions::new();
            memory.max_pages = pages;
            memory.max_http_response_bytes = http;
            memory.max_var_bytes = variables;
            memory
        },
    )
}

fn paths() -> impl Strategy<Value = BTreeMap<String, PathBuf>> {
    btree_map("(ro:)?[^\0]{1,8}", Just(()), 0..3).prop_map(|keys| {
        let keys = keys.into_keys().enumerate();
        keys.map(|(index, key)| (key, PathBuf::from(format!("/mnt/{index}")))).collect()
    })
}

fn manifest() -> impl Strategy<Value = Manifest> {
    (
        modules(),
        memory(),
        btree_map(any::<String>(), any::<String>(), 0..4),
        option::of(vec("[a-zA-Z0-9.*?-]{1,12}x|\\[[0-9a-f:]{1,8}\\*\\]", 0..3)),
        option::of(paths()),
        option::of(1..=u64::MAX),
    )
        .prop_map(|(wasm, memory, config, hosts, paths, timeout)| {
            let mut manifest = Manifest::new(wasm).with_memory_options(memory).with_config(config);
            manifest.allowed_hosts = hosts;
            manifest.allowed_paths = paths;
            manifest.timeout_ms = timeout;
            manifest
        })
}

/// Text that is nearly a manifest, which reaches more code than plain noise.
fn nearly_a_manifest() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(":"),
        Just(","),
        Just("\""),
        Just("="),
        Just("\n"),
        Just("\"wasm\""),
        Just("wasm"),
        Just("\"path\""),
        Just("\"data\""),
        Just("\"url\""),
        Just("\"AAAA\""),
        Just("{\"wasm\":[{"),
        Just("[[wasm]]\n"),
        Just("path='a'\n"),
        Just("[memory]\n"),
        Just("\"ptr\":1"),
        Just("null"),
        Just("-1"),
        Just("1e99"),
        Just("\u{feff}"),
        Just("max_pages"),
        Just("\"é\\ud800\""),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// The definition of the glob, by recursion; exponential, and so only for short input.
fn glob(pattern: &[u8], host: &[u8]) -> bool {
    match (pattern, host) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=host.len()).any(|taken| glob(rest, &host[taken..])),
        ([b'?', pattern @ ..], [_, host @ ..]) => glob(pattern, host),
        ([expected, pattern @ ..], [found, host @ ..]) => expected == found && glob(pattern, host),
        _ => false,
    }
}

fn assert_never_panics(bytes: &[u8]) {
    looks_like(bytes);
    let pointers = ParseOptions::new().with_pointers(true);
    let results = [Manifest::from_json(bytes), Manifest::from_json_with(bytes, pointers)].into_iter();
    let text = String::from_utf8_lossy(bytes);
    for result in results.chain([Manifest::from_toml(&text), Manifest::from_toml_with(&text, pointers)]) {
        match result {
            Ok(manifest) => assert_eq!(manifest.validate(), Ok(())),
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "{error}");
                assert!(error.position().is_some(), "{error}: {text}");
            }
        }
    }
}

proptest! {
    #[test]
    fn a_manifest_survives_json(manifest in manifest()) {
        prop_assert_eq!(manifest.validate(), Ok(()));
        let json = manifest.to_json().unwrap();
        prop_assert_eq!(Manifest::from_json(json.as_bytes()), Ok(manifest), "{}", json);
    }

    #[test]
    fn a_manifest_survives_toml(manifest in manifest()) {
        let toml = manifest.to_toml().unwrap();
        prop_assert_eq!(Manifest::from_toml(&toml), Ok(manifest), "{}", toml);
    }

    #[test]
    fn the_schema_accepts_every_valid_manifest(manifest in manifest()) {
        let value = serde_json::to_value(&manifest).unwrap();
        let validator = jsonschema::validator_for(&schema()).unwrap();
        prop_assert!(validator.is_valid(&value), "{:?}: {}", validator.validate(&value), value);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        assert_never_panics(&bytes);
    }

    #[test]
    fn near_misses_never_panic(text in nearly_a_manifest()) {
        assert_never_panics(text.as_bytes());
    }

    #[test]
    fn path_flags_and_hosts_never_panic(text in any::<String>()) {
        let _ = split_path_spec(&text);
        let _ = HostPattern::new(&text);
        prop_assert!(!AllowedHosts::default().allows(&text));
    }

    #[test]
    fn globs_match_as_defined(pattern in "[ab.*?]{0,7}[ab*?]", host in "[ab.]{0,9}[ab]") {
        let expected = glob(pattern.as_bytes(), host.as_bytes());
        prop_assert_eq!(HostPattern::new(&pattern).unwrap().matches(&host), expected);
    }
}

#[test]
fn a_hostile_pattern_takes_few_steps() {
    // A matcher that backtracks over every star would need more steps than the universe has time for.
    let pattern = HostPattern::new(&format!("{}b", "a*".repeat(126))).unwrap();
    assert!(!pattern.matches(&"a".repeat(253)));
}
