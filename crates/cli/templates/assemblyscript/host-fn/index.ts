// A plug-in that greets, with a greeting that its host keeps.
import { Host, Memory } from "../pdk/plugwright";

/** The value that the host stores under a key. Both travel as offsets of blocks in kernel memory. */
@external("extism:host/user", "kv_read")
declare function kv_read(key: u64): u64;

/** Greets whoever the input names. The greeting comes from the host's store, and is "Hello" without one. */
export function greet(): i32 {
  const value = Memory.at(kv_read(Memory.allocateString("greeting").offset)).toString();
  const greeting = value.length == 0 ? "Hello" : value;
  Host.outputString(greeting + ", " + Host.inputString() + "!");
  return 0;
}
