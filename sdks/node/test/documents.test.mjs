// The programs in the documents are run as they are printed, each in a folder with the plug-in that it names.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { guest } from './guests.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const documents = process.env.PLUGWRIGHT_DOCS;
if (documents === undefined) throw new Error('run `cargo xtask node`, or say where the guide is by PLUGWRIGHT_DOCS');

/** A plug-in whose function `entry` passes its input to an import, and returns what that returns. */
const passing = (entry, imported) => `(module
  (import "extism:host/user" "${imported}" (func $f (param i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "${entry}") (local $block i64)
    (local.set $block (call $f (call $input)))
    (call $output (local.get $block) (call $length (local.get $block)))))`;

/** A plug-in whose function `handle` returns its input. */
const HANDLING = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "handle") (call $output (call $input) (call $length (call $input)))))`;

/**
 * The documents, with each of their blocks in order: the plug-in by its name, what surrounds the block where that is a part of a program,
 * and what is printed.
 */
const DOCUMENTS = {
  [path.join(documents, 'node-sdk.md')]: [
    { file: 'count_vowels.wasm', plugin: guest('build/rust_count_vowels.wasm'), prints: /^\{ count: 2, total: 2,/ },
    {
      file: 'plugin.wasm',
      text: passing('run', 'lookup'),
      before: `import createPlugin from 'plugwright';
        const database = { get: async (key) => \`the value of \${key}\` };`,
      after: `const plugin = await createPlugin('plugin.wasm', options);
        console.log((await plugin.call('run', 'a key')).text());`,
      prints: /^the value of a key\n$/,
    },
    {
      file: 'plugin.wasm',
      text: HANDLING,
      before: `import { createServer } from 'node:http';
        const server = createServer().listen(0, '127.0.0.1');`,
      after: `const response = await fetch(\`http://127.0.0.1:\${server.address().port}/a/path\`);
        console.log(await response.text());
        server.close();
        server.closeAllConnections();`,
      prints: /^\/a\/path\n$/,
    },
  ],
  [path.join(documents, 'node-classic.md')]: [
    { after: 'console.log(typeof Context, typeof HostFunction, ValType.I64);', prints: /^function function 1\n$/ },
    {
      file: 'plugin.wasm',
      plugin: guest('build/go_say_hello.wasm'),
      prints: /Hello Jane Doe\nkey: hello, value: 👋 Hello World 🌍\nkey: message, value: no such message\n$/,
    },
  ],
  [path.join(path.dirname(fileURLToPath(import.meta.resolve('plugwright'))), '..', 'README.md')]: [
    { file: 'plugin.wasm', text: passing('run', 'greet'), prints: /^Hello, Jane!\n$/ },
  ],
};

for (const [file, programs] of Object.entries(DOCUMENTS)) {
  const name = path.basename(file);
  const blocks = [...(await readFile(file, 'utf8')).matchAll(/^```js\n([^]*?)^```$/gm)].map(([, block]) => block);

  test(`${name}: every program is known`, () => assert.equal(blocks.length, programs.length));

  programs.forEach(({ file: wasm, plugin, text, before = '', after = '', prints }, index) => {
    test(`${name}: program ${index + 1}`, async (context) => {
      // Below the folder of the tests, from where Node.js finds the package.
      const folder = await mkdtemp(path.join(here, 'document-'));
      context.after(() => rm(folder, { recursive: true }));
      if (plugin !== undefined) await copyFile(plugin, path.join(folder, wasm));
      if (text !== undefined) await writeFile(path.join(folder, wasm), text);
      await writeFile(path.join(folder, 'program.mjs'), `${before}\n${blocks[index]}\n${after}\n`);
      const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder, env: environment() });
      assert.match(stdout, prints);
    });
  });
}

/** Programs are not children of a test runner. */
function environment() {
  const { NODE_TEST_CONTEXT: _context, ...others } = process.env;
  return others;
}
