// What both plug-ins need.
import { Host } from "@extism/as-pdk";

/** Ends the call with a trap: the compiler calls this when a check fails. It must not need imports. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
  unreachable();
}

/** Sets the output. (The PDK's own `outputString` counts UTF-16 units, so it cuts other text than ASCII.) */
export function outputText(text: string): void {
  Host.output(Uint8Array.wrap(String.UTF8.encode(text)));
}
