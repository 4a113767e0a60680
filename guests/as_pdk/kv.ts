// A key-value store of the host.
import { Host, Memory, error } from "../../pdks/assemblyscript/plugwright";

@external("extism:host/user", "kv_read")
declare function kv_read(key: u64): u64;
@external("extism:host/user", "kv_write")
declare function kv_write(key: u64, value: u64): void;
@external("env", "hostMemoryGet")
declare function hostMemoryGet(key: u64): u64;

export function kv_get(): i32 {
  Host.outputString(Memory.at(kv_read(Memory.allocateString(Host.inputString()).offset)).toString());
  return 0;
}

export function kv_set(): i32 {
  const pair = Host.inputString();
  const split = pair.indexOf("=");
  if (split < 0) return error("expected key=value");
  const key = Memory.allocateString(pair.substring(0, split));
  kv_write(key.offset, Memory.allocateString(pair.substring(split + 1)).offset);
  return 0;
}

/** The same as `kv_get`, through a function in another module. */
export function env_get(): i32 {
  Host.outputMemory(Memory.at(hostMemoryGet(Memory.allocateBytes(Host.input()).offset)));
  return 0;
}
