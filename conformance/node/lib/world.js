/** The surroundings of a case: its web server, its temporary folder, the guests. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the placeholders of a case stand for. */
export class World {
  /** @param {import('./server.js').Server} server @param {string} guests */
  constructor(server, guests) {
    this.guests = guests;
    this.folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
    /** @type {[string, string][]} */
    this.placeholders = [
      ['{http}', server.url],
      ['{http_other}', server.otherUrl],
      ['{tmp}', this.folder],
      ['{guests}', guests],
    ];
  }

  /**
   * Creates the files of a case in the temporary folder, and the folders that they lie in.
   *
   * @param {Record<string, string>} files
   */
  create(files) {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /**
   * The same value with the placeholders in all its texts replaced, keys included.
   *
   * @template T
   * @param {T} value
   * @returns {T}
   */
  fill(value) {
    return /** @type {T} */ (this.#filled(value));
  }

  /** @param {unknown} value @returns {unknown} */
  #filled(value) {
    if (typeof value === 'string') {
      return this.placeholders.reduce((text, [name, meaning]) => text.replaceAll(name, meaning), value);
    }
    if (Array.isArray(value)) return value.map((item) => this.#filled(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#filled(key), this.#filled(item)]),
    );
  }

  /** Removes the temporary folder. */
  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
