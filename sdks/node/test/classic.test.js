'use strict';

/** The classic surface: what programs of the first SDK do, and what they may not. */

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const { PluginError } = require('plugwright');
const { Context, HostFunction, Plugin, ValType, extismVersion, withContext } = require('plugwright/classic');

const GUEST = readFileSync(path.join(__dirname, 'classic.guest.wat'));
const { I32, I64, F32, F64 } = ValType;

/** Does nothing: for imports that a test does not look at. */
const NUMBERS = new HostFunction('numbers', [I32, I64, F32, F64], [F64], () => {});
const TWO = new HostFunction('two', [], [I32, I64], () => {});

/** A plug-in whose import `text` is `callback`. */
function withText(callback, ...userData) {
  return new Plugin(GUEST, false, [new HostFunction('text', [I64], [I64], callback, ...userData), NUMBERS, TWO]);
}

/** Asserts that a call ends with this kind of error, and returns it. */
async function rejected(promise, kind) {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason) => reason,
  );
  assert.ok(error instanceof PluginError, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}

test('a host function reads a block, allocates, writes and returns the offset', async () => {
  const plugin = withText((current, inputs, outputs) => {
    const key = current.memory(inputs[0].v.i64);
    assert.ok(Buffer.isBuffer(key));
    const answer = `${key.toString()} 🌍`;
    const offset = current.memoryAlloc(Buffer.byteLength(answer));
    assert.equal(typeof offset, 'number');
    assert.equal(current.memoryLength(offset), Buffer.byteLength(answer));
    current.memory(offset).write(answer);
    outputs[0].v.i64 = offset;
  });
  const output = await plugin.call('through_text', 'hello');
  assert.ok(Buffer.isBuffer(output));
  assert.equal(output.toString(), 'hello 🌍');
  plugin.free();
});

test('an offset may be a BigInt', async () => {
  const plugin = withText((current, inputs, outputs) => {
    assert.equal(current.memory(BigInt(inputs[0].v.i64)).toString(), 'hello');
    outputs[0].v.i64 = BigInt(inputs[0].v.i64);
  });
  assert.equal((await plugin.call('through_text', 'hello')).toString(), 'hello');
});

test('an input can be put in the place of an output', async () => {
  const plugin = withText((_, inputs, outputs) => {
    outputs[0] = inputs[0];
  });
  assert.equal((await plugin.call('through_text', 'the same')).toString(), 'the same');
});

test('a view is live: the guest sees what was written, and so do other views of the block', async () => {
  const plugin = withText((current, inputs) => {
    const offset = inputs[0].v.i64;
    current.memory(offset).fill('x', 0, 2);
    assert.equal(current.memory(offset).toString(), 'xxcd');
    current.memory(BigInt(offset)).subarray(3)[0] = 0x21;
  });
  assert.equal((await plugin.call('changed_in_place', 'abcd')).toString(), 'xxc!');
});

test('helpers of later versions', async () => {
  const plugin = withText((current, inputs, outputs) => {
    assert.deepEqual(current.inputBytes(inputs[0]), Buffer.from('in'));
    current.returnString(outputs[0], `${current.inputString(inputs[0])} and out`);
  });
  assert.equal((await plugin.call('through_text', 'in')).toString(), 'in and out');
  const bytes = withText((current, _, outputs) => current.returnBytes(outputs[0], Buffer.from([0, 255])));
  assert.deepEqual(await bytes.call('through_text', 'in'), Buffer.from([0, 255]));
});

test('values of all types, and several results', async () => {
  const numbers = new HostFunction('numbers', [I32, I64, F32, F64], [F64], (_, inputs, outputs) => {
    assert.deepEqual(
      inputs.map(({ t }) => t),
      [I32, I64, F32, F64],
    );
    const [i32, i64, f32, f64] = inputs.map(({ v }) => v);
    assert.deepEqual([i32.i32, i64.i64, f32.f32, f64.f64], [-1, 2n ** 63n - 1n, 0.5, -0.25]);
    assert.equal(i32.i64, undefined);
    outputs[0].v.f64 = 2.5;
  });
  const two = new HostFunction('two', [], [I32, I64], (_, inputs, outputs) => {
    assert.deepEqual(inputs, []);
    // Unsigned, too.
    outputs[0].v.i32 = 2 ** 32 - 7;
    outputs[1].v.i64 = 2n ** 63n;
  });
  const plugin = new Plugin(GUEST, false, [numbers, two, new HostFunction('text', [I64], [I64], () => {})]);
  await plugin.call('through_numbers', '');
  await plugin.call('through_two', '');
});

