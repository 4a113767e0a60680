/**
 * The page for people, in a real browser. The environment says which: `PLUGWRIGHT` is the program, `CHROMIUM` the browser,
 * `SCREENSHOTS` the folder for pictures.
 */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { TOKEN, serve } from './server.js';

/** @import { Browser, BrowserContext, Page } from 'playwright-core' */

const SIZE = { width: 1280, height: 900 };

/** What a guest might say to make the page do something. */
const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Browser} */
let browser;
/** @type {BrowserContext} */
let context;
/** @type {Page} */
let page;
/** What the browser complains of. @type {string[]} */
let complaints = [];

before(async () => {
  server = await serve(variable('PLUGWRIGHT'), new URL('plugwright.toml', import.meta.url).pathname);
  // The test's own pages need no sandbox, which not every machine can give.
  browser = await chromium.launch({ executablePath: variable('CHROMIUM'), args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({ viewport: SIZE, reducedMotion: 'reduce', acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== server.admin_url && protocol !== 'blob:') complaints.push(`asked for ${request.url()}`);
  });
});

afterEach(() => context.close());

test('the token is asked for once, and a wrong one is refused', async () => {
  await page.goto(`${server.admin_url}/_/`);
  assert.ok(await page.getByLabel('Token', { exact: true }).isVisible());
  assert.equal(await page.getByRole('heading', { name: 'Playground' }).count(), 0);
  await page.keyboard.type('not the token, but as long');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('does not know this token').waitFor();
  await page.keyboard.type(TOKEN);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Playground' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Playground' }).waitFor();
  const kept = await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]);
  assert.deepEqual(kept, [1, 0, '']);

  await page.getByRole('button', { name: 'Forget the token' }).click();
  assert.ok(await page.getByLabel('Token', { exact: true }).isVisible());
  await page.reload();
  assert.ok(await page.getByLabel('Token', { exact: true }).isVisible());
  // The browser says that a request was refused, as it should be.
  assert.deepEqual(complaints.filter((text) => !text.includes('401')), []);
});

test('counters, tables and the chart follow what happens', async () => {
  await signIn();
  const requests = await cell('routes', 'POST /echo', '2xx');
  for (let request = 0; request < 20; request += 1) assert.equal(await post('/echo', `body ${request}`), 200);
  await until(async () => Number(await cell('routes', 'POST /echo', '2xx')) === Number(requests) + 20);
  await until(async () => Number(await cell('plugins', 'tester', 'Calls')) >= 20);
  assert.match(await cell('routes', 'POST /echo', 'Median'), /[µm]?s$/);
  await page.locator('#chart .p50').first().waitFor({ state: 'attached' });
  // The intervals with the requests are in the drawing.
  await until(async () => (await page.locator('#chart path.p50').getAttribute('d')) !== '');
  await page.getByLabel('Route', { exact: true }).selectOption('POST /crash');
  await until(async () => (await page.locator('#chart-text').textContent()) === 'no requests at the moment');

  const pause = page.getByRole('button', { name: 'Pause' });
  await pause.click();
  assert.equal(await pause.getAttribute('aria-pressed'), 'true');
  await page.getByRole('status').getByText('paused').waitFor();
  await pause.click();
  await page.getByRole('status').getByText('live').waitFor();
  assert.deepEqual(complaints, []);
});

test('errors are listed with their backtraces, and what a guest says is only text', async () => {
  await signIn();
  assert.equal(await post('/complain', HOSTILE), 500);
  for (let request = 0; request < 3; request += 1) assert.equal(await post('/crash', ''), 500);
  const errors = page.locator('#errors > li');
  const crash = errors.filter({ hasText: 'tester · crash' });
  await crash.getByText('3 times').waitFor();
  assert.ok((await errors.filter({ hasText: 'tester · complain' }).textContent())?.includes(HOSTILE));
  await crash.locator('summary').focus();
  await page.keyboard.press('Enter');
  const trace = await crash.locator('pre').textContent();
  assert.match(trace ?? '', /\bdeep\b[\s\S]*\bdeeper\b/);
  // It stays open when something else happens.
  assert.equal(await post('/complain', 'something else'), 500);
  await errors.filter({ hasText: 'something else' }).waitFor();
  assert.ok(await crash.locator('pre').isVisible());
  assert.equal(await page.title(), 'Plugwright');
  assert.equal(await page.locator('#content img, #content script').count(), 0);
  assert.deepEqual(complaints, []);
});

