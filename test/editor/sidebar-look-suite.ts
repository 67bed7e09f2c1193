import assert from 'node:assert/strict';
import { MAX, type SidebarPlace } from './sidebar-place';

const PLUG = 'home/kitchen/plug';
/** As Node-RED copies: with the selection of a field that is there for that moment only. */
const COPIED = `(() => {
  window.dinoxCopied = [];
  document.addEventListener('copy', () => dinoxCopied.push(document.activeElement.value));
})()`;

/** What somebody reads of an open topic: its messages, its JSON, and a value in the chart. */
export function sidebarLookSuite(place: SidebarPlace): void {
  const { button, search, send, texts, tile } = place;

  it('shows each message of a topic with the pause before it, and copies it', async () => {
    const { page } = place.editor;
    const line = (text: string) => page.locator('.dxs-message', { hasText: text });
    await page.evaluate(COPIED);
    await search().fill('kitchen/plug');
    await tile(PLUG).click();
    await page.locator('.dxs-messages > summary').click();
    // From now on the runtime keeps them.
    await line('"power":12.5').first().waitFor({ timeout: MAX });
    await send(PLUG, '{"power":<b>,"n":1}');
    await line('"n":1').waitFor({ timeout: MAX });
    await send(PLUG, '{"power":14.5,"battery":79,"n":2}');
    await line('"n":2').waitFor({ timeout: MAX });
    assert.match((await line('"n":2').locator('.dxs-message-pause').textContent()) ?? '', /^\+\d+\.\d\d s$/);
    assert.equal(await page.locator('.dxs-message b').count(), 0, 'a payload is text');
    const shown = await page.locator('.dxs-message').allTextContents();
    assert.ok(shown[0]?.includes('"n":2') && shown[1]?.includes('"n":1'), `the newest first: ${shown}`);
    await line('"n":2').locator('summary').click();
    await line('"n":2').locator('.dxs-button').click();
    assert.deepEqual(await page.evaluate('dinoxCopied'), ['{"power":14.5,"battery":79,"n":2}']);
  });

  it('has a number of the JSON in the chart at a click, and says its value at the pointer', async () => {
    const { page } = place.editor;
    const field = page.locator('.dxs-json-line', { hasText: 'battery' });
    await field.locator(`.dxs-button[aria-label*="payload.battery"]`).click();
    assert.equal(await page.evaluate('dinoxCopied.at(-1)'), 'payload.battery');
    await field.locator('.dxs-json-chart').click();
    const legend = page.locator('.dxs-detail .dxs-legend').first();
    await legend.filter({ hasText: /\b79\b.*\b80\b/ }).waitFor({ timeout: MAX });
    assert.equal(await page.locator('.dxs-reading select').inputValue(), 'battery');
    await place.editor.picture(`sidebar-json-${place.version}`);
    const chart = await page.locator('.dxs-detail .dinox-chart svg').boundingBox();
    assert.ok(chart);
    // The newest value is drawn near the right edge, and few pixels of a young chart have a value.
    let said = '';
    for (let left = 8; left < chart.width && !/\d:\d\d.*\s(79|80)( %)?$/.test(said); left += 2) {
      await page.mouse.move(chart.x + chart.width - left, chart.y + chart.height / 2);
      said = (await legend.textContent()) ?? '';
    }
    assert.match(said, /\d:\d\d.*\s(79|80)( %)?$/);
    await page.mouse.move(5, 5);
    await button(texts.detail.back).click();
    await search().fill('');
  });
}
