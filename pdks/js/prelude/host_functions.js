// The plug-in's host functions as JavaScript functions: values become numbers and blocks, and back.
import * as native from "plugwright:native";
import { MemoryHandle } from "./memory.js";
import { blockOf, mustBeBytes, toJSON } from "./values.js";

const RAW = { i32: "i", i64: "l", f32: "f", f64: "d" };

let byName = {};
let byModule = {};

/** All of them, by name. */
export const hostFunctions = () => byName;

/** Those of one WebAssembly module, by name. */
export const hostModule = (module) => byModule[module] ?? {};

/** Makes them from the request's list; their place in it is the index that the engine calls them by. */
export function declareHostFunctions(list) {
  byName = {};
  byModule = {};
  for (const [index, declared] of list.entries()) {
    const made = hostFunction(index, declared);
    byName[declared.name] = made;
    (byModule[declared.module] ??= {})[declared.name] = made;
  }
}

/** What is passed for an argument: a number, or the offset of a block, which is put on the list of those to free. */
function passed(type, value, blocks, what) {
  let block;
  switch (type) {
    case "string":
      block = native.blockOfText(String(value));
      break;
    case "bytes":
      block = typeof value === "string" ? native.blockOfText(value) : native.blockOfBytes(mustBeBytes(value, what));
      break;
    case "json":
      block = native.blockOfText(toJSON(value, what));
      break;
    case "i64":
      if (typeof value === "number" || typeof value === "bigint") return value;
      if (value instanceof MemoryHandle) return value.offset;
      if (typeof value === "boolean") return Number(value);
      block = blockOf(value, what);
      break;
    default:
      return Number(value);
  }
  if (block !== 0) blocks.push(block);
  return block;
}

function returned(type, value) {
  switch (type) {
    case "string":
      return value === 0 ? "" : taken(value, native.blockText);
    case "string?":
      return value === 0 ? null : taken(value, native.blockText);
    case "bytes":
      return value === 0 ? new Uint8Array(0) : taken(value, native.blockBytes);
    case "bytes?":
      return value === 0 ? null : taken(value, native.blockBytes);
    case "json":
      return value === 0 ? null : JSON.parse(taken(value, native.blockText));
    default:
      return value;
  }
}

/** The block that a host function returns belongs to the plug-in. */
function taken(block, read) {
  const value = read(block);
  native.blockFree(block);
  return value;
}

function hostFunction(index, { name, parameters, result }) {
  const types = parameters.map((type) => RAW[type] ?? "l").join("");
  const resultType = result === null || result === undefined ? "" : (RAW[result] ?? "l");
  const call = (...values) => {
    if (values.length < parameters.length) {
      throw new TypeError(`the host function \`${name}\` has ${parameters.length} parameters (${parameters.join(", ")}), ${values.length} were given`);
    }
    const blocks = [];
    try {
      const numbers = parameters.map((type, i) => passed(type, values[i], blocks, `argument ${i + 1} of \`${name}\``));
      return returned(result, native.callHost(index, resultType, types, numbers));
    } finally {
      // The host reads what it is handed and leaves it to the plug-in.
      for (const block of blocks) native.blockFree(block);
    }
  };
  Object.defineProperty(call, "name", { value: name });
  return call;
}
