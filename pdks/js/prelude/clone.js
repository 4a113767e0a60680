// structuredClone (html.spec.whatwg.org), for everything that exists in a plug-in.
import { define } from "./values.js";

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function refuse(value) {
  const what = typeof value === "function" ? `the function \`${value.name}\`` : typeof value === "symbol" ? String(value) : value.constructor?.name;
  throw new DOMException(`structuredClone: ${what} cannot be cloned`, "DataCloneError");
}

function copyOfView(view, clone) {
  const buffer = clone(view.buffer);
  const length = view instanceof DataView ? view.byteLength : view.length;
  return new (viewConstructor(view))(buffer, view.byteOffset, length);
}

/** The language's own class of a view: a subclass such as Buffer does not survive cloning. */
function viewConstructor(view) {
  return view instanceof DataView ? DataView : globalThis[view[Symbol.toStringTag]];
}

function copyOfError(error, clone) {
  const constructor = ERRORS[error.name] ?? Error;
  const copy = Object.create(constructor.prototype);
  for (const key of ["message", "stack", "cause"]) {
    if (Object.hasOwn(error, key)) {
      Object.defineProperty(copy, key, { value: clone(error[key]), writable: true, configurable: true });
    }
  }
  return copy;
}

function cloned(value, copies) {
  if (typeof value === "function" || typeof value === "symbol") refuse(value);
  if (value === null || typeof value !== "object") return value;
  if (copies.has(value)) return copies.get(value);
  const clone = (item) => cloned(item, copies);
  const keep = (copy) => {
    copies.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) return keep(Object(value.valueOf()));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(copyOfView(value, clone));
  if (value instanceof Error) return keep(copyOfError(value, clone));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, item] of [...value]) copy.set(clone(key), clone(item));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of [...value]) copy.add(clone(item));
    return copy;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) refuse(value);
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) copy[key] = clone(value[key]);
  return copy;
}

define("structuredClone", function structuredClone(value, { transfer = [] } = {}) {
  const copies = new Map();
  for (const buffer of transfer) {
    if (!(buffer instanceof ArrayBuffer)) throw new DOMException("structuredClone: only an ArrayBuffer can be transferred", "DataCloneError");
    copies.set(buffer, buffer.slice(0));
  }
  // An error in the middle must leave what is moved as it was.
  const result = cloned(value, copies);
  for (const buffer of transfer) buffer.transfer();
  return result;
});
