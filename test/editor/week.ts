/** A connection that keeps seven days: chosen in its dialog, recorded, and looked at in the sidebar. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock';
import { DAY, HOUR, MINUTE } from '../../src/base/time-units';
import { History } from '../../src/history/history';
import { HistoryStore } from '../../src/history/store/history-store';
import { flowContext } from '../../src/runtime/data-folder';
import { recorderFolder } from '../../src/storage/user-dir';
import type { Editor } from './editor';
import { AXE } from './in-page';

const WEEKDAY = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/;

/** In the open dialog of a connection. */
export async function choosesWeek(editor: Editor): Promise<void> {
  const section = editor.page.locator('.dinox-form details[data-section=watch]');
  // The look at a new dialog leaves its sections open.
  if (!(await section.evaluate((element: HTMLDetailsElement) => element.open)))
    await section.locator('> summary').click();
  await editor.broker('history').selectOption({ label: '7 days' });
  assert.equal(await section.locator('.dinox-digest').textContent(), '7 days');
}

/** While Node-RED is stopped: what it would have recorded if it had run for a week, a value every ten minutes. */
export async function recordWeek(userDir: string, broker: string, topic: string): Promise<void> {
  const context = flowContext({ userDir, flowFile: 'flows.json' });
  assert.ok(context);
  const history = new History({ clock: systemClock, week: true });
  const events = { aside: assert.fail, failed: assert.fail, recovered: () => {} };
  const store = new HistoryStore({
    ...{ history, folder: recorderFolder(context.folder), id: broker, clock: systemClock, events },
  });
  await store.load();
  assert.ok(history.has(topic), 'it was recorded');
  const now = Date.now();
  for (let at = now - 6.5 * DAY; at < now - 2 * HOUR; at += 10 * MINUTE)
    history.record(topic, at, 10 + Math.round(30 * Math.sin((at / DAY) * 2 * Math.PI)) / 10);
  await store.close();
}

export interface Point {
  x: number;
  y: number | null;
}

/** The points of the last hour, and of the time before it. */
export function splitWeek(answer: unknown): { recent: Point[]; before: Point[] } {
  const points = (answer as Point[]).filter(({ y }) => y !== null);
  const limit = Date.now() - HOUR;
  return { recent: points.filter(({ x }) => x > limit), before: points.filter(({ x }) => x <= limit) };
}

/** Opens the topic in the sidebar and zooms out, by keyboard: weekdays below the line, and a value at the pointer. */
export async function seesWeek(editor: Editor, topic: string, picture: string): Promise<void> {
  const { page } = editor;
  await page.evaluate(AXE);
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
  await page.click('#dinox-sidebar-tab-topics');
  await page.locator(`.dxs-tile[aria-label^=${JSON.stringify(`${topic},`)}]`).click();
  const week = page.locator('.dxs-detail .dxs-segment .dxs-button', { hasText: /^7 d$/ });
  await week.focus();
  await page.keyboard.press('Enter');
  await page.locator('.dxs-detail .dinox-chart-label', { hasText: WEEKDAY }).nth(2).waitFor();
  assert.equal(await week.getAttribute('aria-pressed'), 'true');
  assert.equal(await week.evaluate((element) => element === document.activeElement), true);
  const legend = page.locator('.dxs-detail .dxs-legend').first();
  assert.match((await legend.textContent()) ?? '', /^least 7\s°C.*largest 24\s/);
  const plot = page.locator('.dxs-detail .dinox-chart-plot');
  await plot.hover();
  // The line is drawn anew every five seconds, and the pointer stays where it is.
  await legend.filter({ hasText: /^[A-Z][a-z]{2} \d\d:\d\d\s+\d/ }).waitFor();
  assert.deepEqual(await editor.faults('.dinox-sidebar'), [], 'axe on a week');
  await editor.picture(picture);
  await page.keyboard.press('Escape');
  await page.locator('.dxs-detail').waitFor({ state: 'detached' });
  // An open sidebar goes on asking while Node-RED restarts, and is told that its routes are not there yet.
  await page.evaluate("RED.sidebar.show('info')");
}
