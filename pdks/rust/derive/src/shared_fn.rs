//! `#[shared_fn]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{GenericArgument, ItemFn, Path, PathArguments, Result, ReturnType, Type};

use crate::signature;

/// The function that another module calls, with the author's function in it.
pub(crate) fn expand(this: &Path, function: ItemFn) -> Result<TokenStream> {
    signature::check(&function.sig, "shared_fn")?;
    let ItemFn { attrs, vis, mut sig, block, .. } = function;
    let name = sig.ident.clone();
    let parameters = signature::parameters(&sig.inputs, "shared_fn")?;
    let types = parameters.iter().map(|parameter| &parameter.ty);
    let arguments: Vec<_> =
        (0..parameters.len()).map(|index| format_ident!("__plugwright_argument_{index}")).collect();

    sig.ident = format_ident!("__plugwright_body");
    let body = &sig.ident;
    let call = quote!(#body(#(#this::__private::shared_argument(&#arguments)),*));
    let call = if signature::is_unsafe(&sig) { quote!(unsafe { #call }) } else { call };
    let (output, finish) = if has_result(&sig.output) {
        (quote!(-> u64), quote!(#this::__private::SharedOutput::into_offset(#call)))
    } else {
        (quote!(), quote!(#this::__private::SharedOutput::into_nothing(#call)))
    };
    Ok(signature::export(
        &quote!(#(#attrs)* #vis),
        &quote!(#name(#(#arguments: #this::MemoryPointer<#types>),*) #output),
        &quote!({
            #sig #block

            #this::__private::report_panics();
            #finish
        }),
    ))
}

/// Whether a function gives a block: any return type but `()` and `SharedFnResult<()>`.
fn has_result(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => false,
        ReturnType::Type(_, output) => !is_unit(output) && !argument_is_unit(output),
    }
}

/// Whether a type is `()`.
fn is_unit(of: &Type) -> bool {
    matches!(of, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether a type is something like `Result<()>` or `Result<(), E>`.
pub(crate) fn argument_is_unit(of: &Type) -> bool {
    let Type::Path(path) = of else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    last.ident.to_string().ends_with("Result")
        && matches!(arguments.args.first(), Some(GenericArgument::Type(first)) if is_unit(first))
}
