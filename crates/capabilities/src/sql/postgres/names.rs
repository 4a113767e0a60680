//! What a namespace's schema and roles are called.

use crate::Namespace;

/// The names in the server. They need no quotes but double ones: a [`Namespace`] has neither quotes nor backslashes.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// The schema.
    pub(super) schema: String,
    /// The role that reads and writes.
    pub(super) writer: String,
    /// The role that reads. No namespace has a colon, so that none has a writer of this name.
    pub(super) reader: String,
}

impl Names {
    pub(super) fn of(namespace: &Namespace) -> Self {
        // A prefix, so that no namespace is `public` or `pg_catalog`. All are shorter than the server's 63 bytes.
        let schema = format!("plugwright_{namespace}");
        Self { writer: schema.clone(), reader: format!("{schema}:ro"), schema }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_short_enough_and_never_each_others() {
        let long = Names::of(&"x".repeat(48).parse().expect("valid"));
        assert!(long.reader.len() <= 63, "{}", long.reader.len());
        let (shop, shop_ro) =
            (Names::of(&"shop".parse().expect("valid")), Names::of(&"shop_ro".parse().expect("valid")));
        assert_ne!(shop.reader, shop_ro.writer);
    }
}
