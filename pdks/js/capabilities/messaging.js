// The message broker that the host granted the plug-in.
import { messaging_publish, messaging_request } from "extism:host/user";
import { CapabilityError, result, textOf } from "./reply.js";

export { CapabilityError };

/** Headers as the host wants them: nothing for none. */
const written = (headers) => (headers === undefined || headers === null ? "" : JSON.stringify(headers));

/** A time to wait as the host wants it: 0 for as long as it lets. */
function millis(options) {
  const timeout = options?.timeout;
  if (timeout === undefined || timeout === null) return 0;
  if (!Number.isSafeInteger(timeout) || timeout < 1) {
    throw new CapabilityError("invalid", "`timeout` is a whole number of milliseconds, 1 or more");
  }
  return timeout;
}

export function publish(subject, payload, options) {
  result(messaging_publish(subject, payload, written(options?.headers)));
}

export const request = (subject, payload, options) => textOf(requestBytes(subject, payload, options));

export const requestBytes = (subject, payload, options) => result(messaging_request(subject, payload, millis(options))).slice();
