// What the types of the classic surface allow, in CommonJS. It is checked, and not run.
import classic = require('plugwright/classic');

export async function program(): Promise<string> {
  const context = new classic.Context();
  const plugin = context.plugin('(module)', false, [new classic.HostFunction('f', [classic.ValType.I32], [], () => {})]);
  return (await plugin.call('run')).toString();
}
