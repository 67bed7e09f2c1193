/** The phone of `npm start` in a real browser, as a person uses it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { Page } from 'playwright-core';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = '<img src=x onerror=alert(1)>';
const SOON = { state: 'visible', timeout: 20_000 } as const;
/** The freezer's door is left open, its air gets warm, and the hold time goes by. */
const ALERT = { state: 'visible', timeout: 45_000 } as const;

/** Asks, switches the light, and acknowledges: what comes back is what our nodes said over XMPP. */
export async function usePhone(page: Page, url: string, server: 'prosody' | 'small'): Promise<void> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.setViewportSize({ width: 420, height: 860 });
  await page.goto(`${url}phone/`);
  const said = (text: string | RegExp) => page.locator('.message.house', { hasText: text });
  const say = async (text: string): Promise<void> => {
    await page.getByLabel('Write to the house').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  await page.locator('.there', { hasText: 'online' }).waitFor(SOON);
  await page
    .locator('.what', { hasText: server === 'prosody' ? 'a Prosody' : 'a small server' })
    .waitFor(SOON);

  await say('kitchen');
  // The names come with what the devices announce, a moment later.
  await said(/Kitchen Temperature|temperature\/kitchen/).waitFor(SOON);
  await page.getByRole('button', { name: 'light living room on' }).click();
  await said('✔ light living room ON').waitFor(SOON);
  await say('freezer 24h');
  await said(/[▁▂▃▄▅▆▇█]{20}.*24 h/).waitFor(SOON);
  await say(HOSTILE);
  await page.locator('.message.you', { hasText: HOSTILE }).waitFor(SOON);
  assert.equal(await page.locator('.log img').count(), 0, 'a text stays a text');

  // It rings anew where the freezer has become critical meanwhile.
  const alert = said('is above -15').last();
  await alert.waitFor(ALERT);
  assert.equal(await alert.locator('.edited').count(), 0);
  await alert.getByRole('button', { name: 'Acknowledge' }).click();
  await alert.locator('.edited').waitFor(SOON);
  assert.match((await alert.locator('.bubble').textContent()) ?? '', /✔ acknowledged by you/);
  assert.equal(await said('acknowledged by').count(), 1, 'the same message, edited');
  if (server === 'prosody') await switchRouter(page, url);

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(AXE);
    const found = await page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
    );
    assert.deepEqual(found, [], colorScheme);
  }
  assert.deepEqual(errors, []);
  await refusesOthers(url);
}

/** The button of the flow: one message counts what is away because of the router, and what remains is told behind it. */
async function switchRouter(page: Page, url: string): Promise<void> {
  const press = async (state: 'on' | 'off'): Promise<void> => {
    const { status } = await fetch(`${url}inject/dinox-demo-router-${state}`, { method: 'POST' });
    assert.equal(status, 200);
  };
  const house = page.locator('.message.house');
  const sees = async (text: RegExp): Promise<void> => {
    const seen = house.filter({ hasText: text }).waitFor(ALERT);
    await seen.catch(async () => assert.fail(`${text}: ${(await house.allTextContents()).join(' | ')}`));
  };
  const others = house.filter({ hasText: /network\/(camera|television|printer)/ });
  await press('off');
  // One at first; the others are counted with the next edit, ten seconds later.
  await sees(/network\/router is offline … and \d more because of it/);
  assert.equal(await others.count(), 0, 'they are held back');
  await press('on');
  await sees(/network\/router is offline.*✔ resolved/s);
  await sees(/network\/printer is offline/);
  assert.equal(await others.count(), 1, 'only the printer needs longer');
}

/** Another site that a person has open beside this may neither read nor write. */
async function refusesOthers(url: string): Promise<void> {
  const status = await new Promise((resolve, reject) => {
    get(`${url}phone/events`, { headers: { host: 'evil.example' } }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    }).once('error', reject);
  });
  assert.equal(status, 403);
  for (const [path, type, body] of [
    ['say', 'text/plain', '{"text":"kitchen"}'],
    ['say', 'application/json', '{'],
    ['say', 'application/json', `{"text":"${'x'.repeat(20_000)}"}`],
    ['nothing', 'application/json', '{"text":"kitchen"}'],
  ] as const) {
    const answer = await fetch(`${url}phone/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });
    assert.equal(answer.status, 400, `${path} ${type}`);
  }
  assert.equal((await fetch(`${url}phone/..%2fstart.mjs`)).status, 404);
}
