/** The surface of the first SDK: `plugwright/classic`. */

import { TYPES } from '../catalogue.js';
import { pluginFailure } from './plugwright.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').Given} Given */
/** @typedef {import('../rule.js').Ability} Ability */

/** @type {Ability[]} */
const ABILITIES = [
  'text',
  'manifestText',
  'hostErrors',
  'asyncHostFunctions',
  'cancel',
  'checkedOffsets',
  'timeLimit',
  'http',
];

/**
 * @param {any} module `plugwright/classic`
 * @returns {Surface}
 */
export function classic(module) {
  return {
    abilities: new Set(ABILITIES),
    // A manifest says what a plug-in may do.
    takesOptions: false,
    async load(given) {
      const plugins = new module.Context();
      const functions = given.functions.map((offered) => hostFunction(module, offered));
      return {
        async make() {
          const plugin = plugins.plugin(given.source, given.options.wasi ?? false, functions);
          const handle = plugin.cancelHandle();
          given.shared.cancel = () => handle.cancel();
          return {
            call: (name, input) => plugin.call(name, input),
            stdout: () => undefined,
            stderr: () => undefined,
            close: async () => plugin.free(),
          };
        },
        close: async () => plugins.free(),
      };
    },
    failure: pluginFailure,
  };
}

/** @param {any} module @param {Given['functions'][number]} offered */
function hostFunction(module, { name, module: namespace, call }) {
  const [inputs, outputs] = (TYPES[name] ?? []).map((types) => types.map((type) => module.ValType[type]));
  /** @param {any} plugin @param {any[]} given @param {any[]} set */
  const callback = (plugin, given, set) => {
    const numbers = given.map(({ t, v }) => [v.i32, v.i64, v.f32, v.f64][t]);
    // The catalogue computes with BigInts where types are.
    const values = numbers.map((number, index) => (given[index].t === module.ValType.I64 ? BigInt(number) : number));
    const returned = call(context(plugin), ...values);
    const take = (/** @type {any} */ result) => {
      const [output] = set;
      if (output?.t === module.ValType.I64) output.v.i64 = result;
      else if (output) output.v.f64 = result;
    };
    return returned instanceof Promise ? returned.then(take) : take(returned);
  };
  const made = new module.HostFunction(name, inputs, outputs, callback);
  return namespace === undefined ? made : made.withNamespace(namespace);
}

/**
 * What the catalogue needs, by what the classic surface has.
 *
 * @param {any} plugin
 * @returns {import('../catalogue.js').Context}
 */
function context(plugin) {
  return {
    read(offset) {
      const view = plugin.memory(offset);
      return { bytes: () => view, text: () => view.toString() };
    },
    store(value) {
      const offset = plugin.memoryAlloc(Buffer.byteLength(value));
      if (typeof value === 'string') plugin.memory(offset).write(value);
      else plugin.memory(offset).set(value);
      return BigInt(offset);
    },
  };
}
