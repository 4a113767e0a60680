// What the types of the classic surface allow. It is checked, and not run.
import {
  Context,
  HostFunction,
  Plugin,
  PluginError,
  ValType,
  extismVersion,
  setLogFile,
  withContext,
  type CancelHandle,
  type CurrentPlugin,
  type HostFunctionCallback,
  type Manifest,
  type Val,
} from 'plugwright/classic';

// As programs of the first SDK have it: parameters that nobody gave types.
const untyped = new HostFunction('f', [ValType.I64], [ValType.I64], (plugin, inputs, outputs, first, second) => {
  const key: Buffer = plugin.memory(inputs[0]!.v.i64);
  const offset: number = plugin.memoryAlloc(key.length);
  plugin.memory(offset).write(key.toString());
  outputs[0]!.v.i64 = offset;
  outputs[0]!.v.i64 = BigInt(offset);
  return [first, second];
}, 'user', 'data');

const typed: HostFunctionCallback<[Map<string, string>, number]> = async (plugin, inputs, outputs, map, count) => {
  const value: string | undefined = map.get(plugin.inputString(inputs[0]!));
  plugin.returnString(outputs[0]!, `${value} ${count.toFixed()}`);
  await Promise.resolve();
};
const shared = new HostFunction('g', [ValType.I64], [ValType.I64], typed, new Map([['key', 'value']]), 3).withNamespace('env');

export function values(plugin: CurrentPlugin, input: Val): void {
  const offset: number | bigint = input.v.i64;
  const bytes: number = plugin.memoryLength(offset) + plugin.inputBytes(input).length;
  plugin.memoryFree(offset);
  input.v.i32 = bytes;
  input.v.f64 = input.v.f32;
  const type: ValType = input.t;
  console.log(type === ValType.F64, ValType[type]);
  // @ts-expect-error -- an offset is a number
  plugin.memory('0');
  // @ts-expect-error -- types of values do not change
  input.t = ValType.I32;
}

export async function program(): Promise<void> {
  setLogFile('plugins.log', 'warn');
  const manifest: Manifest = {
    wasm: [{ path: 'a.wasm' }, { data: new Uint8Array(3), name: 'main' }, { url: 'https://example.com/b.wasm', hash: 'ab' }],
    config: new Map([['key', 'value']]),
    memory: { max_pages: 10 },
    allowed_hosts: ['*.example.com'],
    timeout_ms: 1000,
  };
  const context = new Context();
  const plugin: Plugin = context.plugin(manifest, true, [untyped, shared], { key: 'value' });
  const output: Buffer = await plugin.call('run', 'input');
  await plugin.call('run', output);
  await plugin.call('run');
  plugin.setConfig(new Map([['key', null]]));
  const handle: CancelHandle = plugin.cancelHandle();
  const cancelled: boolean = handle.cancel();
  const replaced: boolean = new Plugin(output).update('(module)', cancelled);
  context.reset();
  context.free();

  const length: number = await withContext(async (inner) => (await inner.plugin(manifest).call('run')).length);
  try {
    console.log(extismVersion().length, length, replaced, plugin.functionExists('run'));
  } catch (error) {
    if (error instanceof PluginError) console.log(error.kind);
  }

  // @ts-expect-error -- levels have names
  setLogFile('plugins.log', 'loud');
  // @ts-expect-error -- host functions are made
  context.plugin(manifest, true, [typed]);
  // @ts-expect-error -- the user data is what the callback takes
  new HostFunction('g', [], [], typed, 'no map', 3);
  // @ts-expect-error -- numbers are no input
  await plugin.call('run', 42);
}
