// What the types allow, in an ECMAScript module. It is checked, and not run.
import createPlugin, {
  CurrentPlugin,
  PluginError,
  PluginOutput,
  ValType,
  compile,
  createPlugin as named,
  createPluginSync,
  createPool,
  fromManifestFile,
  newPlugin,
  trustedCompiledCode,
  type CallContext,
  type ErrorKind,
  type ExtismPluginOptions,
  type Manifest,
  type ManifestWasm,
  type ManifestWasmData,
  type ManifestWasmPath,
  type ManifestWasmResponse,
  type ManifestWasmUrl,
} from 'plugwright';
import { connect, type RemotePlugin } from 'plugwright/remote';

const options: ExtismPluginOptions = {
  useWasi: true,
  config: { key: 'value' },
  allowedHosts: ['*.example.com'],
  allowedPaths: { '/data': 'ro:data' },
  memory: { maxPages: 16 },
  timeoutMs: 1000,
  logger: console,
  logLevel: 'debug',
  runInWorker: true,
  functions: {
    'extism:host/user': {
      hello(current: CurrentPlugin, offset: bigint) {
        return current.store(`Hello ${current.read(offset).text()} of ${current.hostContext<{ user: string }>().user}`);
      },
      async later(current: CallContext, offset: bigint) {
        await Promise.resolve();
        console.log(current.logLevel === 'debug');
        // @ts-expect-error -- a plug-in is loaded with its level
        current.logLevel = 'trace';
        return current.read(offset).bytes();
      },
      described: { params: [ValType.I64], results: [ValType.I64], errorsAsValues: true, call: () => 0n },
    },
  },
};

export async function program(): Promise<void> {
  const plugin = await createPlugin('plugin.wasm', options);
  const output: PluginOutput | null = await plugin.call('run', 'input', { user: 'Jane' }, { signal: AbortSignal.timeout(10) });
  const text: string | undefined = output?.text();
  await plugin.call<{ user: string }>('run', null, { user: 'Jane' });
  // @ts-expect-error -- the context is of the type that is said
  await plugin.call<{ user: string }>('run', '', 5);
  const bytes: Uint8Array = plugin.callSync('run', new Uint8Array(3), undefined, { timeoutMs: 5 })?.bytes() ?? new Uint8Array();
  await plugin.call('run', 42);
  await plugin.close();

  const manifest: Manifest = { wasm: [{ data: bytes, hash: 'ab' }, { url: new URL('https://example.com/a.wasm') }], timeoutMs: 10 };
  await named(manifest);
  const path: ManifestWasmPath = { path: 'a.wasm' };
  const url: ManifestWasmUrl = { url: 'https://example.com/a.wasm', method: 'POST', headers: { accept: 'application/wasm' } };
  const data: ManifestWasmData = { data: bytes };
  const response: ManifestWasmResponse = { response: fetch(new URL('https://example.com/a.wasm')) };
  const wasm: ManifestWasm[] = [{ ...path, name: 'a' }, url, data, response];
  await named({ wasm });
  await newPlugin(fetch('https://example.com/a.wasm'));
  await fromManifestFile('plugin.toml');
  createPluginSync(manifest).updateConfig({ key: null });

  const compiled = await compile(trustedCompiledCode(bytes));
  compiled.instantiate();
  const pool = await createPool('plugin.wasm', { max: 4, acquireTimeoutMs: 100, useWasi: true });
  try {
    await pool.call('run', text);
  } catch (error) {
    if (error instanceof PluginError) {
      const kind: ErrorKind = error.kind;
      console.log(kind, error.exitCode, error.functionName, error.backtrace?.[0]?.line, error.cause);
    }
  }

  // @ts-expect-error -- no such option
  await createPlugin('plugin.wasm', { useWasm: true });
  // @ts-expect-error -- a response has to be waited for
  createPluginSync(new Response());
  // @ts-expect-error -- an output may be missing
  (await plugin.call('run')).text();
  // @ts-expect-error -- objects are no input
  await plugin.call('run', { name: 'Jane' });
}

export async function remote(stop: AbortSignal): Promise<string | undefined> {
  const nats = await connect(['nats://127.0.0.1:4222'], { token: 'secret' });
  const greet: RemotePlugin = nats.plugin('greet', { timeoutMs: 2000, idempotent: true, maxBytes: 1 << 20 });
  const output = await greet.call('say_hello', new Uint8Array(2), null, { signal: stop });
  // @ts-expect-error -- sizes are numbers
  nats.plugin('greet', { maxBytes: '1 MiB' });
  return output?.text();
}
