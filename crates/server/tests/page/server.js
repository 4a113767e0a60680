/** The program under test. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export const TOKEN = 'a token for the tests of the page';

/**
 * @typedef {{ url: string, admin_url: string }} Listening
 */

/**
 * Starts `plugwright serve`, and waits until it listens.
 * @param {string} program
 * @param {string} file
 * @returns {Promise<Listening & { stop: () => Promise<void> }>}
 */
export async function serve(program, file) {
  const env = { ...process.env, PLUGWRIGHT_ADMIN_TOKEN: TOKEN };
  const server = spawn(program, ['serve', '--json', '--no-watch', file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  for await (const line of createInterface({ input: server.stdout })) {
    const stop = async () => {
      server.kill('SIGTERM');
      await ended;
    };
    return { .../** @type {Listening} */ (JSON.parse(line)), stop };
  }
  throw new Error(`${program} ended before it listened`);
}
