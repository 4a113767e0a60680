// Calls the built plug-in, as a host would.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

function greet(...flags) {
  const call = ["call", "{{name}}.wasm", "greet", "--input", "Ada"];
  return execFileSync("plugwright", call.concat(flags), { encoding: "utf8" });
}

test("greets", () => {
  assert.equal(greet(), "Hello, Ada!");
});

test("greets as configured", () => {
  assert.equal(greet("--config", "greeting=Hi"), "Hi, Ada!");
});
