// A fallible host function's error, as a value.
import { Host, error } from "../../pdks/assemblyscript/plugwright";

@external("extism:host/user", "host_try_fail")
declare function host_try_fail(): u64;

export function try_fail(): i32 {
  const result = host_try_fail();
  const message = Host.takeError();
  if (result != 0 || message === null) return error("the host function did not fail");
  if (Host.takeError() !== null) return error("asking twice gives the error twice");
  Host.outputString(message);
  return 0;
}
