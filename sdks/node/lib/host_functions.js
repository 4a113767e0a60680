'use strict';

// Host functions: what a program offers, and how values are passed to them and back.

const { floats, integers } = require('./native');
const { bytesOf } = require('./source');

/** The numbers of WebAssembly's types in the contract's C interface. */
const ValType = Object.freeze({ I32: 0, I64: 1, F32: 2, F64: 3, V128: 4 });
const TYPES = Object.values(ValType);

/** Throws when declared types are none. */
function checkTypes(types, what) {
  if (types === undefined || types === null) return;
  if (Array.isArray(types) && types.every((type) => TYPES.includes(type))) return;
  throw new TypeError(`${what} are a list of types: ValType.I32, I64, F32, F64 or V128`);
}

/**
 * The functions of a program, by modules and names, in a list.
 *
 * @param {Record<string, Record<string, Function | object>>} modules
 * @returns {{ offers: object[], functions: Function[] }}
 */
function linkedFunctions(modules) {
  const offers = [];
  const functions = [];
  for (const [module, named] of Object.entries(modules)) {
    for (const [name, given] of Object.entries(named ?? {})) {
      const { call, params, results, errorsAsValues } = typeof given === 'function' ? { call: given } : (given ?? {});
      if (typeof call !== 'function') throw new TypeError(`the host function \`${module}.${name}\` is not a function`);
      checkTypes(params, `\`params\` of the host function \`${module}.${name}\``);
      checkTypes(results, `\`results\` of the host function \`${module}.${name}\``);
      offers.push({ module, name, params, results, errorsAsValues: Boolean(errorsAsValues) });
      functions.push(call);
    }
  }
  return { offers, functions };
}

/**
 * The parameters that were passed, of these types: 64-bit integers as `bigint`, the others as numbers.
 *
 * @param {number[]} types
 * @returns {(number | bigint)[]}
 */
function passedParams(types) {
  const params = [];
  let place = 0;
  for (const type of types) {
    if (type === ValType.I64) {
      params.push(integers[place]);
    } else if (type === ValType.V128) {
      params.push(BigInt.asUintN(64, integers[place]) | (BigInt.asUintN(64, integers[place + 1]) << 64n));
      place += 1;
    } else {
      params.push(floats[place]);
    }
    place += 1;
  }
  return params;
}

/** A 64-bit integer, which may be given as a number. */
function integer(value, what) {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new TypeError(`${what} is to return a bigint or a whole number, not ${String(value)}`);
}

function putResult(type, value, place, current, what) {
  switch (type) {
    case ValType.I64: {
      // Text and bytes are passed as a block of memory, which the guest gets.
      const isBlock = typeof value === 'string' || bytesOf(value) !== undefined;
      integers[place] = isBlock ? current.store(value) : integer(value, what);
      return place + 1;
    }
    case ValType.V128: {
      const vector = integer(value, what);
      integers[place] = BigInt.asIntN(64, vector);
      integers[place + 1] = BigInt.asIntN(64, vector >> 64n);
      return place + 2;
    }
    case ValType.I32:
      // As JavaScript's own WebAssembly converts it.
      floats[place] = Number(value) | 0;
      return place + 1;
    default:
      floats[place] = Number(value);
      return place + 1;
  }
}

/**
 * Passes what a host function returned.
 *
 * @param {number[]} types
 * @param {unknown} returned A value if there is one result, a list if there are several.
 * @param {object} current The plug-in that gets it.
 * @param {string} name The function's.
 */
function passResults(types, returned, current, name) {
  const what = `the host function \`${name}\``;
  if (types.length === 0) return;
  if (types.length === 1) {
    putResult(types[0], returned, 0, current, what);
    return;
  }
  const values = [...returned];
  if (values.length !== types.length) {
    throw new TypeError(`${what} is to return ${types.length} values, not ${values.length}`);
  }
  // What is stored passes through the same memory as the values.
  const ready = values.map((value, index) =>
    types[index] === ValType.I64 && typeof value !== 'bigint' && typeof value !== 'number' ? current.store(value) : value,
  );
  let place = 0;
  types.forEach((type, index) => {
    place = putResult(type, ready[index], place, current, what);
  });
}

module.exports = { ValType, linkedFunctions, passedParams, passResults };
