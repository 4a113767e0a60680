// Counts vowels. Shows the three things that most plug-ins use: input and output, configuration (which letters
// count) and a variable (the total over all calls).
import { Config, Host, Var } from "@extism/as-pdk";
import { outputText } from "./shared";

const DEFAULT_VOWELS = "aeiouAEIOU";

function readTotal(): u64 {
  const stored = Var.get("total");
  return stored === null ? 0 : load<u64>(stored.dataStart);
}

function writeTotal(total: u64): void {
  const stored = new Uint8Array(8);
  store<u64>(stored.dataStart, total);
  Var.set("total", stored);
}

function quote(text: string): string {
  return '"' + text.replaceAll("\\", "\\\\").replaceAll('"', '\\"') + '"';
}

export function count_vowels(): i32 {
  const configured = Config.get("vowels");
  const vowels = configured === null ? DEFAULT_VOWELS : configured;
  const text = Host.inputString();
  let count: u64 = 0;
  for (let i = 0; i < text.length; i++) {
    if (vowels.includes(text.charAt(i))) count++;
  }
  const total = readTotal() + count;
  writeTotal(total);
  outputText(`{"count":${count},"total":${total},"vowels":${quote(vowels)}}`);
  return 0;
}
