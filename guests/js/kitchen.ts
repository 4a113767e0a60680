// What a plug-in does with its host, and what can go wrong.
import { distance } from "fastest-levenshtein";
import marked from "./marked.cjs";
import { shout, type Options } from "./lib/text";
import words from "./words.json";

let calls = 0;

interface Greeting {
  message: string;
  from: string;
}

enum Level {
  Low = 1,
  High,
}

export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** The workshop's plug-in. */
export function hello(): I32 {
  const name = Host.inputString();
  console.log(`💛 Hello ${name}`);
  Host.outputString(JSON.stringify({ message: `💛 Hello ${name}`, from: "JavaScript" }));
  return 0;
}

export const greet = (name: string): Greeting => ({ message: "💛 Hello " + name, from: shout("ts", { times: 2 } satisfies Options) });

export function config_get(key: string): string {
  return Config.get(key) ?? "(none)";
}

export function var_get(key: string): string {
  return Var.get(key) ?? "(none)";
}

export function var_set(value: string): void {
  Var.set("v", value);
}

export function log_all(): void {
  console.debug("debug");
  console.log("log", { a: [1] });
  console.info("info");
  console.warn("warn");
  console.error("error");
}

export async function fetched(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

export async function waited(text: string): Promise<string> {
  await new Promise<void>((resolve) => setTimeout(resolve, 1));
  const parts = await Promise.all([1, 2, 3].map(async (n) => n * n));
  return `${text} ${parts.join("+")}`;
}

export function fails(reason: string): never {
  return thrower(reason as string);
}

// The lines that TypeScript takes away must not move those that follow.
type Nothing = {
  nothing: never;
};

function thrower(reason: string): never {
  throw new RangeError(`no: ${reason}`);
}

export async function rejects(): Promise<void> {
  await null;
  throw new Error("later");
}

export function levenshtein(pair: { a: string; b: string }): number {
  return distance(pair.a, pair.b);
}

export function commonjs(text: string): string {
  return marked.mark(text) + words.join(" ") + Level[Level.High];
}

export function counted(): string {
  calls += 1;
  return String(calls);
}

export function loops(): void {
  for (;;) calls += 1;
}

export function recurses(): number {
  return 1 + recurses();
}

export function exhausts(): void {
  const kept = [];
  for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
}

export function catches(): string {
  try {
    return String(recurses());
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Its types are those of the other file. */
export { count } from "./lib/text";
