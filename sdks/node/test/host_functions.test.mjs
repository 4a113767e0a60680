// Host functions: types, errors, memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import createPlugin, { ValType } from 'plugwright';

import { calling, deferred, guest, lending, wat } from './guests.mjs';

/** A guest that calls `f` of a type once, with these arguments, and returns whether what came back is equal to `expected`. */
const typed = (type, args, check) => wat(`
  (import "extism:host/user" "f" (func $f ${type}))
  (func (export "run") (result i32) ${check.replace('$call', `(call $f ${args})`)})`);

test('values of each type go both ways', async () => {
  const cases = [
    ['(param i32) (result i32)', '(i32.const -5)', '(i32.ne $call (i32.const -4))', (_, a) => a + 1, -5],
    ['(param i64) (result i64)', '(i64.const -5)', '(i64.ne $call (i64.const -4))', (_, a) => a + 1n, -5n],
    ['(param f32) (result f32)', '(f32.const 1.5)', '(f32.ne $call (f32.const 3))', (_, a) => a * 2, 1.5],
    ['(param f64) (result f64)', '(f64.const 0.1)', '(f64.ne $call (f64.const 0.2))', (_, a) => a * 2, 0.1],
    ['(param i32) (result i32)', '(i32.const 1)', '(i32.ne $call (i32.const -1))', () => 0xffffffff, 1],
    ['(param i64) (result i64)', '(i64.const 1)', '(i64.ne $call (i64.const -1))', () => -1, 1n],
    ['(param i64) (result i64)', '(i64.const 1)', '(i64.ne $call (i64.const -1))', () => 2n ** 64n - 1n, 1n],
  ];
  for (const [type, args, check, f, expected] of cases) {
    const seen = [];
    const spy = (current, ...params) => {
      seen.push(...params);
      return f(current, ...params);
    };
    const plugin = await createPlugin(typed(type, args, check), lending(spy));
    await plugin.call('run');
    assert.deepEqual(seen, [expected], type);
  }
});

test('several results are a list, and a vector is a bigint', async () => {
  const vector = 'i64x2 0x0123456789abcdef -2';
  const plugin = await createPlugin(
    wat(`
      (import "extism:host/user" "f" (func $f (param v128) (result i64 v128 f64)))
      (func (export "run") (result i32) (local $f64 f64) (local $v v128) (local $i64 i64)
        (call $f (v128.const ${vector}))
        (local.set $f64) (local.set $v) (local.set $i64)
        (i32.add (i64.ne (local.get $i64) (i64.const 7))
          (i32.add (f64.ne (local.get $f64) (f64.const 0.5))
            (i64.ne (i64x2.extract_lane 1 (local.get $v)) (i64.const -2)))))`),
    lending((_, v) => {
      assert.equal(v, (0xfffffffffffffffen << 64n) | 0x0123456789abcdefn);
      return [7n, v, 0.5];
    }),
  );
  await plugin.call('run');
});

test('a result that does not fit its type is an error', async () => {
  for (const wrong of [undefined, null, 1.5, {}, Symbol('s')]) {
    const plugin = await createPlugin(calling, lending(() => wrong));
    await assert.rejects(plugin.call('run'), (error) => {
      assert.equal(error.kind, 'HostFunction');
      assert.equal(error.hostFunction, 'f');
      assert.match(error.message, /is to return a bigint or a whole number/);
      assert.ok(error.cause instanceof TypeError);
      return true;
    });
  }
});

test('bytes and text are results as well', async () => {
  const plugin = await createPlugin(calling, lending((current, offset) => current.read(offset).bytes()));
  assert.equal((await plugin.call('run', 'there and back')).text(), 'there and back');
  const large = 'l'.repeat(1 << 20);
  assert.equal((await plugin.call('run', large)).text(), large);
});

test('what a host function throws is the cause', async () => {
  const thrown = [new RangeError('out of range'), 'just text', 17, null, undefined, Object.create(null)];
  for (const value of thrown) {
    for (const f of [
      () => { throw value; },
      async () => { throw value; },
      () => Promise.reject(value),
    ]) {
      const plugin = await createPlugin(calling, lending(f));
      const error = await plugin.call('run').then(assert.fail, (caught) => caught);
      assert.equal(error.name, 'PluginError');
      assert.equal(error.kind, 'HostFunction');
      assert.equal(error.functionName, 'run');
      if (value !== undefined) assert.equal(error.cause, value);
      assert.equal(await plugin.call('other'), null, 'the plug-in goes on');
    }
  }
});