test('what does not fit an output is an error that says what does', async () => {
  for (const [set, message] of [
    [(v) => (v.i64 = 1.5), /v\.i64 can be set to a BigInt of 64 bits or a safe whole number, not to 1\.5/],
    [(v) => (v.i64 = 2n ** 64n), /v\.i64 can be set to/],
    [(v) => (v.i64 = undefined), /not to undefined/],
    [(v) => (v.i64 = '1'), /not to a value of type string/],
    [(v) => (v.i32 = 1), /set v\.i64, not v\.i32/],
  ]) {
    const plugin = withText((_, __, outputs) => {
      set(outputs[0].v);
    });
    const error = await rejected(plugin.call('through_text', 'x'), 'HostFunction');
    assert.match(error.message, message);
    assert.ok(error.cause instanceof TypeError);
  }
  const plugin = withText((_, __, outputs) => {
    outputs[0] = 5;
  });
  assert.match((await rejected(plugin.call('through_text', 'x'), 'HostFunction')).message, /outputs\[0\] has to be/);
});

test('user data follows the values', async () => {
  const data = { some: 'thing' };
  let got;
  const plugin = withText((current, inputs, outputs, ...userData) => (got = userData) && undefined, 'first', data);
  await plugin.call('changed_in_place', 'x');
  assert.deepEqual(got, ['first', data]);
  assert.equal(got[1], data);
});

test('a view that was kept gives nothing when the host function has ended', async () => {
  const kept = [];
  const plugin = withText((current, inputs) => {
    const view = current.memory(inputs[0].v.i64);
    kept.push(view, view.subarray(1));
  });
  await plugin.call('changed_in_place', 'secret');
  const [view, part] = kept;
  for (const use of [
    () => view.toString(),
    () => view.length,
    () => view.write('x'),
    () => view.readUInt8(0),
    () => Buffer.from(view),
    () => [...view],
  ]) {
    assert.throws(use, String(use));
  }
  assert.throws(() => view.toString(), /the host function has ended/);
  assert.equal(view[0], undefined);
  assert.equal(part.length, 0);
  assert.equal(part[0], undefined);
});

test('a plug-in that was kept gives nothing when the host function has ended', async () => {
  let kept;
  const plugin = withText((current) => {
    kept = current;
  });
  await plugin.call('changed_in_place', 'x');
  for (const use of [() => kept.memory(8), () => kept.memoryAlloc(8), () => kept.memoryFree(8), () => kept.memoryLength(8)]) {
    assert.throws(use, /ended/, String(use));
  }
});

test('a callback may be asynchronous, and its views last as long as it does', async () => {
  let kept;
  const plugin = withText(async (current, inputs, outputs) => {
    const view = current.memory(inputs[0].v.i64);
    kept = view;
    await new Promise((resolve) => setImmediate(resolve));
    view.write('later');
    outputs[0].v.i64 = inputs[0].v.i64;
  });
  assert.equal((await plugin.call('through_text', 'first')).toString(), 'later');
  assert.throws(() => kept.toString(), /the host function has ended/);
});

test('freeing a block ends its view', async () => {
  const plugin = withText((current) => {
    const offset = current.memoryAlloc(16);
    const view = current.memory(offset);
    current.memoryFree(offset);
    assert.throws(() => view.toString());
    assert.throws(() => current.memory(offset), { kind: 'Contract' });
  });
  await plugin.call('changed_in_place', 'x');
});

test('where no block begins there is no view', async () => {
  const plugin = withText((current, inputs) => current.memory(inputs[0].v.i64) && undefined);
  await rejected(plugin.call('interior', 'abcd'), 'Contract');
  const offsets = withText((current) => {
    assert.equal(current.memory(0).length, 0);
    for (const offset of [-1, 1.5, NaN, '8', undefined, {}]) {
      assert.throws(() => current.memory(offset), TypeError);
    }
  });
  await offsets.call('changed_in_place', 'x');
});

test('a huge allocation is an error, and the plug-in goes on', async () => {
  const plugin = withText((current, _, outputs) => {
    assert.throws(() => current.memoryAlloc(2 ** 40), { kind: 'OutOfMemory' });
    current.returnString(outputs[0], 'still here');
  });
  assert.equal((await plugin.call('through_text', 'x')).toString(), 'still here');
});

test('what a callback throws is the cause of the error', async () => {
  const thrown = new RangeError('no such key');
  const error = await rejected(
    withText(() => {
      throw thrown;
    }).call('through_text', 'x'),
    'HostFunction',
  );
  assert.equal(error.cause, thrown);
  assert.match(error.message, /text.*no such key/);
  for (const odd of ['a string', undefined, null, 7]) {
    const plugin = withText(() => {
      throw odd;
    });
    assert.equal((await rejected(plugin.call('through_text', 'x'), 'HostFunction')).cause, odd);
  }
  const late = await rejected(withText(() => Promise.reject(thrown)).call('through_text', 'x'), 'HostFunction');
  assert.equal(late.cause, thrown);
});

