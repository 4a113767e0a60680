//! `#[host_fn]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{
    Error, ForeignItem, ForeignItemFn, GenericParam, ItemForeignMod, LitStr, Path, Result, ReturnType, Safety,
};

use crate::shared_fn::argument_is_unit;
use crate::signature;

/// The module that has the functions.
pub(crate) struct Module(String);

impl Parse for Module {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Ok(Self("extism:host/user".to_owned()));
        }
        input.parse::<LitStr>().map(|module| Self(module.value())).map_err(|error| {
            Error::new(error.span(), "expected the name of a module in quotes, such as `#[host_fn(\"env\")]`")
        })
    }
}

/// A function for each declaration of the block.
pub(crate) fn expand(this: &Path, module: &Module, block: &ItemForeignMod) -> Result<TokenStream> {
    let safe = match block.abi.name.as_ref().map(LitStr::value).as_deref() {
        Some("Plugwright") => true,
        Some("ExtismHost") => false,
        _ => {
            return Err(Error::new(
                block.abi.span(),
                "expected `extern \"Plugwright\"`, or `extern \"ExtismHost\"` for functions that are unsafe to call",
            ));
        }
    };
    let mut code = quote!();
    for item in &block.items {
        let ForeignItem::Fn(function) = item else {
            return Err(Error::new(item.span(), "a host has functions only"));
        };
        code.extend(declare(this, &module.0, function, safe)?);
    }
    Ok(code)
}

/// The function that calls the import.
fn declare(this: &Path, module: &str, function: &ForeignItemFn, safe: bool) -> Result<TokenStream> {
    let ForeignItemFn { attrs, vis, sig, .. } = function;
    for parameter in &sig.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            return Err(Error::new(
                parameter.span(),
                "a host function cannot be generic: an import has one type",
            ));
        }
    }
    let mut names = Vec::new();
    for parameter in signature::parameters(&sig.inputs, "host_fn")? {
        let name = signature::name(parameter).ok_or_else(|| {
            Error::new(parameter.pat.span(), "a parameter of a host function needs a plain name")
        })?;
        names.push(name);
    }
    let (name, inputs, generics) = (&sig.ident, &sig.inputs, &sig.generics);
    let import = name.unraw().to_string();
    let (output, result) = match &sig.output {
        ReturnType::Default => (quote!(()), false),
        ReturnType::Type(_, output) => (quote!(#output), !argument_is_unit(output)),
    };
    let unsafety = match sig.safety {
        Safety::Safe(_) => quote!(),
        Safety::Unsafe(_) => quote!(unsafe),
        Safety::Default if safe => quote!(),
        Safety::Default => quote!(unsafe),
    };

    let blocks: Vec<_> = (0..names.len()).map(|index| format_ident!("__plugwright_block_{index}")).collect();
    let offsets = quote!(#(#blocks.offset()),*);
    let import_output = if result { quote!(-> u64) } else { quote!() };
    // SAFETY of what is written: an import of offsets touches nothing of the plug-in's own, whatever it is given. Where the author said
    // `unsafe`, the function around it is.
    let import_call = if result {
        quote!(unsafe { __plugwright_import(#offsets) })
    } else {
        quote!({ unsafe { __plugwright_import(#offsets) }; 0_u64 })
    };
    let output_trait = quote!(<#output as #this::__private::host::Output>);
    Ok(quote! {
        #(#attrs)*
        #vis #unsafety fn #name #generics(#inputs) -> #output_trait::Returned {
            #(
                let #blocks = match #this::__private::host_argument(&#names, #import) {
                    ::core::result::Result::Ok(block) => block,
                    ::core::result::Result::Err(error) => return #output_trait::not_called(error),
                };
            )*
            #[cfg(target_family = "wasm")]
            let offset = {
                #[link(wasm_import_module = #module)]
                unsafe extern "C" {
                    #[link_name = #import]
                    fn __plugwright_import(#(#blocks: u64),*) #import_output;
                }
                #import_call
            };
            #[cfg(not(target_family = "wasm"))]
            let offset = #this::__private::sys::call_host_fn(#module, #import, &[#offsets]);
            #output_trait::read(offset, #import)
        }
    })
}
