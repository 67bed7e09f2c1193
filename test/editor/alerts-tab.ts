/** The alerts tab at 300 px, by mouse and keyboard: what is wrong, what can be done, what is watched, and what is over. */
import assert from 'node:assert/strict';
import type { Editor } from './editor';
import { AXE, NARROW } from './in-page';

/** Injects a value for a key of the alert, which is above 25. */
export type Inject = (id: string) => Promise<void>;

/**
 * @param inject ids of inject nodes: `warm`, `warmer` and `cold` for `freezer`, `topical` for a recorded topic, `hostile` for a
 * name that is markup
 * @param topic the recorded one
 * @param alert the id of the node
 * @param picture name of the pictures
 */
export async function usesAlertsTab(
  editor: Editor,
  inject: Inject,
  { topic, alert, picture }: { topic: string; alert: string; picture: string },
): Promise<void> {
  const { page } = editor;
  const tab = page.locator('#dinox-sidebar-alerts');
  const card = (text: string) => tab.locator('.dxs-alert', { hasText: text });
  const axe = async (what: string): Promise<void> =>
    assert.deepEqual(await editor.faults('.dinox-sidebar'), [], `axe on ${what}`);
  /** Nothing is wider than the tab. */
  const fits = async (what: string): Promise<void> =>
    assert.equal(
      await tab.evaluate((element) => element.scrollWidth - element.clientWidth),
      0,
      `${what} is too wide`,
    );
  // Eight values are worth a line. The same one twice in a millisecond would count once.
  for (let more = 0; more < 7; more++) await inject(more % 2 === 0 ? 'warm' : 'warmer');
  await page.evaluate(AXE);
  await page.evaluate(NARROW);
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
  await page.click('#dinox-sidebar-tab-alerts');
  const freezer = card('freezer');
  await freezer.locator('.dxs-said', { hasText: /^30 is above 25$/ }).waitFor();
  await freezer.locator('.dxs-spark-line[d^="M"]').waitFor({ state: 'attached' });
  assert.equal(await freezer.locator('[data-act=topic]').count(), 0, 'its key is no topic');

  // Silenced by keyboard. What is wrong is said, and the keyboard stays in the card.
  await freezer.locator('summary').focus();
  await page.keyboard.press('Enter');
  await freezer.locator('.dxs-silence input').waitFor();
  await fits('the silences');
  await editor.picture(`${picture}-silence`);
  await freezer.locator('.dxs-silence input').focus();
  await page.keyboard.type('400d');
  await page.keyboard.press('Enter');
  await page.locator('.red-ui-notification', { hasText: 'at most 31 days' }).first().waitFor();
  await freezer.locator('.dxs-silence input').fill('until 18:00');
  await page.keyboard.press('Enter');
  await freezer.locator('.dxs-facts', { hasText: /silent until (\S+ )?18:00(?!:)/ }).waitFor();
  // The keyboard is on what takes it back, and then on what begins it anew.
  for (const act of ['silence off', 'silence']) {
    await page.waitForFunction(`document.activeElement.dataset.act === '${act}'`);
    await page.keyboard.press('Enter');
  }
  await freezer.locator('button', { hasText: /^8 h$/ }).click();
  await freezer.locator('.dxs-facts', { hasText: /silent until/ }).waitFor();

  // The way to the node, and to a topic.
  await freezer.locator('[data-act=node]').click();
  await page.waitForFunction(`RED.nodes.node('${alert}').highlighted === true`);
  await inject('topical');
  await card(topic).locator('[data-act=topic]').click();
  await page.locator('.dxs-detail', { hasText: topic.split('/').at(-1) ?? '' }).waitFor();
  await page.locator('.dxs-detail .dxs-chart-panel').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.dxs-detail').waitFor({ state: 'detached' });
  await card(topic).waitFor();

  await inject('hostile');
  await card('<img').waitFor();
  assert.equal(await tab.locator('img').count(), 0, 'a name is no markup');
  await fits('the alerts');
  await axe('open alerts');
  await editor.picture(`${picture}-open`);

  // What is over, the last first, and what is watched then, with the distance to its limit.
  const past = tab.locator('.dxs-past');
  await past.locator('summary').focus();
  await page.keyboard.press('Enter');
  await past.locator('li', { hasText: 'freezer: 30 is above 25' }).first().waitFor();
  await editor.picture(`${picture}-past`);
  const before = await past.locator('li').count();
  await inject('cold');
  await tab.locator('.dxs-watched li', { hasText: /freezer.*10 · 15 below the limit of 25/ }).waitFor({
    state: 'attached',
  });
  await page.waitForFunction(`document.querySelectorAll('.dxs-past li').length === ${before + 1}`);
  await inject('healed');
  await inject('topicalCold');
  await tab.locator('.dxs-empty', { hasText: 'no open alerts' }).waitFor();
  assert.equal(
    await tab.locator('.dxs-watched').evaluate((element) => (element as HTMLDetailsElement).open),
    true,
  );
  assert.match(
    (await past.locator('li').first().textContent()) ?? '',
    /living_room|<img/,
    'the last one first',
  );
  await fits('what is watched');
  await axe('what is watched');
  await editor.picture(`${picture}-well`);
}

/** The same list for somebody who reads German; the runtime speaks English. */
export async function readsPastAlertsInGerman(editor: Editor, picture: string): Promise<void> {
  const { page } = editor;
  await page.evaluate(NARROW);
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
  await page.click('#dinox-sidebar-tab-alerts');
  const past = page.locator('#dinox-sidebar-alerts .dxs-past');
  await past.locator('summary').click();
  await past
    .locator('li', { hasText: /#\d+ freezer: 30 ist über 25/ })
    .first()
    .waitFor();
  await past.locator('li', { hasText: /<img src=x.*: 40 ist über 25/ }).waitFor();
  assert.equal(await past.locator('img').count(), 0, 'a name is no markup');
  await past.locator('li').last().scrollIntoViewIfNeeded();
  await editor.picture(picture);
}
