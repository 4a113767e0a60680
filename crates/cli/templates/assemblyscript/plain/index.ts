// A plug-in that greets.
import { Config, Host } from "../pdk/plugwright";

/** Greets whoever the input names. The greeting comes from the config, and is "Hello" without one. */
export function greet(): i32 {
  const configured = Config.get("greeting");
  const greeting = configured === null ? "Hello" : configured;
  Host.outputString(greeting + ", " + Host.inputString() + "!");
  return 0;
}
