import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin from 'plugwright';

import { guest } from './guests.mjs';

test('a call returns the output', async () => {
  const plugin = await createPlugin(guest('wat/echo.wat'));
  assert.equal((await plugin.call('echo', 'hello')).text(), 'hello');
  await plugin.close();
});
