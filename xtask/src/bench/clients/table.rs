//! The result, for the terminal and for the user guide.

use std::process::Command;

use anyhow::Result;

use crate::bench::clients::{Row, first_line};
use crate::bench::page;
use crate::toolchain::{Java, Python};

const HEADINGS: [&str; 5] = ["client", "call", "public", "ours", "public/ours"];

/// A table whose columns are aligned: words to the left, figures to the right.
pub(super) fn text(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for [client, call, public, ours, ratio] in &lines {
        let [a, b, c, d, e] = widths;
        text += &format!("{client:a$}  {call:b$}  {public:>c$}  {ours:>d$}  {ratio:>e$}\n");
    }
    text
}

/// A section of the guide.
pub(super) fn section(rows: &[Row], versions: &str) -> String {
    let line = |cells: [String; 5]| format!("| {} |\n", cells.join(" | "));
    let mut section = format!(
        "## From other languages\n\n\
         The same programs call a plug-in by the public library and by ours (`libplugwright`), in turns. A sample is the best of \
         three batches, a figure the median of the samples, a ratio the median of the rounds' ratios.\n\n\
         {versions}\n\n"
    );
    section += &line(HEADINGS.map(str::to_owned));
    section += "| --- | --- | ---: | ---: | ---: |\n";
    section.extend(rows.iter().map(|row| line(cells(row))));
    section
}

/// What took part, in one line.
pub(super) fn versions(python: &Python, java: &Java) -> Result<String> {
    const PACKAGES: &str = "import importlib.metadata as m; print('package `extism` ' + m.version('extism') + ', library ' + m.version('extism-sys'))";
    let python_version = first_line(Command::new("python3").arg("--version"))?;
    let packages = first_line(python.command().args(["-c", PACKAGES]))?;
    let java = first_line(java.java().arg("--version"))?;
    let compiler = first_line(Command::new("cc").arg("--version"))?;
    let commit = page::commit()?;
    Ok(format!("{python_version}, {packages}; {java}; {compiler}; Plugwright {commit}."))
}

fn cells(row: &Row) -> [String; 5] {
    [
        row.client.to_owned(),
        row.work.to_owned(),
        time(row.public),
        time(row.ours),
        format!("{:.1}", row.ratio),
    ]
}

/// A time with three digits or more, and its unit.
pub(in crate::bench) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e5 => format!("{:.2} µs", nanoseconds / 1e3),
        ..1e6 => format!("{:.0} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, section, text, time};

    fn rows() -> [Row; 2] {
        let row = |client, public| Row { client, work: "empty call", public, ours: 60.0, ratio: 12.34 };
        [row("C", 12_345.0), row("Python", 7.0)]
    }

    #[test]
    fn columns_are_aligned() {
        let expected = "\
            client  call          public   ours  public/ours\n\
            C       empty call  12.35 µs  60 ns         12.3\n\
            Python  empty call      7 ns  60 ns         12.3\n";
        assert_eq!(text(&rows()), expected);
    }

    #[test]
    fn the_guide_has_a_row_for_each() {
        let section = section(&rows(), "Python 3");
        assert!(section.contains("| C | empty call | 12.35 µs | 60 ns | 12.3 |\n"), "{section}");
        assert!(section.contains("\n\nPython 3\n\n| client |"), "{section}");
    }

    #[test]
    fn times_have_units() {
        let times = [5.0, 999.0, 1000.0, 99_994.0, 123_456.0, 1.5e6].map(time);
        assert_eq!(times, ["5 ns", "999 ns", "1.00 µs", "99.99 µs", "123 µs", "1.50 ms"]);
    }
}
