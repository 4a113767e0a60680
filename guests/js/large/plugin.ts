// JSON of some MiB: to the host, back, and out.
import { host_echo } from "extism:host/user";

/** Makes so many items, sends them through the host as JSON, and returns what came back. */
export function through_host(count: number): Item[] {
  const items = Array.from({ length: count }, (_, id) => ({ id, name: `Zoë 💛 ${id}`, tags: ["a", "b"] }));
  const back = host_echo(items);
  if (back === items || JSON.stringify(back) !== JSON.stringify(items)) throw new Error("other items came back");
  return back;
}

/** Returns what it gets. */
export function same(items: Item[]): Item[] {
  return items;
}
