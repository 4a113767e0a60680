//! Under which name a plug-in knows `plugwright-pdk`.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::Span;
use quote::format_ident;
use syn::{Path, Result, parse_quote};

/// The path of the crate, whatever the plug-in's Cargo.toml calls it.
pub(crate) fn path() -> Result<Path> {
    match crate_name("plugwright-pdk") {
        Ok(FoundCrate::Itself) => Ok(parse_quote!(::plugwright_pdk)),
        Ok(FoundCrate::Name(name)) => {
            let name = format_ident!("{name}");
            Ok(parse_quote!(::#name))
        }
        Err(error) => Err(syn::Error::new(
            Span::call_site(),
            format!("add `plugwright-pdk` to the dependencies of this package: {error}"),
        )),
    }
}