test('the playground calls with a text, with config, and says how it went', async () => {
  await signIn();
  await choose('config');
  await page.getByLabel('Input').fill('greeting');
  await callByKeyboard();
  await outcome('Succeeded in');
  assert.equal(await page.locator('#output').textContent(), 'configured');
  await page.getByRole('button', { name: 'Add a key' }).click();
  await page.getByLabel('Key', { exact: true }).fill('greeting');
  await page.getByLabel('Value', { exact: true }).fill(HOSTILE);
  await callByKeyboard();
  await page.locator('#output').getByText('onerror').waitFor();
  assert.equal(await page.locator('#output').textContent(), HOSTILE);
  assert.equal(await page.locator('.logs').textContent(), 'warn OK');
  const facts = await page.locator('.facts').textContent();
  assert.match(facts ?? '', /Time.*s.*Fuel[1-9].*Memory.*[KM]iB/);
  assert.equal(await page.title(), 'Plugwright');

  await choose('complain');
  await page.getByLabel('Input').fill('no such vowel');
  await callByKeyboard();
  await outcome('Failed after');
  assert.equal(await page.locator('#result pre.bad').textContent(), 'no such vowel (code 7)');
  assert.match((await page.locator('.facts').textContent()) ?? '', /Code7$/);
  assert.deepEqual(complaints, []);
});

test('the playground takes files, chosen or dropped, and shows bytes', async () => {
  await signIn();
  await choose('echo');
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256));
  await page.getByLabel('Choose a file').setInputFiles({ name: 'some.bin', mimeType: 'application/octet-stream', buffer: bytes });
  await page.getByText('some.bin, 4.88 KiB').waitFor();
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await outcome('Succeeded in');
  assert.match((await page.locator('#output').textContent()) ?? '', /^000000 {2}00 01 02 .*\n000010 {2}10 11/);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save the output' }).click();
  const chunks = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(bytes));

  await page.getByRole('button', { name: 'Use the text instead' }).click();
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['what was dropped'], 'note.txt'));
    return transfer;
  });
  await page.locator('#drop').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByText('note.txt, 16 B').waitFor();
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.locator('#output').getByText('what was dropped').waitFor();
  assert.deepEqual(complaints, []);
});

test('a call that does not end is ended, with its backtrace', async () => {
  await signIn();
  await choose('spin');
  await page.getByLabel('Timeout in milliseconds').fill('50');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await outcome('Failed after');
  assert.match((await page.locator('#result-text').textContent()) ?? '', /timeout/i);
  assert.deepEqual(complaints, []);
});

test('everything has a name, and can be reached by the keyboard', async () => {
  await signIn();
  const nameless = await page.evaluate(() => [...document.querySelectorAll('input, select, textarea, button, a, svg[role]')]
    .filter((each) => {
      const labels = 'labels' in each ? /** @type {HTMLInputElement} */ (each).labels : null;
      return !(each.textContent?.trim() || each.getAttribute('aria-label') || each.getAttribute('aria-labelledby') || labels?.length);
    })
    .map((each) => each.outerHTML));
  assert.deepEqual(nameless, []);
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.querySelectorAll('h1').length]), ['en', 1]);
  const reached = new Set();
  await page.getByRole('link', { name: 'Skip to the content' }).focus();
  for (let press = 0; press < 60 && !reached.has('call'); press += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id));
  }
  for (const id of ['pause', 'leave', 'chart-route', 'function', 'input', 'file', 'config-add', 'timeout', 'call']) {
    assert.ok(reached.has(id), `${id} is not reached, only ${[...reached].join(' ')}`);
  }
  assert.deepEqual(await page.evaluate(faint), []);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await page.evaluate(faint), []);
  assert.deepEqual(complaints, []);
});

