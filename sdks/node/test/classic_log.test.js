'use strict';

/** The file that plug-ins of the classic surface log to. It is the whole process's, so these tests are alone in it. */

const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');

const { Plugin, setLogFile } = require('plugwright/classic');

const GUEST = readFileSync(path.join(process.env.PLUGWRIGHT_GUESTS, 'wat', 'abi_log.wat'));
const folder = mkdtempSync(path.join(tmpdir(), 'plugwright-'));
after(() => rmSync(folder, { recursive: true }));

/** The lines of a file, each as its level and its message; its time has to be one. */
function lines(file) {
  const text = readFileSync(file, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1).map((line) => {
    const [time, level, ...message] = line.split(' ');
    assert.equal(new Date(time).toISOString(), time);
    return [level, message.join(' ')];
  });
}

async function logAll() {
  const plugin = new Plugin(GUEST);
  await plugin.call('log_all');
  plugin.free();
}

test('each plug-in logs to the file, at the level that was chosen when it was made', async () => {
  const [everything, severe, usual] = ['everything', 'severe', 'usual'].map((name) => path.join(folder, name));
  setLogFile(everything, 'trace');
  assert.deepEqual(lines(everything), [], 'the file is made at once');
  const early = new Plugin(GUEST);
  setLogFile(severe, 'error');
  await logAll();
  await early.call('log_all');
  early.free();
  setLogFile(usual);
  await logAll();

  const all = lines(everything);
  assert.deepEqual(all.map(([level]) => level), ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']);
  assert.ok(all.every(([, message]) => message.length > 0));
  assert.deepEqual(lines(severe), all.slice(-1));
  assert.deepEqual(lines(usual), all.slice(-3));
});

test('a file is added to', async () => {
  const file = path.join(folder, 'twice');
  setLogFile(file, 'error');
  await logAll();
  setLogFile(file, 'error');
  await logAll();
  assert.equal(lines(file).length, 2);
});

test('a file that cannot be written to is an error at once, and the one before stays', async () => {
  const file = path.join(folder, 'stays');
  setLogFile(file, 'error');
  assert.throws(() => setLogFile(path.join(folder, 'no such folder', 'log')), { code: 'ENOENT' });
  await logAll();
  assert.equal(lines(file).length, 1);
});