test('a plug-in goes on after a callback has thrown', async () => {
  let fails = true;
  const plugin = withText((_, inputs, outputs) => {
    if (fails) throw new Error('once');
    outputs[0] = inputs[0];
  });
  await rejected(plugin.call('through_text', 'x'), 'HostFunction');
  fails = false;
  assert.equal((await plugin.call('through_text', 'again')).toString(), 'again');
});

test('a function is found in `extism:host/user` and in `env`, or in its namespace alone', () => {
  const rest = [NUMBERS, TWO];
  const text = () => new HostFunction('text', [I64], [I64], () => {});
  assert.ok(new Plugin(GUEST, false, [text().withNamespace('extism:host/user'), ...rest]));
  assert.throws(() => new Plugin(GUEST, false, [text().withNamespace('mine'), ...rest]), { kind: 'Link' });
  assert.throws(() => new Plugin(GUEST, false, rest), { kind: 'Link' });
});

test('a function of other types than the import is an error of the plug-in', () => {
  const text = new HostFunction('text', [I32], [I64], () => {});
  assert.throws(() => new Plugin(GUEST, false, [text, NUMBERS, TWO]), { kind: 'Link' });
});

test('host functions are checked when they are made and when they are lent', () => {
  assert.throws(() => new HostFunction('text', [7], [I64], () => {}), /types ValType/);
  assert.throws(() => new HostFunction('text', [ValType.V128], [I64], () => {}), /types ValType/);
  assert.throws(() => new HostFunction('text', [I64], [I64], 'no function'), /`text` is no function/);
  const text = new HostFunction('text', [I64], [I64], () => {});
  text.free();
  assert.throws(() => new Plugin(GUEST, false, [text, NUMBERS, TWO]), /`text` has been freed/);
  assert.throws(() => new Plugin(GUEST, false, [{}]), /HostFunction/);
});

test('an input is the bytes of its view, and nothing else', async () => {
  const plugin = withText((_, inputs, outputs) => {
    outputs[0] = inputs[0];
  });
  const pooled = Buffer.from('only this');
  assert.notEqual(pooled.byteLength, pooled.buffer.byteLength);
  for (const input of [pooled, new Uint8Array(pooled), 'only this']) {
    assert.equal((await plugin.call('through_text', input)).toString(), 'only this');
  }
  assert.equal((await plugin.call('changed_in_place', undefined)).length, 0);
  await assert.rejects(plugin.call('through_text', { not: 'bytes' }), TypeError);
});

test('an output belongs to the program', async () => {
  const plugin = withText((_, inputs, outputs) => {
    outputs[0] = inputs[0];
  });
  const first = await plugin.call('through_text', 'first');
  await plugin.call('through_text', 'other');
  plugin.free();
  assert.equal(first.toString(), 'first');
});

test('the config: an object, a Map, and what is removed', async () => {
  const plugin = new Context().plugin(
    GUEST,
    false,
    [new HostFunction('text', [I64], [I64], () => {}), NUMBERS, TWO],
    new Map([['k', 'first']]),
  );
  const value = async () => (await plugin.call('config')).toString();
  assert.equal(await value(), 'first');
  plugin.setConfig({ k: 'second', other: 'x' });
  assert.equal(await value(), 'second');
  plugin.setConfig(new Map([['k', 'third']]));
  assert.equal(await value(), 'third');
  plugin.setConfig({ k: null });
  assert.equal(await value(), '');
  assert.throws(() => plugin.setConfig({ k: 5 }), TypeError);
});

test('which functions there are', () => {
  const plugin = withText(() => {});
  assert.equal(plugin.functionExists('through_text'), true);
  assert.equal(plugin.functionExists('no such function'), false);
});

test('errors of a plug-in', async () => {
  const plugin = withText(() => {});
  assert.equal((await rejected(plugin.call('fails'), 'Guest')).exitCode, 3);
  await rejected(plugin.call('no such function'), 'FunctionNotFound');
});

test('a context frees its plug-ins, and makes no more when it has been freed', async () => {
  const context = new Context();
  const make = () => context.plugin(GUEST, false, [new HostFunction('text', [I64], [I64], () => {}), NUMBERS, TWO]);
  const before = make();
  context.reset();
  await assert.rejects(before.call('config'), /has been freed/);
  const after = make();
  await after.call('config');
  context.free();
  context.free();
  await assert.rejects(after.call('config'), /has been freed/);
  assert.throws(() => after.functionExists('config'), /has been freed/);
  assert.throws(make, /the context has been freed/);
});

