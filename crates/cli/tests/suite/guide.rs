//! `docs/cli.md`: its examples do what they show, and it mentions every flag.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::World;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn guide() -> String {
    std::fs::read_to_string(repository().join("docs/cli.md")).unwrap()
}

/// The commands of the examples, in order, each with what it prints.
#[cfg(unix)]
fn examples(guide: &str) -> Vec<(&str, String)> {
    let mut examples = Vec::new();
    let mut inside = false;
    for line in guide.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            examples.push((command, String::new()));
        } else if inside && let Some((_, printed)) = examples.last_mut() {
            printed.push_str(line);
            printed.push('\n');
        }
    }
    examples
}

#[cfg(unix)]
#[test]
fn examples_print_what_the_guide_shows() {
    let world = World::new();
    std::os::unix::fs::symlink(
        repository().join("guests").canonicalize().unwrap(),
        world.dir.path().join("guests"),
    )
    .unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_plugwright")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let guide = guide();
    let examples = examples(&guide);
    assert!(examples.len() > 10, "the examples are missing");
    for (command, shown) in examples {
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .env("PATH", &path)
            .current_dir(world.dir.path());
        shell.env("PLUGWRIGHT_CACHE_DIR", crate::support::cache_dir());
        let printed = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        assert_eq!(printed.trim_end(), shown.trim_end(), "$ {command}");
    }
}

#[test]
fn every_flag_is_mentioned() {
    let world = World::new();
    let guide = guide();
    for command in
        [&["call"][..], &["inspect"], &["compile"], &["new"], &["build"], &["manifest", "check"], &["man"]]
    {
        let help = world.run(command.iter().chain(&["--help"]));
        let flags: BTreeSet<&str> = help
            .ok()
            .lines()
            .filter_map(|line| line.trim_start().split_once("--").filter(|(before, _)| before.len() <= 4))
            .map(|(_, flag)| flag.split([' ', '[', '=']).next().unwrap_or_default())
            .collect();
        assert!(flags.len() >= 6, "{flags:?}");
        for flag in flags {
            assert!(guide.contains(&format!("--{flag}")), "{command:?}: --{flag} is not in docs/cli.md");
        }
    }
}
