// Where plug-ins come from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createHash } from 'node:crypto';

import createPlugin, { PluginError, compile, compileSync, createPluginSync, fromManifestFile, trustedCompiledCode } from 'plugwright';

import { guest, wat } from './guests.mjs';

const module = readFileSync(guest('build/rust_echo.wasm'));
const hash = createHash('sha256').update(module).digest('hex');
let server;
let base;
let folder;

before(async () => {
  server = createServer((request, response) => {
    const found = { '/echo.wasm': ['application/wasm', module], '/manifest': ['application/json', manifest()] }[request.url];
    if (found === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': found[0] }).end(found[1]);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${server.address().port}`;
  folder = await mkdtemp(join(tmpdir(), 'plugwright-'));
});

after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const manifest = () => JSON.stringify({ wasm: [{ url: `${base}/echo.wasm`, hash }] });

/** Loads it and calls it. */
async function works(source, options) {
  const plugin = await createPlugin(source, { useWasi: true, ...options });
  const echo = (await plugin.getExports()).find(({ name }) => name.startsWith('echo'));
  assert.equal((await plugin.call(echo.name, 'it works')).text(), 'it works');
  await plugin.close();
}

test('paths, URLs and bytes', async () => {
  await works(guest('build/rust_echo.wasm'));
  await works(pathToFileURL(guest('build/rust_echo.wasm')));
  await works(pathToFileURL(guest('build/rust_echo.wasm')).href);
  await works(`${base}/echo.wasm`);
  await works(new URL(`${base}/echo.wasm`));
  await works(module);
  await works(new Uint8Array(module));
  await works(new Uint8Array(module).buffer);
  await works(Promise.resolve(module));
});

test('responses', async () => {
  await works(await fetch(`${base}/echo.wasm`));
  await works(fetch(`${base}/manifest`));
  await works({ wasm: [{ response: fetch(`${base}/echo.wasm`) }] });
  await assert.rejects(createPlugin(fetch(`${base}/nothing`)), { kind: 'Load', message: /status 404/ });
  const response = await fetch(`${base}/echo.wasm`);
  assert.throws(() => createPluginSync(response), /a Response is read by a promise/);
  await response.arrayBuffer();
});

test('a program’s own fetch', async () => {
  const asked = [];
  const own = (url) => {
    asked.push(String(url));
    return fetch(`${base}/echo.wasm`);
  };
  await works('https://plugins.invalid/a.wasm', { fetch: own });
  await works({ wasm: [{ url: 'https://plugins.invalid/b.wasm', hash }] }, { fetch: own });
  assert.deepEqual(asked, ['https://plugins.invalid/a.wasm', 'https://plugins.invalid/b.wasm']);
});

test('a program’s own fetch gets what a manifest says of the request', async () => {
  const asked = [];
  const own = (url, init) => {
    asked.push([String(url), init?.method, init?.headers]);
    return fetch(String(url).endsWith('.json') ? `${base}/manifest` : `${base}/echo.wasm`);
  };
  const headers = { authorization: 'Bearer secret' };
  const source = { wasm: [{ url: 'https://plugins.invalid/a.wasm', method: 'POST', headers, hash }] };
  await works(source, { fetch: own });
  await works(JSON.stringify(source), { fetch: own });
  await works('https://plugins.invalid/p.json', { fetch: own });
  assert.deepEqual(asked, [
    ['https://plugins.invalid/a.wasm', 'POST', headers],
    ['https://plugins.invalid/a.wasm', 'POST', headers],
    ['https://plugins.invalid/p.json', undefined, undefined],
    [`${base}/echo.wasm`, undefined, undefined],
  ]);
  await assert.rejects(createPlugin(source, { fetch: () => fetch(`${base}/nothing`) }), { kind: 'Load', message: /status 404/ });
});

test('manifests', async () => {
  await works({ wasm: [{ path: guest('build/rust_echo.wasm') }] });
  await works({ wasm: [{ url: pathToFileURL(guest('build/rust_echo.wasm')) }] });
  await works({ wasm: [{ url: new URL(`${base}/echo.wasm`) }] });
  await works({ wasm: [{ data: module, hash }], memory: { maxPages: 100 }, timeoutMs: 5000, config: { a: 'b' } });
  await works({ wasm: [{ data: module.toString('base64') }], memory: { max_pages: 100 }, timeout_ms: 5000 });
  await works(JSON.stringify({ wasm: [{ path: guest('build/rust_echo.wasm') }] }));
  await works(`${base}/manifest`);
  const toml = join(folder, 'plugin.toml');
  await writeFile(toml, `[[wasm]]\npath = ${JSON.stringify(guest('build/rust_echo.wasm'))}\n`);
  const plugin = await fromManifestFile(toml, { useWasi: true });
  assert.equal(plugin.name, 'plugin');
  await plugin.close();
});

test('a manifest as text may have the names of options', async () => {
  const text = JSON.stringify({
    wasm: [{ data: wat('(memory 20) (func (export "run"))').toString('base64') }],
    allowedHosts: ['example.com'],
    allowedPaths: { '/data': folder },
    timeoutMs: 5000,
    memory: { maxPages: 10 },
  });
  // The limit holds, as it does in an object.
  await assert.rejects(createPlugin(text), { kind: 'OutOfMemory' });
  assert.throws(() => createPluginSync(text), { kind: 'OutOfMemory' });
  await assert.rejects(createPlugin(new Response(text)), { kind: 'OutOfMemory' });
  await createPlugin(text, { memory: { maxPages: 100 } });
  // What is wrong in text is told by its place.
  await assert.rejects(createPlugin('{"wasm": [],, "timeoutMs": 1}'), { kind: 'InvalidManifest', message: /column/ });
  await assert.rejects(createPlugin('{"wasm": [{"path": "a.wasm"}], "timoutMs": 1}'), { kind: 'InvalidManifest' });
});

test('manifests that are not', async () => {
  const bad = [
    [{ wasm: [{ pth: 'x' }] }, { kind: 'InvalidManifest', message: /did you mean `path`/ }],
    [{ wasm: [{ data: module, hash: '0'.repeat(64) }] }, { kind: 'HashMismatch' }],
    [{ wasm: [] }, { kind: 'InvalidManifest' }],
    [{}, TypeError],
    [{ wasm: [null] }, TypeError],
    [42, TypeError],
    [undefined, TypeError],
    [{ wasm: [{ path: '/no/such/file.wasm' }] }, { kind: 'Load' }],
    ['/no/such/file.wasm', { kind: 'Load', message: /no\/such\/file/ }],
    [Buffer.from('not a module'), { kind: 'Compile' }],
    [new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), /give the bytes/],
  ];
  for (const [source, expected] of bad) await assert.rejects(createPlugin(source), expected);
});

test('a memory limit, in options and in manifests', async () => {
  const hungry = wat('(memory 20) (func (export "run"))');
  await assert.rejects(createPlugin(hungry, { memory: { maxPages: 10 } }), { kind: 'OutOfMemory' });
  await assert.rejects(createPlugin({ wasm: [{ data: hungry }], memory: { maxPages: 10 } }), { kind: 'OutOfMemory' });
  await createPlugin({ wasm: [{ data: hungry }], memory: { maxPages: 10 } }, { memory: { maxPages: 100 } });
});

test('compiled once, instantiated often', async () => {
  const compiled = await compile(guest('wat/echo.wat'), { runInWorker: true });
  const plugins = Array.from({ length: 20 }, () => compiled.instantiate());
  const outputs = await Promise.all(plugins.map((plugin, index) => plugin.call('echo', index)));
  assert.deepEqual(outputs.map((output) => output.text()), plugins.map((_, index) => String(index)));
  assert.equal(new Set(plugins.map(({ id }) => id)).size, 20);
  assert.equal(compiled.name, 'echo');
  assert.ok(compiled.functionExists('echo'));
  const pool = compiled.createPool({ max: 2 });
  assert.equal((await pool.call('echo', 'pooled')).text(), 'pooled');
  const again = await compile(trustedCompiledCode(compiled.serialize()));
  assert.equal((await again.instantiate().call('echo', 'again')).text(), 'again');
  await assert.rejects(compile(trustedCompiledCode(new Uint8Array(10))), { kind: 'Incompatible' });
  await pool.close();
  assert.equal(compileSync(guest('wat/echo.wat')).instantiate().callSync('echo', 'sync').text(), 'sync');
});

test('options are checked', async () => {
  const source = wat('(func (export "run"))');
  const bad = [
    [{ useWasm: true }, /there is no option `useWasm`/],
    [{ useWasi: 1 }, /`useWasi` is true or false/],
    [{ config: { a: 1 } }, /`config` is an object of strings/],
    [{ allowedHosts: 'example.com' }, /`allowedHosts` is a list/],
    [{ timeoutMs: -1 }, /`timeoutMs` is a number of milliseconds/],
    [{ memory: { maxPages: 1.5 } }, /`memory.maxPages`/],
    [{ memory: { max: 1 } }, /no option `memory.max`/],
    [{ wasi: { stdout: 'shown' } }, /`wasi.stdout`/],
    [{ logLevel: 'loud' }, /`logLevel` is one of trace/],
    [{ functions: { 'extism:host/user': { f: 1 } } }, /`extism:host\/user.f` is not a function/],
  ];
  for (const [options, message] of bad) {
    await assert.rejects(createPlugin(source, options), message);
    assert.throws(() => createPluginSync(source, options), message);
  }
});

test('WASI: environment, arguments, standard streams, folders', async () => {
  await writeFile(join(folder, 'note.txt'), 'a note');
  const plugin = await createPlugin(guest('build/rust_wasi_command.wasm'), {
    wasi: { stdout: 'capture', stderr: 'capture', args: ['program', 'one'], env: { NAME: 'value' }, stdin: 'input' },
    allowedPaths: { '/data': `ro:${folder}` },
  });
  await plugin.call('_start').catch((error) => assert.ok(error instanceof PluginError));
  assert.ok(plugin.takeStdout().length + plugin.takeStderr().length > 0);
  await assert.rejects(createPlugin(guest('build/rust_wasi_command.wasm')), { kind: 'Link', message: /WASI/i });
  await assert.rejects(createPlugin(wat('(func (export "run"))'), { useWasi: true, allowedPaths: { '/data': '/no/such' } }), {
    kind: 'Load',
  });
});
