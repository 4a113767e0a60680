//! The case files themselves: all of them can be read, and what they name exists.

use std::collections::BTreeSet;
use std::path::Path;

use plugwright_conformance::{Server, Source, World, cases_dir, guests_dir, load};

#[test]
fn every_case_is_valid_and_resolves() {
    let server = Server::start().unwrap();
    let topics = load(&cases_dir()).unwrap();
    assert!(topics.len() > 5, "the case files are missing");
    for case in topics.iter().flat_map(|topic| &topic.cases) {
        let world = World::new(&server).unwrap();
        let resolved = case.resolve(&world).unwrap();
        assert_eq!(resolved.name, case.written().name);
        for name in ["{http}", "{http_other}", "{tmp}", "{guests}"] {
            assert!(!format!("{resolved:?}").contains(name), "{name} is left in `{}`", resolved.name);
        }
    }
}

#[test]
fn every_text_guest_exists_and_is_used() {
    let wat = guests_dir().join("wat");
    let mut used = BTreeSet::new();
    for case in load(&cases_dir()).unwrap().iter().flat_map(|topic| &topic.cases) {
        let case = case.written();
        match case.source().unwrap() {
            Source::Guest(guest) => {
                let known = guest.starts_with("wat/") || guest.starts_with("build/");
                assert!(known, "`{}` names {guest}, which is below neither wat/ nor build/", case.name);
                used.insert(guest);
            }
            Source::Bytes(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                used.extend(
                    text.split('"').filter_map(|word| word.strip_prefix("{guests}/")).map(str::to_owned),
                );
            }
        }
    }
    let there: BTreeSet<String> = std::fs::read_dir(&wat)
        .unwrap()
        .map(|entry| format!("wat/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "wat"))
        .collect();
    let used: BTreeSet<String> = used.into_iter().filter(|name| name.starts_with("wat/")).collect();
    assert_eq!(used, there, "left: guests that cases use; right: guests that exist");
}
