// What the types allow, in CommonJS. It is checked, and not run.
import plugwright = require('plugwright');

export async function program(): Promise<string> {
  const plugin = await plugwright.createPlugin('plugin.wasm', { useWasi: true });
  const output: plugwright.PluginOutput | null = await plugin.call('run');
  return output?.text() ?? '';
}
