// Replies of the host's ready-made functions: a status byte, and what belongs to it. Files beside this one are modules of plug-ins, which
// `plugwright build` adds where they are imported.

/** Why something was not done; `code` tells what may be tried again. */
export class CapabilityError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "CapabilityError";
    this.code = code;
  }
}

const unreadable = (why) => new CapabilityError("internal", `the host's reply cannot be read: ${why}; is the host newer than this plug-in's engine?`);

const text = (bytes) => new TextDecoder().decode(bytes);

/** The result in a reply, `null` if there is nothing of that name. */
export function found(reply) {
  switch (reply[0]) {
    case 0:
      return reply.subarray(1);
    case 1:
      return null;
    case 2: {
      const { code, message } = JSON.parse(text(reply.subarray(1)));
      throw new CapabilityError(code, message);
    }
    default:
      throw unreadable("its first byte is no status");
  }
}

/** The result of a function that always gives one. */
export function result(reply) {
  const bytes = found(reply);
  if (bytes === null) throw unreadable("there is no result");
  return bytes;
}

/** The result of a function that says yes or no. */
export const flag = (reply) => result(reply)[0] === 1;

/** The result of a function that gives a number: a bigint beyond 2^53. */
export function number(reply) {
  const bytes = result(reply);
  if (bytes.length !== 8) throw unreadable("it is not a number of 64 bits");
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
  return BigInt.asIntN(54, sum) === sum ? Number(sum) : sum;
}

/** The result of a function that gives JSON. */
export const json = (reply) => JSON.parse(text(result(reply)));

/** A text as it was stored. */
export const textOf = (bytes) => (bytes === null ? null : text(bytes));
