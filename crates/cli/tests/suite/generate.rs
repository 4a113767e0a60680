//! Completions, manual pages, help and version.

use crate::support::World;

#[test]
fn completions_for_each_shell() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world.run(["completions", shell]);
        for word in ["plugwright", "inspect", "trust-compiled"] {
            assert!(script.ok().contains(word), "{shell}: no {word}");
        }
    }
    world.run(["completions", "cmd"]).fails(1, &["cmd"]);
}

#[test]
fn manual_pages() {
    let world = World::new();
    assert!(world.run(["man"]).ok().contains(".TH plugwright 1"));
    let page = world.run(["man", "call"]);
    assert!(
        page.ok().contains(".TH plugwright-call 1") && page.ok().contains("trust\\-compiled"),
        "{}",
        page.ok()
    );
    assert!(world.run(["man", "manifest", "check"]).ok().contains(".TH plugwright-manifest-check 1"));
    world.run(["man", "dance"]).fails(1, &["no command `dance`"]);
    world.run(["man", "--dir", "pages"]).ok();
    let pages = std::fs::read_dir(world.dir.path().join("pages")).unwrap().count();
    assert!(pages >= 8, "{pages}");
}

#[test]
fn help_and_version() {
    let world = World::new();
    assert_eq!(world.run(["--version"]).ok(), format!("plugwright {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["call", "inspect", "compile", "new", "build", "manifest", "completions", "man"] {
        assert!(world.run(["--help"]).ok().contains(command));
        world.run([command, "--help"]).ok();
    }
    // Without a command the help says what there is, and the exit code that it was not enough.
    let run = world.run::<&str>([]);
    assert_eq!((run.code, run.stdout.len()), (Some(1), 0));
    assert!(run.stderr.contains("Usage:"));
}
