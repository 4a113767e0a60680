//! Under which name a plug-in knows the PDK.

use proc_macro_crate::{FoundCrate, crate_name};
use quote::format_ident;
use syn::{Path, parse_quote};

/// What a plug-in may depend on: the PDK, whatever its Cargo.toml calls it, and the PDK under the public one's name.
const PACKAGES: [&str; 2] = ["plugwright-pdk", "extism-pdk"];

/// The path of the crate.
///
/// A plug-in whose Cargo.toml names neither has it from a library that hands it on. Then it is whatever the plug-in calls
/// `extism_pdk`, as it is for the macros of the public PDK.
pub(crate) fn path() -> Path {
    for package in PACKAGES {
        match crate_name(package) {
            Ok(FoundCrate::Name(name)) => {
                let name = format_ident!("{name}");
                return parse_quote!(::#name);
            }
            Ok(FoundCrate::Itself) => {
                let name = format_ident!("{}", package.replace('-', "_"));
                return parse_quote!(::#name);
            }
            Err(_) => {}
        }
    }
    parse_quote!(extism_pdk)
}
