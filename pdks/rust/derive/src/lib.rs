//! The macros of `plugwright-pdk`. Use them from there; they write code that needs that crate.

use proc_macro::TokenStream;
use quote::ToTokens as _;
use syn::parse_macro_input;

mod encoding;
mod host_fn;
mod plugin_fn;
mod shared_fn;
mod signature;
#[cfg(test)]
mod tests;
mod this_crate;

/// Makes a function one that the host calls, under its own name.
///
/// | parameters | the input is |
/// | --- | --- |
/// | none | not looked at |
/// | one | the value, of any type that implements `FromBytes`; it may borrow, as `&str` does |
/// | several | a JSON object with a field for each, by its name; an `Option` may be missing |
///
/// | return type | the call |
/// | --- | --- |
/// | `FnResult<T>` | gives the value, of any type that implements `ToMemory`, or fails with the error and its code |
/// | `Result<T, E>` | gives the value, or fails with the error, which may be anything that can be shown, such as a `String` |
/// | `T`, nothing | gives the value, or no bytes |
///
/// An error's text, with its causes, becomes the call's error message. A panic ends the call; its text, file and line are in
/// the message.
///
/// ```
/// use plugwright_pdk::{FnResult, Json, plugin_fn};
///
/// #[plugin_fn]
/// pub fn hello(name: String) -> FnResult<String> {
///     Ok(format!("Hello, {name}!"))
/// }
///
/// /// Called with `{"text": "ho", "times": 3}`.
/// #[plugin_fn]
/// pub fn repeat(text: String, times: u8, separator: Option<String>) -> String {
///     vec![text; times.into()].join(&separator.unwrap_or_default())
/// }
///
/// #[plugin_fn]
/// pub fn parse(number: &str) -> Result<Json<i64>, std::num::ParseIntError> {
///     number.parse().map(Json)
/// }
/// ```
///
/// The function itself becomes `fn() -> i32`, as the host calls it: it reads the input and gives the output. `#[plugin_fn(body = name)]` keeps what
/// you wrote as a function beside it, for tests and for other functions:
///
/// ```
/// use plugwright_pdk::plugin_fn;
///
/// #[plugin_fn(body = square_of)]
/// pub fn square(number: i64) -> i64 {
///     number * number
/// }
///
/// assert_eq!(square_of(3), 9);
/// ```
///
/// What cannot be a function of a plug-in does not compile:
///
/// ```compile_fail
/// # use plugwright_pdk::plugin_fn;
/// #[plugin_fn]
/// pub async fn later() {}
/// ```
///
/// ```compile_fail
/// # use plugwright_pdk::plugin_fn;
/// struct Unknown;
///
/// #[plugin_fn]
/// pub fn unknown(_: Unknown) {}
/// ```
#[proc_macro_attribute]
pub fn plugin_fn(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(arguments as plugin_fn::Options);
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(plugin_fn::expand(&this_crate::path(), &options, function))
}

/// Makes a function one that another module of the same plug-in calls, and that hosts do not.
///
/// Parameters and the result are passed in blocks of memory: their types implement `FromBytesOwned` and `ToBytes`. The return
/// type is `SharedFnResult<T>`, `T`, or nothing. The other module declares the function with `#[host_fn]`, naming this one's
/// module. An error or a panic ends the call.
///
/// ```
/// use plugwright_pdk::{SharedFnResult, shared_fn};
///
/// #[shared_fn]
/// pub fn join(left: String, right: String) -> SharedFnResult<String> {
///     Ok(left + &right)
/// }
/// ```
#[proc_macro_attribute]
pub fn shared_fn(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(
        signature::no_arguments(arguments.into())
            .and_then(|()| shared_fn::expand(&this_crate::path(), function)),
    )
}

/// Declares functions of the host, or of another module.
///
/// In a block `extern "Plugwright"` they are safe to call; in `extern "ExtismHost"` they are unsafe, as in plug-ins of the
/// public PDK. `safe fn` and `unsafe fn` choose for one function. The host checks whatever it is given, so both are as safe.
///
/// `#[host_fn("module")]` names the module that has the functions; without it that is `extism:host/user`.
///
/// Arguments are of types that implement `ToMemory`, and are passed in blocks of memory, which are freed after the call. A
/// function declared with `-> T` returns `Result<T, Error>`, where the error says that an argument could not be passed or the
/// result not be read; `T` implements `FromBytesOwned`. Without a return type it returns `Result<(), Error>`. Declared with
/// `-> host::Result<T>` it returns that: the host's own failure as a value.
///
/// ```
/// use plugwright_pdk::{FnResult, host, host_fn, plugin_fn};
///
/// #[host_fn]
/// extern "Plugwright" {
///     fn kv_read(key: &str) -> Option<String>;
///     fn kv_write(key: &str, value: &str) -> host::Result<()>;
/// }
///
/// #[plugin_fn]
/// pub fn swap(key: &str, value: String) -> FnResult<String> {
///     let old = kv_read(key)?;
///     kv_write(key, &value)?;
///     Ok(old.unwrap_or_default())
/// }
/// ```
///
/// A function whose parameters are plain numbers and not blocks is declared as any import:
///
/// ```
/// # #[cfg(target_family = "wasm")]
/// #[link(wasm_import_module = "extism:host/user")]
/// unsafe extern "C" {
///     safe fn scale(value: f64, by: i64) -> f64;
/// }
/// ```
#[proc_macro_attribute]
pub fn host_fn(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let module = parse_macro_input!(arguments as host_fn::Module);
    let block = parse_macro_input!(item as syn::ItemForeignMod);
    finish(host_fn::expand(&this_crate::path(), &module, &block))
}

/// Encodes a type by a wrapper: `#[encoding(Json)]` writes what `Json` of the value would.
///
/// The wrapper is any struct of one value, `Wrapper<T>(pub T)`, where `Wrapper<&Self>` implements `ToBytes`.
///
/// ```
/// use plugwright_pdk::{Json, ToBytes};
///
/// #[derive(serde::Serialize, ToBytes)]
/// #[encoding(Json)]
/// struct Sum {
///     sum: i64,
/// }
///
/// assert_eq!(Sum { sum: 3 }.to_bytes()?, br#"{"sum":3}"#);
/// # Ok::<(), plugwright_pdk::Error>(())
/// ```
#[proc_macro_derive(ToBytes, attributes(encoding))]
pub fn to_bytes(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    finish(encoding::to_bytes(&this_crate::path(), item))
}

/// Decodes a type by a wrapper: `#[encoding(Json)]` reads what `Json` would. It implements `FromBytesOwned`.
///
/// The wrapper is any struct of one value, `Wrapper<T>(pub T)`, where `Wrapper<Self>` implements `FromBytesOwned`.
///
/// ```
/// use plugwright_pdk::{FromBytes, Json};
///
/// #[derive(serde::Deserialize, FromBytes)]
/// #[encoding(Json)]
/// struct Terms {
///     a: i64,
///     b: i64,
/// }
///
/// let terms = Terms::from_bytes(br#"{"a": 1, "b": 2}"#)?;
/// assert_eq!(terms.a + terms.b, 3);
/// # Ok::<(), plugwright_pdk::Error>(())
/// ```
#[proc_macro_derive(FromBytes, attributes(encoding))]
pub fn from_bytes(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    finish(encoding::from_bytes(&this_crate::path(), item))
}

/// The code, or the error where it happened.
fn finish(code: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    code.unwrap_or_else(|error| error.to_compile_error()).into_token_stream().into()
}
