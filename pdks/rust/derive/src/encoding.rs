//! `#[derive(ToBytes)]` and `#[derive(FromBytes)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, DeriveInput, Error, Ident, Path, Result, parse_quote};

/// The implementation of `ToBytes`.
pub(crate) fn to_bytes(this: &Path, item: DeriveInput) -> Result<TokenStream> {
    let encoding = encoding(&item.attrs, &item.ident)?;
    let (name, mut generics) = (item.ident, item.generics);
    let (_, type_generics, _) = generics.split_for_impl();
    let type_generics = quote!(#type_generics);
    generics
        .make_where_clause()
        .predicates
        .push(parse_quote!(for<'__value> #encoding<&'__value Self>: #this::ToBytes<'__value>));
    generics.params.insert(0, parse_quote!('__bytes));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics #this::ToBytes<'__bytes> for #name #type_generics #where_clause {
            type Bytes = #this::__private::Vec<u8>;

            fn to_bytes(&self) -> ::core::result::Result<Self::Bytes, #this::Error> {
                #this::ToBytes::with_bytes(&#encoding(self), <[u8]>::to_vec)
            }

            fn with_bytes<__R>(
                &self,
                f: impl ::core::ops::FnOnce(&[u8]) -> __R,
            ) -> ::core::result::Result<__R, #this::Error> {
                #this::ToBytes::with_bytes(&#encoding(self), f)
            }
        }
    })
}

/// The implementation of `FromBytesOwned`.
pub(crate) fn from_bytes(this: &Path, item: DeriveInput) -> Result<TokenStream> {
    let encoding = encoding(&item.attrs, &item.ident)?;
    let (name, mut generics) = (item.ident, item.generics);
    generics.make_where_clause().predicates.push(parse_quote!(#encoding<Self>: #this::FromBytesOwned));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics #this::FromBytesOwned for #name #type_generics #where_clause {
            fn from_bytes_owned(data: &[u8]) -> ::core::result::Result<Self, #this::Error> {
                let wrapper = <#encoding<Self> as #this::FromBytesOwned>::from_bytes_owned(data)?;
                ::core::result::Result::Ok(wrapper.0)
            }

            fn from_vec(
                data: #this::__private::Vec<u8>,
            ) -> ::core::result::Result<Self, #this::__private::Failure> {
                let wrapper = <#encoding<Self> as #this::FromBytesOwned>::from_vec(data)?;
                ::core::result::Result::Ok(wrapper.0)
            }
        }
    })
}

/// The wrapper that the attribute names.
fn encoding(attributes: &[Attribute], name: &Ident) -> Result<Path> {
    let mut found = attributes.iter().filter(|attribute| attribute.path().is_ident("encoding"));
    let Some(attribute) = found.next() else {
        return Err(Error::new(
            name.span(),
            format!("say how `{name}` is encoded, for instance by `#[encoding(Json)]`"),
        ));
    };
    if let Some(second) = found.next() {
        return Err(Error::new_spanned(second, "a type has one encoding: remove this one"));
    }
    attribute.parse_args().map_err(|error| {
        Error::new(error.span(), "expected the path of a wrapper, as in `#[encoding(Json)]`")
    })
}
