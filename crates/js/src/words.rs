//! Which words a source contains: a rough measure of what it may use.

use std::collections::HashSet;

/// The identifiers of sources, with everything that looks like one: words in comments and in texts, too.
#[derive(Debug, Default)]
pub(crate) struct Words<'a>(HashSet<&'a str>);

impl<'a> Words<'a> {
    pub(crate) fn of(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = HashSet::new();
        for source in sources {
            words.extend(source.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')));
        }
        Self(words)
    }

    pub(crate) fn contain(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    pub(crate) fn contain_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.contain(word))
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_end_where_identifiers_do() {
        let words = Words::of(["a.b(c1, '$d')", "new Date()"]);
        assert!(["a", "b", "c1", "$d", "Date"].iter().all(|word| words.contain(word)));
        assert!(!words.contain_any(&["D", "Dat", "c"]));
    }
}
