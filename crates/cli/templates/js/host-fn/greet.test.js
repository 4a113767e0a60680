// Calls the built plug-in, with host.wat in place of a host.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

test("greets as the host says", () => {
  const host = ["--link", "extism:host/user=host.wat"];
  const call = ["call", "{{name}}.wasm", "greet", "--input", "Ada"];
  assert.equal(execFileSync("plugwright", call.concat(host), { encoding: "utf8" }), "Good day, Ada!");
});
