//! The known name that a mistaken one probably stands for.

/// The member of `known` that is most like `name`, if one is like it at all.
pub(crate) fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let most = known.iter().map(|candidate| candidate.len()).max()?;
    // Far too long to be a slip of any known name, and comparing takes time in proportion.
    if name.len() > 2 * most {
        return None;
    }
    known
        .iter()
        .map(|candidate| (edits(&name, candidate), *candidate))
        .filter(|&(edits, candidate)| edits <= (candidate.len() / 3).max(1) || is_part(&name, candidate))
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

/// `timeout` for `timeout_ms`, `hosts` for `allowed_hosts`.
fn is_part(name: &[char], candidate: &str) -> bool {
    name.len() >= 4 && candidate.contains(&name.iter().collect::<String>())
}

/// The insertions, deletions and replacements that turn one text into the other (Levenshtein).
fn edits(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, from) in b.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in a.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_parts_and_nothing_else() {
        let known = &["path", "data", "url", "name", "hash", "headers", "timeout_ms", "allowed_hosts"][..];
        for (name, expected) in [
            ("pth", Some("path")),
            ("Path", Some("path")),
            ("header", Some("headers")),
            ("timeout", Some("timeout_ms")),
            ("allowedHosts", Some("allowed_hosts")),
            ("hosts", Some("allowed_hosts")),
            ("uri", Some("url")),
            ("", None),
            ("version", None),
            ("é", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(1_000_000), known), None);
        assert_eq!(nearest("path", &[]), None);
    }

    #[test]
    fn counts_edits() {
        let count = |a: &str, b: &str| edits(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!([count("", ""), count("", "ab"), count("ab", "")], [0, 2, 2]);
        assert_eq!(count("kitten", "sitting"), 3);
    }
}
