// Exported functions are the plug-in's: they take the input of a call, and return its output.
import { kv_read } from "extism:host/user"; // host.d.ts has its types

/** Greets whoever the input names, as the host says. */
export function greet(name) {
  const greeting = kv_read("greeting") ?? "Hello";
  return `${greeting}, ${name}!`;
}