test('`withContext` frees whatever happens', async () => {
  let plugin;
  const make = (context) =>
    (plugin = context.plugin(GUEST, false, [new HostFunction('text', [I64], [I64], () => {}), NUMBERS, TWO]));
  assert.equal(await withContext(async (context) => (await make(context).call('config')).length), 0);
  await assert.rejects(plugin.call('config'), /has been freed/);
  await assert.rejects(
    withContext(async (context) => {
      make(context);
      throw new Error('in the middle');
    }),
    /in the middle/,
  );
  await assert.rejects(plugin.call('config'), /has been freed/);
});

test('a plug-in that is freed during a call', async () => {
  let plugin = null;
  plugin = withText(async (_, inputs, outputs) => {
    plugin.free();
    // The next call does not begin.
    await assert.rejects(plugin.call('through_text', 'y'), /has been freed/);
    await new Promise((resolve) => setImmediate(resolve));
    outputs[0] = inputs[0];
  });
  // The call that is under way ends as it would.
  assert.equal((await plugin.call('through_text', 'x')).toString(), 'x');
});

test('a plug-in is updated in place', async () => {
  const plugin = withText(() => {});
  await plugin.call('config');
  assert.equal(plugin.update('(module (func (export "run") (result i32) (i32.const 0)))'), true);
  assert.equal(plugin.functionExists('config'), false);
  assert.equal((await plugin.call('run')).length, 0);
});

test('a cancel handle ends a call', async () => {
  let handle = null;
  const plugin = withText(() => {
    assert.equal(handle.cancel(), true);
  });
  handle = plugin.cancelHandle();
  assert.equal(handle.cancel(), false);
  await rejected(plugin.call('changed_in_place', 'x'), 'Cancelled');
});

test('a cancel handle that is taken during a call ends it, and those behind it', async () => {
  let plugin = null;
  plugin = withText(() => assert.equal(plugin.cancelHandle().cancel(), true));
  await rejected(plugin.call('changed_in_place', 'x'), 'Cancelled');

  const gone = withText(() => new Promise(() => {}));
  const calls = [gone.call('through_text', 'x'), gone.call('through_text', 'y'), gone.call('spin')];
  const handle = gone.cancelHandle();
  // The calls are those of the object, whatever it has become.
  gone.update('(module (func (export "run")))');
  const ends = calls.map((call) => rejected(call, 'Cancelled'));
  assert.equal(handle.cancel(), true);
  await Promise.all(ends);
  assert.equal(handle.cancel(), false);
  assert.equal((await gone.call('run')).length, 0);

  const spinning = withText(() => {});
  const spin = rejected(spinning.call('spin'), 'Cancelled');
  setImmediate(() => spinning.cancelHandle().cancel());
  await spin;
});

test('config that is set during a call holds for those that are made from then on', async () => {
  const text = new HostFunction('text', [I64], [I64], async (_, inputs, outputs) => {
    await new Promise((resolve) => setImmediate(resolve));
    plugin.setConfig({ k: 'second', other: 'x' });
    plugin.setConfig(new Map([['k', 'third']]));
    assert.throws(() => plugin.setConfig({ k: 5 }), TypeError);
    outputs[0] = inputs[0];
  });
  const plugin = new Plugin(GUEST, false, [text, NUMBERS, TWO], { k: 'first' });
  const calls = ['through_text', 'config'].map((name) => plugin.call(name, 'x'));
  const outputs = (await Promise.all(calls)).map(String);
  assert.deepEqual(outputs, ['x', 'first']);
  assert.equal(String(await plugin.call('config')), 'third');
});

test('where no block begins there are no bytes, and nothing to be freed', async () => {
  const plugin = withText((current, inputs) => {
    assert.equal(current.memoryLength(inputs[0].v.i64), 0);
    current.memoryFree(inputs[0].v.i64);
  });
  await plugin.call('interior', 'abcd');
});

test('a manifest: an object, JSON, and its time limit', async () => {
  const data = GUEST.toString('base64');
  const functions = [new HostFunction('text', [I64], [I64], () => {}), NUMBERS, TWO];
  for (const manifest of [{ wasm: [{ data: GUEST }], timeout_ms: 50 }, JSON.stringify({ wasm: [{ data }], timeout_ms: 50 })]) {
    const plugin = new Context().plugin(manifest, false, functions);
    await rejected(plugin.call('spin'), 'Timeout');
    await plugin.call('config');
  }
  assert.throws(() => new Plugin({ no: 'manifest' }), Error);
  assert.throws(() => new Plugin(5), TypeError);
});

test('which version this is', () => {
  assert.match(extismVersion(), /^\d+\.\d+\.\d+/);
});
