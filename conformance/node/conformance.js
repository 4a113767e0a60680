/**
 * Runs the conformance cases against a module with the surface of `@extism/extism`, by Node's own test runner:
 * `node conformance.js --module plugwright --mode pool --topic http`. All modes, when none is given.
 */

import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { load, unbuiltGuest } from './lib/load.js';
import { leftOut } from './lib/rule.js';
import { run } from './lib/run.js';
import { Server } from './lib/server.js';
import { RECORDED, open } from './lib/surfaces/open.js';
import { Watchdog } from './lib/watchdog.js';
import { World } from './lib/world.js';

// After this time a case counts as hung.
const CASE_SECONDS = 60;

const { values: asked } = parseArgs({
  options: {
    module: { type: 'string', default: 'plugwright' },
    mode: { type: 'string', multiple: true },
    // The checkout: this file may be a copy that lies elsewhere.
    checkout: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    topic: { type: 'string' },
    case: { type: 'string', default: '' },
  },
});

const checkout = String(asked.checkout);
const guests = path.join(checkout, 'guests');
const cases = load(path.join(checkout, 'conformance', 'cases'));
const modes = RECORDED[String(asked.module)];
if (!modes) throw new Error(`--module is one of ${Object.keys(RECORDED).join(', ')}`);
const chosenModes = asked.mode ?? Object.keys(modes);

/** @type {Server} */
let server;
/** @type {Watchdog} */
let watchdog;

const surfaces = await Promise.all(chosenModes.map((mode) => open(String(asked.module), mode)));

describe(String(asked.module), () => {
  before(async () => {
    server = await Server.start();
    watchdog = new Watchdog(CASE_SECONDS);
  });
  after(() => Promise.all([server.stop(), watchdog.stop()]));
  chosenModes.forEach((mode, index) => {
    const surface = surfaces[index];
    if (surface) describe(mode, () => cover(mode, surface));
  });
});

/** The tests of one mode. @param {string} mode @param {import('./lib/surfaces/surface.js').Surface} surface */
function cover(mode, surface) {
  /** @type {Map<string, number>} */
  const reasons = new Map();
  const expressible = cases.filter(({ raw }) => {
    const reason = leftOut(raw, surface.abilities, surface.takesOptions);
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  const recorded = Number(modes?.[mode]);
  test(`at least ${recorded} cases can be expressed`, (context) => {
    context.diagnostic(`${mode}: ${expressible.length} of ${cases.length} cases`);
    for (const [reason, count] of reasons) context.diagnostic(`${mode}: ${count} left out: ${reason}`);
    if (expressible.length < recorded) throw new Error(`${expressible.length} can: less than are recorded`);
  });
  for (const { topic, raw } of expressible) {
    if ((asked.topic ?? topic) !== topic || !raw.name.includes(String(asked.case))) continue;
    const skip = isMissing(raw) && `${raw.guest} is not built: run \`cargo xtask guests\``;
    test(`${topic}, ${raw.name}`, { skip }, () => runWatched(`${mode}, ${raw.name}`, raw, surface));
  }
}

/**
 * Whether the guest of a case is not built; where every guest can be built, none may be missing.
 *
 * @param {import('./lib/case.js').Case} raw
 */
function isMissing(raw) {
  return unbuiltGuest(raw, guests) !== undefined && !('PLUGWRIGHT_ALL_GUESTS' in process.env);
}

/**
 * @param {string} name
 * @param {import('./lib/case.js').Case} raw
 * @param {import('./lib/surfaces/surface.js').Surface} surface
 */
async function runWatched(name, raw, surface) {
  const world = new World(server, guests);
  watchdog.begin(name);
  try {
    await run(raw, world, surface);
  } finally {
    watchdog.begin('');
    world.close();
  }
}