test('triggers are listed with what they did, and without any there is no table', async () => {
  await signIn();
  assert.equal(await page.getByRole('heading', { name: 'Triggers' }).count(), 0);
  const usual = server;
  server = await serve(variable('PLUGWRIGHT'), new URL('triggers.toml', import.meta.url).pathname);
  try {
    await signIn();
    await page.getByRole('heading', { name: 'Triggers' }).waitFor();
    await until(async () => Number(await cell('triggers', 'works', 'Succeeded')) >= 2);
    assert.equal(await cell('triggers', 'works', 'Kind'), 'cron');
    assert.equal(await cell('triggers', 'works', 'Source'), '* * * * * * UTC');
    assert.equal(await cell('triggers', 'works', 'Function'), 'tester · echo');
    assert.deepEqual([await cell('triggers', 'works', 'Connected'), await cell('triggers', 'works', 'Last error')], ['yes', 'none']);
    await until(async () => Number(await cell('triggers', 'complains', 'Failed')) >= 1);
    await until(async () => Number(await cell('triggers', 'complains', 'Dropped')) >= 1);
    assert.match(await cell('triggers', 'complains', 'Last error'), /^\d.* times have no dead letters: .*<img src=x onerror=/);
    await until(async () => (await cell('triggers', 'waits', 'Last error')).includes('no messages for now'));
    assert.deepEqual([await cell('triggers', 'waits', 'Connected'), await cell('triggers', 'waits', 'Source')], ['no', 'orders']);
    assert.equal(await page.title(), 'Plugwright');
    assert.deepEqual(await page.evaluate(faint), []);
    await page.screenshot({ path: join(variable('SCREENSHOTS'), 'page-triggers.png'), fullPage: true });
    assert.deepEqual(complaints, []);
  } finally {
    await server.stop();
    server = usual;
  }
});

test('pictures of it', async () => {
  await signIn();
  for (let second = 0; second < 8; second += 1) {
    const bodies = Array.from({ length: 25 + 10 * (second % 3) }, (_, index) => 'x'.repeat(1 + 100 * index));
    await Promise.all(bodies.map((body) => post('/echo', body)));
    if (second % 2 === 0) await post('/crash', '');
    const text = await page.locator('#about').textContent();
    await until(async () => (await page.locator('#about').textContent()) !== text);
  }
  await post('/complain', 'the input is not JSON: expected `{` at line 1');
  await choose('config');
  await page.getByLabel('Input').fill('greeting');
  await callByKeyboard();
  await outcome('Succeeded in');
  await page.locator('#errors > li').filter({ hasText: 'not JSON' }).waitFor();
  await page.locator('#errors > li').filter({ hasText: 'tester · crash' }).locator('summary').click();
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(variable('SCREENSHOTS'), `page-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 400, height: 800 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, 'a narrow screen has to be scrolled sideways');
  await page.screenshot({ path: join(variable('SCREENSHOTS'), 'page-narrow.png'), fullPage: true });
  assert.deepEqual(complaints, []);
});

/** @param {string} name */
function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
}

async function signIn() {
  await page.goto(`${server.admin_url}/_/`);
  await page.getByLabel('Token', { exact: true }).fill(TOKEN);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Playground' }).waitFor();
}

/**
 * Sends a request to the public address.
 * @param {string} path
 * @param {string} body
 */
async function post(path, body) {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
  await response.arrayBuffer();
  return response.status;
}

/** Chooses a function by the plug-in's button. @param {string} name */
async function choose(name) {
  await page.locator('#plugins').getByRole('button', { name, exact: true }).click();
  assert.equal(await page.getByLabel('Function', { exact: true }).inputValue(), JSON.stringify(['tester', name]));
}

async function callByKeyboard() {
  await page.getByLabel('Input').press('Control+Enter');
}

/** @param {string} text */
async function outcome(text) {
  await page.locator('#result-text').getByText(text).waitFor();
}

/**
 * @param {string} table
 * @param {string} row
 * @param {string} column
 */
async function cell(table, row, column) {
  const heads = await page.locator(`#${table} thead th`).allTextContents();
  const cells = page.locator(`#${table} tbody tr`).filter({ has: page.getByRole('rowheader', { name: row, exact: true }) }).locator('th, td');
  return (await cells.nth(heads.indexOf(column)).textContent()) ?? '';
}

/** @param {() => Promise<boolean>} holds */
async function until(holds) {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await holds()) return;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  assert.fail(`${holds} does not become true`);
}

/** Runs in the page: texts whose contrast with what is behind them is less than 4.5 to 1. */
function faint() {
  /** @param {string} color */
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  /** @param {number[]} rgb */
  const luminance = (rgb) => {
    const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** @param {Element | null} element @returns {number[]} */
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? behind(element.parentElement) : color;
  };
  return [...document.querySelectorAll('body *')]
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()) && each.checkVisibility())
    .filter((each) => {
      const style = getComputedStyle(each);
      const front = each.namespaceURI?.endsWith('svg') ? style.fill : style.color;
      const [light, dark] = [luminance(parse(front).slice(0, 3)), luminance(behind(each).slice(0, 3))].sort((a, b) => b - a);
      return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05) < 4.5;
    })
    .map((each) => `${each.tagName} ${each.textContent?.slice(0, 40)}`);
}
