import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MAX, type SidebarPlace } from './sidebar-place';

/** What somebody does with an open topic: its chart, its limit, its day as a file, and nodes for it. */
export function sidebarTopicSuite(place: SidebarPlace): void {
  const { axe, button, search, texts, tile } = place;

  it('opens a topic with the keyboard, and goes back', async () => {
    await search().fill('kitchen/temperature');
    await search().press('ArrowDown');
    await place.editor.page.keyboard.press('Enter');
    await place.editor.page.waitForSelector('.dxs-detail', { timeout: MAX });
    assert.equal(await place.editor.page.locator('.dxs-detail h3').textContent(), 'temperature');
    await place.editor.page.waitForSelector('.dxs-detail .dinox-chart svg', { timeout: MAX });
    await axe('a topic');
    await place.editor.picture(`sidebar-topic-${place.version}`);
    await place.editor.page.keyboard.press('Escape');
    await place.editor.page.waitForSelector('.dxs-detail', { state: 'detached' });
    await search().fill('');
  });

  it('has a limit that one drags in the chart, with the pointer and with keys, and an alert takes it', async () => {
    const { page } = place.editor;
    const slider = page.locator('.dinox-limit');
    const limit = async (): Promise<number> => Number(await slider.getAttribute('aria-valuenow'));
    const typed = page.locator(`.dxs-form input[aria-label=${JSON.stringify(texts.alert.limit)}]`);
    await tile('home/kitchen/temperature').click();
    await page.locator('.dxs-actions .dxs-button', { hasText: texts.alert.make }).click();
    await slider.waitFor({ timeout: MAX });
    const before = await limit();
    await place.editor.picture(`sidebar-limit-${place.version}`);
    await slider.hover({ position: { x: 40, y: 8 }, timeout: 5_000 });
    const box = await slider.boundingBox();
    assert.ok(box);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 48, { steps: 4 });
    const dragged = await limit();
    assert.ok(dragged < before, `${dragged} < ${before}`);
    await page.mouse.up();
    assert.equal(Number(await typed.inputValue()), dragged);
    await slider.press('ArrowUp');
    const higher = await limit();
    assert.ok(higher > dragged, `${higher} > ${dragged}`);
    await slider.press('End');
    const highest = await limit();
    await slider.press('PageUp');
    assert.ok((await limit()) > highest);
    const most = Number(await slider.getAttribute('aria-valuemax'));
    assert.ok(most > (await limit()), 'the chart makes room');
    await axe('the limit');
    await button(texts.chart.enlarge).click();
    await page.locator('dialog .dinox-limit').press('PageDown');
    await place.editor.picture(`sidebar-limit-${place.version}`);
    const chosen = await typed.inputValue();
    const isOffered = "document.querySelector('.dxs-start').hidden === false";
    assert.equal(await page.evaluate(isOffered), true, 'there is no alert yet');
    await page.locator('dialog .dxs-primary').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.mouse.move(500, 560);
    await page.mouse.click(520, 560);
    assert.deepEqual(
      await page.evaluate(
        "RED.nodes.filterNodes({ type: 'dinox-alert' }).map(({ limit, condition }) => [limit, condition])",
      ),
      [[chosen, 'above']],
    );
    await page.waitForFunction(`!(${isOffered})`);
    const wire = `(() => {
      const [{ source, target }] = RED.nodes.filterLinks({ target: RED.nodes.filterNodes({ type: 'dinox-alert' })[0] });
      return target.x - target.w / 2 - source.x - source.w / 2;
    })()`;
    await page.waitForFunction(`${wire} >= 20`);
    await page.evaluate('RED.history.pop()');
    await button(texts.detail.back).click();
    // What is usual for what is measured stands there before anything else.
    await place.send('home/cellar/freezer', '-18.5');
    await tile('home/cellar/freezer').click();
    await page.locator('.dxs-actions .dxs-button', { hasText: texts.alert.make }).click();
    assert.equal(await typed.inputValue(), '-15');
    await page.locator('.dxs-form .dxs-primary', { hasText: texts.alert.place }).click();
    await page.mouse.move(500, 560);
    await page.mouse.click(520, 560);
    assert.deepEqual(
      await page.evaluate(
        "RED.nodes.filterNodes({ type: 'dinox-alert' }).map(({ limit, hysteresis, holdFor }) => [limit, hysteresis, holdFor])",
      ),
      [['-15', '1', '5m']],
    );
    await page.evaluate('RED.history.pop()');
    await button(texts.detail.back).click();
  });

  it('saves a day as CSV and as a picture', async () => {
    const { page } = place.editor;
    const saved = async (label: string): Promise<[string, Buffer]> => {
      const [file] = await Promise.all([page.waitForEvent('download'), button(label).click()]);
      return [file.suggestedFilename(), readFileSync(await file.path())];
    };
    await tile('home/kitchen/temperature').click();
    await page.waitForSelector('.dxs-detail .dinox-chart svg', { timeout: MAX });
    const [name, csv] = await saved(texts.chart.csv);
    assert.equal(name, 'home-kitchen-temperature.csv');
    const [head, ...lines] = csv.toString().trimEnd().split('\r\n');
    const topic = 'home/kitchen/temperature';
    assert.equal(head, `time,${topic},${topic} min,${topic} max`);
    for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z(,-?[\d.]+){3}$/);
    const values = lines.flatMap((line) => line.split(',').slice(1).map(Number));
    assert.ok(values.includes(22), csv.toString());
    // What came within the same second as the next value is not kept of JSON.
    for (const value of values) assert.ok(value === 21.5 || value === 22, csv.toString());
    const [picture, png] = await saved(texts.chart.png);
    assert.equal(picture, 'home-kitchen-temperature.png');
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.ok(png.readUInt32BE(16) > 100 && png.length > 1_000, 'a chart is in it');
    await button(texts.detail.back).click();
  });

  it('puts a node that receives the topic into the flow', async () => {
    await tile('home/kitchen/window').click();
    await place.editor.page.locator('.dxs-actions .dxs-button').first().click();
    await place.editor.page.mouse.move(500, 500);
    await place.editor.page.mouse.click(520, 500);
    const found = (await place.editor.page.evaluate(
      "RED.nodes.filterNodes({ type: 'dinox-mqtt-in' }).map(({ topic, broker }) => [topic, broker])",
    )) as string[][];
    assert.ok(
      found.some(([topic, broker]) => topic === 'home/kitchen/window' && broker === 'house'),
      String(found),
    );
    await place.editor.page.evaluate('RED.history.pop()');
    await button(texts.detail.back).click();
  });

  it('begins a rule that forwards the topic to a chat, in a new bridge and then in the one that is there', async () => {
    const { page } = place.editor;
    const bridges = () =>
      page.evaluate(
        "RED.nodes.filterNodes({ type: 'dinox-bridge' }).map(({ broker, rules }) => [broker, rules.map(({ to, filter, direction }) => [to, filter, direction].join(' '))])",
      );
    const forward = async (topic: string): Promise<void> => {
      await tile(topic).click();
      await page.locator('.dxs-actions .dxs-button', { hasText: texts.forward.make }).click();
      await place.editor.settled('#node-dialog-ok');
    };
    const before = await page.evaluate('RED.history.depth()');
    await forward('home/kitchen/window');
    assert.equal(await page.locator('.dinox-rule').count(), 1);
    assert.equal(await page.locator('[data-field=filter] input').inputValue(), 'home/kitchen/window');
    await page.locator('[data-field=to] input').fill('anna@example.org');
    await place.editor.picture(`forward-${place.version}`);
    await place.editor.save();
    const first = 'anna@example.org home/kitchen/window toChat';
    assert.deepEqual(await bridges(), [['house', [first]]]);
    await button(texts.detail.back).click();
    // Nothing is there before *Done*.
    await forward('home/kitchen/lamp/state');
    assert.equal(await page.locator('.dinox-rule').count(), 2);
    await place.editor.cancel();
    assert.deepEqual(await bridges(), [['house', [first]]]);
    await page.locator('.dxs-actions .dxs-button', { hasText: texts.forward.make }).click();
    await place.editor.settled('#node-dialog-ok');
    await page.locator('[data-field=to] input').nth(1).fill('house@rooms.example.org');
    await place.editor.save();
    assert.deepEqual(await bridges(), [
      ['house', [first, 'house@rooms.example.org home/kitchen/lamp/state toChat']],
    ]);
    await page.evaluate(`while (RED.history.depth() > ${before}) RED.history.pop()`);
    assert.deepEqual(await bridges(), []);
    await button(texts.detail.back).click();
  });
}
