// One function for each service of the host.
import { Config, Host, Http, LogLevel, Var, error, quote } from "../../pdks/assemblyscript/plugwright";

export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

/** Counts vowels: the configuration says which letters count, a variable holds the total over all calls. */
export function count_vowels(): i32 {
  const configured = Config.get("vowels");
  const vowels = configured === null ? "aeiouAEIOU" : configured;
  const text = Host.inputString();
  let count: u64 = 0;
  for (let i = 0; i < text.length; i++) {
    if (vowels.includes(text.charAt(i))) count++;
  }
  const stored = Var.get("total");
  const total = count + (stored === null ? 0 : load<u64>(stored.dataStart));
  const kept = new Uint8Array(8);
  store<u64>(kept.dataStart, total);
  Var.set("total", kept);
  Host.outputString(`{"count":${count},"total":${total},"vowels":${quote(vowels)}}`);
  return 0;
}

export function config_get(): i32 {
  const value = Config.get(Host.inputString());
  if (value !== null) Host.outputString(value);
  return 0;
}

export function var_get(): i32 {
  const value = Var.get(Host.inputString());
  if (value !== null) Host.output(value);
  return 0;
}

export function var_set(): i32 {
  const pair = Host.inputString();
  const split = pair.indexOf("=");
  if (split < 0) return error("expected key=value");
  Var.setString(pair.substring(0, split), pair.substring(split + 1));
  return 0;
}

export function var_remove(): i32 {
  Var.remove(Host.inputString());
  return 0;
}

export function log_all(): i32 {
  const message = Host.inputString();
  for (let level = LogLevel.Trace; level <= LogLevel.Error; level++) Host.log(level, message);
  return 0;
}

export function http_get(): i32 {
  Host.output(Http.get(Host.inputString()).body);
  return 0;
}

export function http_status(): i32 {
  const response = Http.get(Host.inputString());
  const names = response.headers.keys();
  let headers = "";
  for (let i = 0; i < names.length; i++) {
    if (i > 0) headers += ",";
    headers += quote(names[i]) + ":" + quote(response.headers.get(names[i]));
  }
  Host.outputString(`{"status":${response.status},"headers":{${headers}}}`);
  return 0;
}

export function fail_message(): i32 {
  return error(Host.inputString());
}

export function fail_code(): i32 {
  return error("refused with code 42", 42);
}

export function panic(): i32 {
  throw new Error(Host.inputString());
}
