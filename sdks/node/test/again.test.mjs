// The package loaded more than once on a thread, as test runners do that forget modules.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { calling, deferred, guest, lending } from './guests.mjs';

const require = createRequire(import.meta.url);

/** The package, with no module of it loaded before. */
function loaded() {
  for (const file of Object.keys(require.cache)) {
    if (file.includes('plugwright')) delete require.cache[file];
  }
  return require('plugwright');
}

test('copies of the package do not get in each other’s way', async () => {
  const gate = deferred();
  const copies = [loaded(), loaded(), loaded()];
  assert.notEqual(copies[0], copies[1]);
  const options = lending(async (current, offset) => {
    await gate.promise;
    return current.read(offset).bytes();
  }, { runInWorker: true });
  const waiting = await Promise.all(copies.map((createPlugin) => createPlugin(calling, options)));
  const outputs = waiting.map((plugin, index) => plugin.call('run', `waits ${index}`));
  for (const runInWorker of [false, true]) {
    const plugins = await Promise.all(copies.map((createPlugin) => createPlugin(guest('wat/echo.wat'), { runInWorker })));
    for (let calls = 0; calls < 100; calls += 1) {
      const texts = await Promise.all(plugins.map((plugin, index) => plugin.call('echo', `${index} ${calls}`)));
      texts.forEach((output, index) => assert.equal(output.text(), `${index} ${calls}`));
      plugins.forEach((plugin, index) => assert.equal(plugin.callSync('echo', `${index}`).text(), `${index}`));
    }
  }
  gate.resolve();
  (await Promise.all(outputs)).forEach((output, index) => assert.equal(output.text(), `waits ${index}`));
});
