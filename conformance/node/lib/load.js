/** Reading the case files. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { InvalidCaseError, check } from './case.js';

/** @typedef {import('./case.js').Case} Case */
/** @typedef {{ topic: string, raw: Case }} LoadedCase A valid case whose placeholders are not filled in yet. */

/**
 * Every case of the `.json` files of a folder, in the order of the files' names.
 *
 * @param {string} folder
 * @returns {LoadedCase[]}
 * @throws {InvalidCaseError} which names the file
 */
export function load(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const cases = files.sort().flatMap((name) => loadFile(path.join(folder, name)));
  const names = cases.map(({ raw }) => raw.name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new InvalidCaseError(`several cases have the same name: ${twice.join(', ')}`);
  return cases;
}

/** @param {string} file @returns {LoadedCase[]} */
function loadFile(file) {
  const topic = path.basename(file, '.json');
  const read = JSON.parse(readFileSync(file, 'utf8'));
  if (Object.keys(read).sort().join() !== 'about,cases,topic' || read.topic !== topic) {
    throw new InvalidCaseError(`${topic}.json: a file has a topic (its own name), what it is about, and cases`);
  }
  return read.cases.flatMap(forEachGuest).map((/** @type {Case} */ raw) => {
    try {
      check(raw);
    } catch (error) {
      throw new InvalidCaseError(`${topic}.json: case \`${raw.name}\`: ${String(error)}`, { cause: error });
    }
    return { topic, raw };
  });
}

/**
 * A case whose `guest` is a list, once for each guest in it, with the guest's name in its own.
 *
 * @param {{ name: string, guest?: string | string[] }} raw
 */
function forEachGuest(raw) {
  const { guest } = raw;
  if (!Array.isArray(guest)) return [raw];
  return guest.map((file) => ({ ...raw, name: `${raw.name} (${path.parse(file).name})`, guest: file }));
}

/**
 * The case's guest, or one that its manifest names, when it has to be built and is not.
 *
 * @param {Case} raw
 * @param {string} guests
 * @returns {string | undefined}
 */
export function unbuiltGuest(raw, guests) {
  const names = raw.guest === undefined ? [] : [raw.guest];
  for (const { path: file = '' } of raw.manifest?.wasm ?? []) {
    if (file.startsWith('{guests}/')) names.push(file.slice('{guests}/'.length));
  }
  return names.find((name) => name.startsWith('build/') && !existsSync(path.join(guests, name)));
}
