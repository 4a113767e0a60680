//! `#[plugin_fn]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{Error, Ident, ItemFn, PatType, Path, Result, ReturnType, Token, Visibility};

use crate::signature;

/// What stands in the attribute's parentheses.
#[derive(Default)]
pub(crate) struct Options {
    /// The name under which the function that the author wrote stays available.
    body: Option<Ident>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Ok(Self::default());
        }
        let key: Ident = input.parse()?;
        if key != "body" {
            return Err(Error::new(key.span(), "expected `body = name`, or nothing"));
        }
        input.parse::<Token![=]>()?;
        let body = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { body: Some(body) })
    }
}

/// The function that the host calls, with the author's function in it, or beside it if `options` names it.
pub(crate) fn expand(this: &Path, options: &Options, function: ItemFn) -> Result<TokenStream> {
    signature::check(&function.sig, "plugin_fn")?;
    let ItemFn { attrs, vis, mut sig, block, .. } = function;
    let name = sig.ident.clone();
    let parameters = signature::parameters(&sig.inputs, "plugin_fn")?;
    let read = read(this, &parameters)?;
    let arguments = (0..parameters.len()).map(argument);
    let output = match &sig.output {
        ReturnType::Default => name.span(),
        ReturnType::Type(_, output) => output.span(),
    };

    let body = options.body.clone().unwrap_or_else(|| format_ident!("__plugwright_body"));
    sig.ident = body.clone();
    let call = if signature::is_unsafe(&sig) {
        quote!(unsafe { #body(#(#arguments),*) })
    } else {
        quote!(#body(#(#arguments),*))
    };
    let finish = quote_spanned!(output=> __plugwright_kind.finish(__plugwright_value));
    let (within, beside) = match options.body {
        Some(_) => (quote!(), quote!(#vis #sig #block)),
        None => (quote!(#sig #block), quote!()),
    };
    // A private export would be dead code to the native target's compiler.
    let vis = match vis {
        Visibility::Inherited => quote!(#[allow(dead_code)]),
        vis => quote!(#vis),
    };
    let export = signature::export(
        &quote!(#(#attrs)* #vis),
        &quote!(#name() -> i32),
        &quote!({
            #within

            #this::__private::report_panics();
            #read
            let __plugwright_value = #call;
            let __plugwright_kind = {
                #[allow(unused_imports)]
                use #this::__private::{ProbeFallible as _, ProbeFallibleText as _, ProbePlain as _};
                (&&&#this::__private::Probe(&__plugwright_value)).kind()
            };
            #finish
        }),
    );
    Ok(quote!(#beside #export))
}

/// Code that reads the parameters from the input.
fn read(this: &Path, parameters: &[&PatType]) -> Result<TokenStream> {
    let or_fail = |target: TokenStream, value: TokenStream, span: Span| {
        quote_spanned! {span=>
            let #target = match #value {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => return #this::__private::fail(error),
            };
        }
    };
    match parameters {
        [] => Ok(quote!()),
        [parameter] => {
            let span = parameter.ty.span();
            let value = quote_spanned!(span=> #this::__private::argument(&mut __plugwright_input));
            let target = argument(0);
            let read = or_fail(quote!(#target), value, span);
            Ok(quote! {
                let mut __plugwright_input = #this::__private::input();
                #read
            })
        }
        _ => {
            let names = parameters.iter().map(|parameter| field(parameter)).collect::<Result<Vec<_>>>()?;
            let params = format_ident!("__plugwright_params");
            let object = quote!(#this::__private::Params::read(#this::__private::input(), &[#(#names),*]));
            let object = or_fail(quote!(#params), object, Span::call_site());
            let fields = names.iter().zip(parameters).enumerate().map(|(index, (name, parameter))| {
                let span = parameter.ty.span();
                let target = argument(index);
                or_fail(quote!(#target), quote_spanned!(span=> #params.get(#name)), span)
            });
            Ok(quote! {
                #object
                #(#fields)*
            })
        }
    }
}

/// The field of the input that a parameter takes.
fn field(parameter: &PatType) -> Result<String> {
    match signature::name(parameter) {
        Some(name) => Ok(name.unraw().to_string()),
        None => Err(Error::new(
            parameter.pat.span(),
            "each of several parameters needs a plain name: it is that of a field of the input, a JSON object",
        )),
    }
}

/// The variable that holds a parameter's value.
fn argument(index: usize) -> Ident {
    format_ident!("__plugwright_argument_{index}")
}
