//! What the macros ask of every function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Error, FnArg, GenericParam, Ident, Pat, PatType, Result, Safety, Signature, Token};

/// Refuses what a function that is called from outside cannot be; `macro_name` is the attribute that it has.
pub(crate) fn check(signature: &Signature, macro_name: &str) -> Result<()> {
    let refuse = |span, what: &str| Err(Error::new(span, format!("a `#[{macro_name}]` function {what}")));
    if let Some(token) = &signature.asyncness {
        return refuse(token.span, "cannot be async: the host waits for it to return");
    }
    if let Some(abi) = &signature.abi {
        return refuse(abi.extern_token.span, "has no ABI of its own: the macro chooses one");
    }
    for parameter in &signature.generics.params {
        match parameter {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(parameter) => {
                return refuse(parameter.ident.span(), "cannot be generic: the host knows no types");
            }
            GenericParam::Const(parameter) => {
                return refuse(parameter.ident.span(), "cannot be generic: the host knows no constants");
            }
        }
    }
    if signature.ident == "main" {
        return refuse(signature.ident.span(), "cannot be called `main`: rename it");
    }
    Ok(())
}

/// The parameters of a function that is no method.
pub(crate) fn parameters<'a>(
    inputs: &'a Punctuated<FnArg, Token![,]>,
    macro_name: &str,
) -> Result<Vec<&'a PatType>> {
    inputs
        .iter()
        .map(|input| match input {
            FnArg::Typed(parameter) => Ok(parameter),
            FnArg::Receiver(receiver) => Err(Error::new(
                receiver.self_token.span,
                format!("a `#[{macro_name}]` function cannot be a method: the host has no `self`"),
            )),
        })
        .collect()
}

/// The name of a parameter, if it is no other pattern.
pub(crate) fn name(parameter: &PatType) -> Option<&Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

/// Whether a function is declared `unsafe`.
pub(crate) fn is_unsafe(signature: &Signature) -> bool {
    matches!(signature.safety, Safety::Unsafe(_))
}

/// Refuses the arguments of an attribute that takes none.
pub(crate) fn no_arguments(arguments: TokenStream) -> Result<()> {
    if arguments.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(arguments, "this attribute takes no arguments"))
}

/// The function under its own name: on WebAssembly an export; on the native target, where its name may be one of the C library's
/// and a panic must get out, a function like any other.
///
/// `head` is what stands before `fn`, `signature` what stands after it.
pub(crate) fn export(head: &TokenStream, signature: &TokenStream, block: &TokenStream) -> TokenStream {
    quote! {
        #[cfg(target_family = "wasm")]
        #[unsafe(no_mangle)]
        #head extern "C" fn #signature #block

        #[cfg(not(target_family = "wasm"))]
        #head fn #signature #block
    }
}
