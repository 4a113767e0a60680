//! Showing a place in a source, as compilers do: the line, and a caret below.

use std::fmt;

/// How many characters of a line are shown: minified files have long ones.
const WIDTH: usize = 100;

/// A place in a file, with the line that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The file's name, relative to the project.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line, or the part of a long one around the place.
    text: String,
    /// How many characters of `text` lie before the place.
    indent: usize,
    /// How many characters are marked, at least one.
    width: usize,
}

impl Excerpt {
    /// The place between two offsets in bytes. Offsets beyond the end stand for the end.
    pub(crate) fn new(file: &str, source: &str, start: usize, end: usize) -> Self {
        let start = boundary(source, start);
        let end = boundary(source, end.max(start));
        let begin = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = source[..begin].matches('\n').count() + 1;
        let text = source[begin..].lines().next().unwrap_or_default();
        let indent = source[begin..start].chars().count();
        let marked = source[start..end].lines().next().unwrap_or_default().chars().count();
        let from = if text.chars().count() > WIDTH { indent.saturating_sub(WIDTH / 2) } else { 0 };
        let text: String = text.chars().skip(from).take(WIDTH).map(visible).collect();
        let width = marked.clamp(1, (text.chars().count() + 1).saturating_sub(indent - from).max(1));
        Self { file: file.to_owned(), line, column: indent + 1, text, indent: indent - from, width }
    }

    /// The place at a line and column, both from 1.
    pub(crate) fn at(file: &str, source: &str, line: usize, column: usize) -> Self {
        let begin: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let line_text = source[begin..].lines().next().unwrap_or_default();
        let within: usize = line_text.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        Self::new(file, source, begin + within, begin + within)
    }
}

/// The next offset that does not split a character.
fn boundary(source: &str, offset: usize) -> usize {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset += 1;
    }
    offset
}

/// Tabs and whatever moves the cursor would put the caret elsewhere.
fn visible(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gap = " ".repeat(number.len());
        writeln!(f, "{gap}--> {}:{}:{}", self.file, self.line, self.column)?;
        writeln!(f, "{gap} |")?;
        writeln!(f, "{number} | {}", self.text.trim_end())?;
        write!(f, "{gap} | {}{}", " ".repeat(self.indent), "^".repeat(self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn the_place_is_marked() {
        let source = "let a = 1;\n\tlet 💛 = oops;\n";
        let at = source.find("oops").unwrap();
        let excerpt = Excerpt::new("a.js", source, at, at + 4);
        assert_eq!((excerpt.line, excerpt.column), (2, 10));
        assert_eq!(excerpt.to_string(), " --> a.js:2:10\n  |\n2 |  let 💛 = oops;\n  |          ^^^^");
        assert_eq!(Excerpt::at("a.js", source, 2, 10).to_string().matches('^').count(), 1);
    }

    #[test]
    fn odd_places() {
        for (source, start, end) in [("", 0, 0), ("x", 9, 12), ("💛", 1, 2), ("a\nb", 1, 3), ("a\r\nb", 3, 4)]
        {
            let text = Excerpt::new("f", source, start, end).to_string();
            assert_eq!(text.matches('^').count(), 1, "{source:?}: {text}");
        }
        let long = "x".repeat(5000);
        let excerpt = Excerpt::new("f", &long, 3000, 3010);
        assert_eq!(excerpt.column, 3001);
        assert!(excerpt.to_string().lines().all(|line| line.len() < 120));
        let _ = Excerpt::at("f", "a\nb", 7, 7);
    }
}
