/** The page: asks for the token once, then shows the server's state again and again. */

import { Unauthorised, state, token } from './api.js';
import { draw, inWords } from './chart.js';
import { byId, choices, element, say } from './dom.js';
import { showErrors } from './errors.js';
import { span } from './format.js';
import * as playground from './playground.js';
import { ALL, Series, keyOf } from './series.js';
import { showCounters, showPlugins, showRoutes, showTriggers } from './tables.js';

/** @import { State } from './api.js' */

const INTERVAL_MS = 1000;

const content = byId('content', HTMLElement);
const signIn = byId('sign-in', HTMLElement);
const tools = byId('tools', HTMLElement);
const pause = byId('pause', HTMLButtonElement);
const route = byId('chart-route', HTMLSelectElement);
const chart = byId('chart', SVGSVGElement);
const connection = byId('connection', HTMLElement);
const field = byId('token', HTMLInputElement);

const series = new Series();
let paused = false;

/** @param {State} now */
function show(now) {
  series.add(now, performance.now());
  say(byId('about', HTMLElement), `version ${now.version}, up for ${span(now.uptime_s)}`);
  showCounters(now, series);
  const routes = now.routes.map((each) => ({ key: keyOf(each), name: `${each.methods} ${each.route}` }));
  choices(route, JSON.stringify(routes), () => [
    element('option', { value: ALL }, 'All routes'),
    ...routes.map(({ key, name }) => element('option', { value: key }, name)),
  ]);
  showChart();
  showRoutes(now, series);
  showPlugins(now, playground.choose);
  showTriggers(now);
  playground.offer(now.plugins);
  showErrors(now.recent_errors);
}

function showChart() {
  const ticks = series.of(route.value);
  draw(chart, ticks);
  say(byId('chart-text', HTMLElement), inWords(ticks));
}

/** Asks for the token. @param {string} [why] */
function ask(why = '') {
  token.forget();
  content.hidden = true;
  tools.hidden = true;
  signIn.hidden = false;
  connection.textContent = '';
  byId('sign-in-error', HTMLElement).textContent = why;
  field.focus();
}

/** Looks once. */
async function look() {
  try {
    const now = await state();
    if (token.get() === null) return;
    const begins = content.hidden;
    signIn.hidden = true;
    content.hidden = false;
    tools.hidden = false;
    show(now);
    if (begins) content.focus({ preventScroll: true });
    connected(true);
  } catch (error) {
    if (error instanceof Unauthorised) ask(error.message);
    else connected(false);
  }
}

/** @param {boolean} isIt */
function connected(isIt) {
  connection.classList.toggle('bad', !isIt);
  say(connection, isIt ? (paused ? 'paused' : 'live') : 'no answer from the server; trying again');
}

/** Looks for ever. */
async function watch() {
  if (token.get() !== null && !paused && !document.hidden) await look();
  setTimeout(() => void watch(), INTERVAL_MS);
}

byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  token.set(field.value.trim());
  field.value = '';
  void look();
});
byId('leave', HTMLButtonElement).addEventListener('click', () => ask());
pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  connected(true);
});
route.addEventListener('change', showChart);
window.addEventListener('resize', showChart);

playground.start(() => ask('The server does not know this token any more.'));
if (token.get() === null) ask();
void watch();