test('an error may be a value for the guest', async () => {
  const plugin = await createPlugin(guest('wat/hazard_19_host_error.wat'), {
    functions: {
      'extism:host/user': {
        host_try_fail: { call() { throw new Error('told to fail'); }, errorsAsValues: true },
        host_fail() { throw new Error('told to fail'); },
        host_echo: (_, offset) => offset,
      },
    },
  });
  assert.equal((await plugin.call('handle')).text(), 'told to fail');
});

test('an offset at which there is no block ends the call by its own name', async () => {
  const plugin = await createPlugin(calling, lending((current) => current.read(3n)));
  await assert.rejects(plugin.call('run'), { kind: 'Contract', functionName: 'run', message: /offset 3/ });
  const careful = await createPlugin(
    calling,
    lending((current, offset) => {
      assert.throws(() => current.memory(-1n), { kind: 'Contract' });
      // Where no block begins there are no bytes, and nothing to be freed.
      for (const wrong of [3n, -1n, 2 ** 40, offset + 1n]) {
        assert.equal(current.length(wrong), 0n);
        assert.equal(current.free(wrong), undefined);
      }
      assert.equal(current.read(offset).text(), 'input');
      return current.store('went on');
    }),
  );
  assert.equal((await careful.call('run', 'input')).text(), 'went on');
});

test('offset 0 is an empty block', async () => {
  const plugin = await createPlugin(
    calling,
    lending((current) => `${current.read(0n).byteLength} ${current.length(0)} ${current.store('')}`),
  );
  assert.equal((await plugin.call('run')).text(), '0 0 0');
});

test('the plug-in that calls cannot be used when the host function has ended', async () => {
  let kept;
  const plugin = await createPlugin(calling, lending((current) => {
    kept = current;
    return 0n;
  }));
  await plugin.call('run');
  for (const use of [
    () => kept.read(0n),
    () => kept.store('x'),
    () => kept.memory(0n),
    () => kept.getVariable('x'),
    () => kept.hostContext(),
    () => kept.cancel(),
  ]) {
    assert.throws(use, /the host function has ended/);
  }
});

test('nor when the call has ended before it', async () => {
  const gate = deferred();
  let late;
  const plugin = await createPlugin(
    calling,
    lending(async (current) => {
      await gate.promise;
      try {
        current.read(0n);
      } catch (error) {
        late = error;
      }
      return 0n;
    }, { timeoutMs: 20 }),
  );
  await assert.rejects(plugin.call('run'), { kind: 'Timeout' });
  gate.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(late.message, /the host function has ended/);
});

test('memory is a view to write to, which ends with the host function', async () => {
  let view;
  let words;
  const plugin = await createPlugin(calling, lending((current, offset) => {
    view = current.memory(offset);
    words = new DataView(view.buffer, view.byteOffset);
    assert.equal(view.toString(), 'Jane');
    view.write('June');
    assert.equal(current.read(offset).text(), 'June', 'what is written is seen');
    assert.equal(current.memory(offset).toString(), 'June', 'the same memory');
    const made = current.alloc(8);
    current.memory(made).write('new block');
    assert.equal(view.toString(), 'June', 'it stays when something is allocated');
    view[0] = 'j'.charCodeAt(0);
    assert.equal(current.read(made).text(), 'new bloc');
    return offset;
  }));
  assert.equal((await plugin.call('run', 'Jane')).text(), 'june');
  assert.equal(view.length, 0, 'it has no bytes any more');
  assert.throws(() => words.getUint8(0), TypeError);
});

test('types can be declared, and are checked at the start', async () => {
  const wrong = { params: [ValType.I32], results: [ValType.I64], call: () => 0n };
  await assert.rejects(createPlugin(calling, lending(wrong)), { kind: 'Link', message: /f/ });
  const right = { params: [ValType.I64], results: [ValType.I64], call: () => 'right' };
  assert.equal((await (await createPlugin(calling, lending(right))).call('run')).text(), 'right');
});

