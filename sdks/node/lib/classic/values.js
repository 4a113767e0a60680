'use strict';

/** The numbers that guests and host functions pass each other, as programs of the first SDK see them: `value.v.i64`. */

/** Types of values, by the numbers of the contract's C interface; as an `enum` of TypeScript, names by numbers as well. */
const ValType = { I32: 0, I64: 1, F32: 2, F64: 3, V128: 4, FuncRef: 5, ExternRef: 6 };
for (const [name, number] of Object.entries(ValType)) ValType[number] = name;
Object.freeze(ValType);

const { I32, I64, F32, F64 } = ValType;

/** The property of `v` that a value of each type has; there are no others that a host function can have. */
const PROPERTIES = ['i32', 'i64', 'f32', 'f64'];

/** What is in a value: one property, that of its type. The others are undefined and cannot be set. */
class Union {
  #type;
  #value;

  constructor(type, value) {
    this.#type = type;
    this.#value = value;
  }

  get i32() {
    return this.#get(I32);
  }

  set i32(value) {
    this.#set(I32, value);
  }

  /** A number where that is exact, else a BigInt. */
  get i64() {
    const value = this.#get(I64);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  set i64(value) {
    this.#set(I64, value);
  }

  get f32() {
    return this.#get(F32);
  }

  set f32(value) {
    this.#set(F32, value);
  }

  get f64() {
    return this.#get(F64);
  }

  set f64(value) {
    this.#set(F64, value);
  }

  /** The value as the engine has it. */
  static engineValue(union) {
    return union.#value;
  }

  #get(type) {
    return type === this.#type ? this.#value : undefined;
  }

  #set(type, value) {
    if (type !== this.#type) {
      const own = PROPERTIES[this.#type];
      throw new TypeError(`the value is of type ${own}: set v.${own}, not v.${PROPERTIES[type]}`);
    }
    this.#value = engineValue(type, value);
  }
}

/** A value with its type. */
class Val {
  constructor(type, value) {
    this.t = type;
    this.v = new Union(type, value);
  }
}

/** What the engine gets for a value that a program has set. */
function engineValue(type, value) {
  if (type === I64) {
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
    // Signed or unsigned.
    if (whole && value >= -(2n ** 63n) && value < 2n ** 64n) return BigInt.asIntN(64, BigInt(value));
    throw unfit(type, 'a BigInt of 64 bits or a safe whole number', value);
  }
  if (typeof value !== 'number') throw unfit(type, 'a number', value);
  if (type !== I32) return value;
  if (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32) return value | 0;
  throw unfit(type, 'a whole number of 32 bits', value);
}

function unfit(type, wanted, value) {
  const simple = value === null || ['number', 'bigint', 'undefined', 'boolean'].includes(typeof value);
  return new TypeError(
    `v.${PROPERTIES[type]} can be set to ${wanted}, not to ${simple ? String(value) : `a value of type ${typeof value}`}`,
  );
}

/** The values that a host function gets. */
function inputsOf(types, values) {
  return types.map((type, index) => new Val(type, values[index]));
}

/** The values that a host function is to set; 0 until then. */
function outputsOf(types) {
  return types.map((type) => new Val(type, type === I64 ? 0n : 0));
}

/**
 * What the engine gets for the outputs of a host function. A program may have put an input in the place of an output.
 *
 * @throws {TypeError} when something else is there, or a value of another type
 */
function resultsOf(types, outputs) {
  return types.map((type, index) => {
    const output = outputs[index];
    if (!(output instanceof Val) || output.t !== type) {
      throw new TypeError(`outputs[${index}] has to be a value of type ${PROPERTIES[type]}: set outputs[${index}].v`);
    }
    return Union.engineValue(output.v);
  });
}

/**
 * The types of a host function.
 *
 * @throws {TypeError} when one is not a number's
 */
function checkedTypes(types, what) {
  const list = Array.from(types ?? []);
  for (const type of list) {
    if (PROPERTIES[type] === undefined) {
      throw new TypeError(`the ${what} of a host function are of types ValType.I32, I64, F32 and F64, not ${String(type)}`);
    }
  }
  return list;
}

module.exports = { ValType, checkedTypes, inputsOf, outputsOf, resultsOf };
