//! What the macros refuse, and where they point.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parse;
use syn::{Path, Result, parse_quote, parse2};

use crate::{encoding, host_fn, plugin_fn, shared_fn, signature};

fn this() -> Path {
    parse_quote!(::pdk)
}

fn parse<T: Parse>(code: TokenStream) -> T {
    parse2(code).unwrap()
}

fn plugin(function: TokenStream) -> Result<TokenStream> {
    plugin_fn::expand(&this(), &plugin_fn::Options::default(), parse(function))
}

fn shared(function: TokenStream) -> Result<TokenStream> {
    shared_fn::expand(&this(), parse(function))
}

fn host(block: TokenStream) -> Result<TokenStream> {
    host_fn::expand(&this(), &parse(quote!("env")), &parse(block))
}

/// Asserts that an error says this, and points to this code.
#[track_caller]
fn refused(result: Result<TokenStream>, message: &str, code: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), message);
    let place = error.span();
    assert_eq!(place.source_text().as_deref().unwrap_or_default(), code, "the place of: {message}");
}

/// Parses text, so that the tokens know their place in it.
fn code(text: &str) -> TokenStream {
    text.parse().unwrap()
}

#[test]
fn functions_that_no_host_can_call() {
    refused(
        plugin(code("pub async fn f() {}")),
        "a `#[plugin_fn]` function cannot be async: the host waits for it to return",
        "async",
    );
    refused(
        plugin(code("pub fn f<T>(value: T) {}")),
        "a `#[plugin_fn]` function cannot be generic: the host knows no types",
        "T",
    );
    refused(
        plugin(code("pub fn f<const N: usize>() {}")),
        "a `#[plugin_fn]` function cannot be generic: the host knows no constants",
        "N",
    );
    refused(
        plugin(code("pub extern \"C\" fn f() {}")),
        "a `#[plugin_fn]` function has no ABI of its own: the macro chooses one",
        "extern",
    );
    refused(
        plugin(code("pub fn f(&self) {}")),
        "a `#[plugin_fn]` function cannot be a method: the host has no `self`",
        "self",
    );
    refused(
        shared(code("pub fn main() {}")),
        "a `#[shared_fn]` function cannot be called `main`: rename it",
        "main",
    );
}

#[test]
fn several_parameters_without_a_name() {
    refused(
        plugin(code("pub fn f(first: u8, Json(second): Json<u8>) {}")),
        "each of several parameters needs a plain name: it is that of a field of the input, a JSON object",
        "Json(second)",
    );
    assert!(plugin(code("pub fn f(Json(only): Json<u8>) {}")).is_ok());
    assert!(plugin(code("pub fn f<'a>(mut first: u8, r#type: &'a str) {}")).is_ok());
}

#[test]
fn parameters_are_named_as_json_names_them() {
    let written = plugin(code("pub fn f(mut first: u8, r#type: String) {}")).unwrap().to_string();
    assert!(
        written.contains(r#"[& "first" , & "type"]"#) || written.contains(r#"["first" , "type"]"#),
        "{written}"
    );
}

#[test]
fn options() {
    let options = |text: &str| parse2::<plugin_fn::Options>(code(text));
    assert!(options("").is_ok());
    assert!(options("body = plain").is_ok());
    for wrong in ["name = x", "body", "body = 1", "body = a b"] {
        assert!(options(wrong).is_err(), "{wrong}");
    }
    let error = signature::no_arguments(code("body = x")).unwrap_err();
    assert_eq!(error.to_string(), "this attribute takes no arguments");
}

#[test]
fn the_body_stays_beside_the_export() {
    let function = parse(code("pub fn square(number: i64) -> i64 { number * number }"));
    let options = parse2(code("body = square_of")).unwrap();
    let file: syn::File = parse2(plugin_fn::expand(&this(), &options, function).unwrap()).unwrap();
    let syn::Item::Fn(body) = &file.items[0] else { panic!("expected a function") };
    assert_eq!(body.sig.ident, "square_of");
    assert_eq!(body.sig.inputs.len(), 1);
}

#[test]
fn host_functions_that_cannot_be() {
    refused(
        host(code("extern \"C\" { fn f(); }")),
        "expected `extern \"Plugwright\"`, or `extern \"ExtismHost\"` for functions that are unsafe to call",
        "extern \"C\"",
    );
    refused(
        host(code("extern \"Plugwright\" { static X: u8; }")),
        "a host has functions only",
        "static X: u8;",
    );
    refused(
        host(code("extern \"Plugwright\" { fn f(_: u8); }")),
        "a parameter of a host function needs a plain name",
        "_",
    );
    refused(
        host(code("extern \"Plugwright\" { fn f<T>(value: T); }")),
        "a host function cannot be generic: an import has one type",
        "T",
    );
    let module = parse2::<host_fn::Module>(code("env")).err().map(|error| error.to_string());
    assert_eq!(
        module.as_deref(),
        Some("expected the name of a module in quotes, such as `#[host_fn(\"env\")]`")
    );
}

/// Whether the function that is written for a declaration is unsafe to call.
fn is_unsafe(abi: &str, declaration: &str) -> bool {
    let written = host(code(&format!("extern \"{abi}\" {{ {declaration} }}"))).unwrap();
    signature::is_unsafe(&parse::<syn::ItemFn>(written).sig)
}

#[test]
fn host_functions_are_safe_or_not() {
    assert!(is_unsafe("ExtismHost", "fn f();"));
    assert!(!is_unsafe("ExtismHost", "safe fn f();"));
    assert!(!is_unsafe("Plugwright", "fn f();"));
    assert!(is_unsafe("Plugwright", "unsafe fn f();"));
}

#[test]
fn host_functions_have_a_result_if_they_declare_one() {
    let results = |declaration: &str| {
        let written = host(code(&format!("extern \"Plugwright\" {{ {declaration} }}"))).unwrap();
        written.to_string().contains("-> u64 ;")
    };
    assert!(results("fn f() -> String;"));
    assert!(results("fn f() -> host::Result<String>;"));
    assert!(!results("fn f();"));
    assert!(!results("fn f() -> host::Result<()>;"));
}

#[test]
fn encodings() {
    let derive = |text: &str| encoding::to_bytes(&this(), parse(code(text)));
    refused(derive("struct Sum;"), "say how `Sum` is encoded, for instance by `#[encoding(Json)]`", "Sum");
    refused(
        derive("#[encoding(Json)] #[encoding(Msgpack)] struct Sum;"),
        "a type has one encoding: remove this one",
        "#[encoding(Msgpack)]",
    );
    refused(
        derive("#[encoding(1)] struct Sum;"),
        "expected the path of a wrapper, as in `#[encoding(Json)]`",
        "1",
    );
    assert!(derive("#[encoding(Json)] struct Sum<T>(T);").is_ok());
}