test('a function of the default module serves env', async () => {
  const plugin = await createPlugin(
    wat('(import "env" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f))'),
    lending(() => 0),
  );
  await plugin.call('run');
});

test('a function that is not there is named when the plug-in is loaded', async () => {
  await assert.rejects(createPlugin(calling), { kind: 'Link', message: /extism:host\/user.*f/ });
});

test('setError lets the call fail', async () => {
  const plugin = await createPlugin(calling, lending((current) => {
    current.setError(new Error('not today'));
    return 0n;
  }));
  await assert.rejects(plugin.call('run'), { kind: 'Guest', message: 'Plugin-originated error: not today' });
});

test('what setError says is the error of a guest that says nothing itself', async () => {
  const failing = wat(`
    (import "extism:host/user" "f" (func $f))
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
    (import "extism:host/env" "error_set" (func $error (param i64)))
    (func (export "silent") (result i32) (call $f) (i32.const 7))
    (func (export "says") (result i32) (local $block i64)
      (call $f)
      (local.set $block (call $alloc (i64.const 1)))
      (call $store (local.get $block) (i32.const 0x21))
      (call $error (local.get $block))
      (i32.const 7))
    (func (export "traps") (call $f) unreachable)`);
  const plugin = await createPlugin(failing, lending((current) => current.setError('mine')));
  const mine = { kind: 'Guest', exitCode: 7, guestMessage: 'mine', message: 'Plugin-originated error: mine', functionName: 'silent' };
  await assert.rejects(plugin.call('silent'), mine);
  assert.throws(() => plugin.callSync('silent'), mine);
  await assert.rejects(plugin.call('says'), { kind: 'Guest', exitCode: 7, guestMessage: '!' });
  await assert.rejects(plugin.call('traps'), { kind: 'Trap' });
  const back = await createPlugin(failing, lending((current) => { current.setError('mine'); current.setError(null); }));
  await assert.rejects(back.call('silent'), { kind: 'Guest', exitCode: 7, guestMessage: undefined });
});

test('an error without a text is one all the same', async () => {
  for (const empty of ['', new Error()]) {
    const plugin = await createPlugin(calling, lending((current, offset) => {
      current.setError(empty);
      return offset;
    }));
    await assert.rejects(plugin.call('run'), { kind: 'Guest', message: /^Plugin-originated error: .*without a text/ });
  }
});

test('a block has a size', async () => {
  const plugin = await createPlugin(calling, lending((current) => {
    for (const size of [NaN, -1, 1.5, -1n, Infinity, '8', undefined, null]) {
      assert.throws(() => current.alloc(size), { name: 'TypeError', message: /size of a block/ }, String(size));
    }
    for (const size of [2 ** 60, 2n ** 60n, 2n ** 70n, 1e300]) assert.throws(() => current.alloc(size), { kind: 'OutOfMemory' }, String(size));
    assert.equal(current.length(current.alloc(8)), 8n);
    assert.equal(current.length(current.alloc(9n)), 9n);
    return 0n;
  }));
  await plugin.call('run');
});

test('the level of the log is told, and stays', async () => {
  for (const [logLevel, told] of [['debug', 'debug'], ['off', 'silent'], [undefined, 'silent']]) {
    const plugin = await createPlugin(calling, lending((current) => {
      assert.throws(() => { current.logLevel = 'trace'; }, /the option `logLevel`/);
      return current.logLevel;
    }, { logLevel }));
    assert.equal((await plugin.call('run')).text(), told);
  }
});

test('start functions may call host functions', async () => {
  const seen = [];
  const plugin = await createPlugin(
    wat(`(import "extism:host/user" "f" (func $f (param i32)))
      (func $start (call $f (i32.const 1))) (start $start)
      (func (export "run") (call $f (i32.const 2)))`),
    lending(async (_, number) => { seen.push(number); }),
  );
  assert.deepEqual(seen, [], 'nothing runs before a call');
  await plugin.call('run');
  await plugin.call('run');
  assert.deepEqual(seen, [1, 2, 2]);
});
