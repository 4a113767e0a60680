//! Writing to standard output, standard error and files.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use anyhow::Context;
use serde::Serialize;

use crate::args::Global;

/// Writes bytes to standard output as they are.
///
/// A reader that has seen enough (`… | head`) is no error.
pub(crate) fn stdout(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Writes text with styles to standard output; they are only for terminals.
pub(crate) fn styled(text: &str) -> anyhow::Result<()> {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never {
        stdout(anstream::adapter::strip_str(text).to_string().as_bytes())
    } else {
        stdout(text.as_bytes())
    }
}

/// Writes a result as JSON to standard output.
pub(crate) fn json(result: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(result).context("cannot write the result as JSON")?;
    text.push(b'\n');
    stdout(&text)
}

pub(crate) fn file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes a file whole or not at all: whoever reads it meanwhile sees what was there before.
pub(crate) fn file_at_once(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut options = tempfile::Builder::new();
    // Else nobody but the user could read it.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = options.prefix(".plugwright-").tempfile_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        Ok(file.persist(path)?)
    });
    written.map(drop).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Tells the user something that is not the result, unless they want quiet.
pub(crate) fn note(message: impl Display, global: &Global) {
    if !global.quiet {
        labelled("note", AnsiColor::Cyan, message);
    }
}

/// Tells the user that something did not work that the result does not depend on.
pub(crate) fn warning(message: impl Display) {
    labelled("warning", AnsiColor::Yellow, message);
}

/// A line on standard error that begins with a coloured label. When standard error is gone, nobody wants to know.
pub(crate) fn labelled(label: &str, colour: AnsiColor, message: impl Display) {
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let _ =
        writeln!(anstream::stderr().lock(), "{style}{label}:{style:#} {}", printable(&message.to_string()));
}

/// A plain line on standard error.
pub(crate) fn line(message: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{}", printable(&message.to_string()));
}

/// One line without control characters, which a plug-in could use to fool a terminal or its reader.
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.lines().map(str::trim_end).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push_str("; ");
        }
        for c in part.chars() {
            match c {
                '\t' => line.push(' '),
                c if c.is_control() => line.extend(c.escape_default()),
                c => line.push(c),
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_line_is_one_line_and_harmless() {
        assert_eq!(printable("  0: f"), "  0: f");
        assert_eq!(printable("one\r\n\ntwo\n"), "one; two");
        assert_eq!(printable("a\u{1b}[2Jb\tc\u{9b}"), "a\\u{1b}[2Jb c\\u{9b}");
        assert_eq!(printable("naïve 💜"), "naïve 💜");
    }
}
