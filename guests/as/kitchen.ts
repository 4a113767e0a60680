// Exports one function for each service of the host that the PDK wraps.
import { Config, Host, LogLevel, Var } from "@extism/as-pdk";
import { outputText } from "./shared";

export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

export function config_get(): i32 {
  const value = Config.get(Host.inputString());
  if (value !== null) outputText(value);
  return 0;
}

export function var_get(): i32 {
  const value = Var.get(Host.inputString());
  if (value !== null) Host.output(value);
  return 0;
}

/** The input is `key=value`; without `=` the key is all of it and the value is empty. */
export function var_set(): i32 {
  const pair = Host.inputString();
  const split = pair.indexOf("=");
  const key = split < 0 ? pair : pair.substring(0, split);
  const value = split < 0 ? "" : pair.substring(split + 1);
  Var.set(key, Uint8Array.wrap(String.UTF8.encode(value)));
  return 0;
}

export function var_remove(): i32 {
  Var.remove(Host.inputString());
  return 0;
}

export function log_all(): i32 {
  const message = Host.inputString();
  Host.log(LogLevel.Debug, message);
  Host.log(LogLevel.Info, message);
  Host.log(LogLevel.Warn, message);
  Host.log(LogLevel.Error, message);
  return 0;
}
