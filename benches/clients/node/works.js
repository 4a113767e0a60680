/**
 * What is called, and what must come out.
 *
 * @typedef {{
 *   guest: string,
 *   function: string,
 *   input: Uint8Array | string,
 *   functions?: Record<string, Record<string, (context: any, ...numbers: any[]) => unknown>>,
 *   isRight: (output: Uint8Array) => boolean,
 *   creates?: boolean,
 * }} Work
 */

/** So many bytes, none like its neighbours. @param {number} count */
export function payload(count) {
  return Uint8Array.from({ length: count }, (_, index) => (index * 31 + Math.floor(index / 251)) % 256);
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function same(a, b) {
  return Buffer.compare(a, b) === 0;
}

/** A plug-in that copies its input as a PDK does. @param {number} count @returns {Work} */
function copyingEcho(count) {
  const input = payload(count);
  return { guest: 'guests/wat/echo.wat', function: 'echo', input, isRight: (output) => same(output, input) };
}

const TEXT = 'Sixty-four bytes of text, which the plug-in adds up word by word';

/** What `host_text.wat` computes for one call of its host function. */
function sumOfText() {
  const words = new BigUint64Array(Uint8Array.from(Buffer.from(TEXT)).buffer);
  return BigInt.asUintN(64, words.reduce((sum, word) => sum + word, BigInt(TEXT.length)));
}

/** @type {Work} */
const COUNT_VOWELS = {
  guest: 'guests/build/rust_count_vowels.wasm',
  function: 'count_vowels',
  input: 'The quick brown fox jumps over the lazy dog. '.repeat(3),
  isRight: (output) => JSON.parse(Buffer.from(output).toString()).count === 33,
};

/** @type {Record<string, Work>} */
export const WORKS = {
  'empty call': {
    guest: 'benches/guests/empty.wat',
    function: 'empty',
    input: new Uint8Array(),
    isRight: (output) => output.length === 0,
  },
  'copying echo of 64 B': copyingEcho(64),
  'copying echo of 1 MiB': copyingEcho(1 << 20),
  'host function, 64 B of text in and out': {
    guest: 'benches/guests/host_text.wat',
    function: 'run',
    // It calls the host function once.
    input: new Uint8Array(BigUint64Array.of(1n).buffer),
    functions: {
      'extism:host/user': {
        text: (context, offset) => context.store(context.read(offset).text().length === 64 ? TEXT : ''),
      },
    },
    isRight: (output) => output.length === 8 && Buffer.from(output).readBigUInt64LE() === sumOfText(),
  },
  'count vowels, 135 B': COUNT_VOWELS,
  'plug-in from bytes, one call, close': { ...COUNT_VOWELS, creates: true },
};
