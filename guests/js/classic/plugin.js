// In the form of the public tool: CommonJS, types beside it, offsets for host functions.
const { host_echo, host_add, host_mix } = Host.getFunctions();

function count_vowels() {
  const text = Host.inputString();
  const total = Number(Var.get("total") ?? "0");
  const count = (text.match(/[aeiou]/gi) ?? []).length;
  Var.set("total", String(total + count));
  Host.outputString(JSON.stringify({ count, total: total + count, vowels: "aeiouAEIOU" }));
  return 0;
}

function through_host() {
  const block = Memory.fromString(Host.inputString());
  const echoed = Memory.find(host_echo(block.offset));
  Host.outputString(echoed.readString() + host_add(2, 3) + host_mix(1, 2, 0.5, 0.25));
}

function returns_code() {
  Host.outputString("code");
  return 7;
}

module.exports = { count_vowels, through_host, returns_code };
