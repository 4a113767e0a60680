// Time and chance: performance, Math.random, crypto.
import * as native from "plugwright:native";
import { define, mustBeBytes } from "./values.js";

define("performance", {
  now: () => native.steadyTime(),
  get timeOrigin() {
    return native.timeOfDay() - native.steadyTime();
  },
  toJSON() {
    return { timeOrigin: this.timeOrigin };
  },
});

Object.defineProperty(Math, "random", { value: function random() {
  return native.random();
}, writable: true, configurable: true, enumerable: false });

/** The most bytes that one call of getRandomValues gives. */
const MOST_RANDOM_BYTES = 65536;

const DIGESTS = { "SHA-1": 1, "SHA-256": 256, "SHA-384": 384, "SHA-512": 512 };

define("crypto", {
  getRandomValues(array) {
    if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
      throw new DOMException("crypto.getRandomValues fills typed arrays of integers", "TypeMismatchError");
    }
    if (array.byteLength > MOST_RANDOM_BYTES) {
      throw new DOMException(`crypto.getRandomValues fills at most ${MOST_RANDOM_BYTES} bytes, not ${array.byteLength}`, "QuotaExceededError");
    }
    native.randomBytes(mustBeBytes(array, "array"));
    return array;
  },
  randomUUID() {
    const bytes = new Uint8Array(16);
    native.randomBytes(bytes);
    // Version 4, variant 1 (RFC 9562).
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = bytes.toHex();
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  },
  subtle: {
    async digest(algorithm, data) {
      const name = String(typeof algorithm === "object" ? algorithm?.name : algorithm).toUpperCase();
      if (!(name in DIGESTS)) {
        throw new DOMException(`crypto.subtle.digest knows ${Object.keys(DIGESTS).join(", ")}, not \`${name}\``, "NotSupportedError");
      }
      return native.digest(DIGESTS[name], mustBeBytes(data, "what crypto.subtle.digest reads")).buffer;
    },
  },
});
