//! Plug-ins in JavaScript, from their source to a server: what is served goes on after whatever a request does.

use crate::http;
use crate::serve::Served;
use crate::support::World;

const SOURCE: &str = "\
let calls = 0;

interface Item { id: number; name: string }

export function same(items: Item[]): Item[] {
  calls += items.length;
  return items;
}

export function misbehave(how: string): string {
  if (how === 'loop') for (;;) calls += 1;
  if (how === 'throw') throw new RangeError('told to throw');
  if (how === 'recurse') return misbehave(how) + how;
  if (how === 'exhaust') for (const kept: Uint8Array[] = []; ; ) kept.push(new Uint8Array(1 << 20).fill(1));
  return `${how} done`;
}
";

fn built() -> World {
    let world = World::new();
    world.file("plugin.ts", SOURCE);
    let run = world.run(["build", "plugin.ts"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    world
}

#[test]
fn a_mebibyte_of_json_is_served() {
    let world = built();
    let served = Served::start(&world, &["plugin.wasm", "same", "--content-type", "application/json"]);
    let items: Vec<String> = (0..30_000).map(|id| format!(r#"{{"id":{id},"name":"Zoë 💛 {id}"}}"#)).collect();
    let json = format!("[{}]", items.join(","));
    assert!(json.len() > 1 << 20, "{}", json.len());
    for _ in 0..2 {
        assert!(served.output("/", &json) == json, "other JSON came back");
    }
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}

#[test]
fn what_misbehaves_is_stopped_and_the_next_request_is_served() {
    let world = built();
    let limits = ["plugin.wasm", "misbehave", "--timeout", "3s", "--memory-max-pages", "1024"];
    let served = Served::start(&world, &limits);
    for (how, status, words) in [
        ("throw", 500, "RangeError: told to throw\\n    at misbehave (plugin.ts:12:"),
        ("recurse", 500, "RangeError: Maximum call stack size exceeded\\n    at misbehave (plugin.ts:13:"),
        ("loop", 504, "Timeout"),
        ("exhaust", 507, "OutOfMemory"),
    ] {
        let answer = http::post(&served.url("/"), how);
        assert!(answer.status == status && answer.body.contains(words), "{answer:?}");
        assert_eq!(served.output("/", "well"), "well done");
    }
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
}
