import assert from 'node:assert/strict';
import { connect } from 'mqtt';
import { MAX, type SidebarPlace } from './sidebar-place';

/** What the sidebar sends: publications, saved ones, and the clearing of retained messages. */
export function sidebarWritingSuite(place: SidebarPlace): void {
  const { button, search, send, texts, tile } = place;

  it('publishes from a topic, and remembers what was sent', async () => {
    await tile('home/kitchen/window').click();
    await place.editor.page.locator('.dxs-detail .dxs-publish > summary').click();
    const kept = () =>
      place.editor.page.evaluate("localStorage.getItem('dinox-sidebar') ?? ''") as Promise<string>;
    await place.editor.page.locator('.dxs-detail textarea').fill('code 4711');
    await place.editor.page.locator('.dxs-detail .dxs-primary').click();
    await place.editor.page.locator('.dxs-large .dxs-value', { hasText: '4711' }).waitFor({ timeout: MAX });
    // Without being asked it keeps where something went, and not what: that may be the code of a door.
    await place.editor.page.waitForFunction(
      "(localStorage.getItem('dinox-sidebar') ?? '').includes('window')",
    );
    assert.ok(!(await kept()).includes('4711'));
    await place.editor.page.locator('.dxs-detail').getByLabel(texts.publish.keep).check();
    await place.editor.page.locator('.dxs-detail textarea').fill('closed');
    await place.editor.page.locator('.dxs-detail .dxs-primary').click();
    await place.editor.page.locator('.dxs-large .dxs-value', { hasText: 'closed' }).waitFor({ timeout: MAX });
    await place.editor.page
      .locator('.dxs-detail select option', { hasText: 'closed' })
      .waitFor({ state: 'attached' });
    assert.match(await kept(), /closed/);
    await place.editor.page.locator('.dxs-detail').getByLabel(texts.publish.keep).uncheck();
    assert.doesNotMatch(await kept(), /closed/, 'and forgets it where it no longer may');
    await button(texts.detail.back).click();
  });

  it('saves a publication by name, for everybody, and fills the form with it', async () => {
    const { page } = place.editor;
    const form = page.locator('dialog .dxs-form');
    const open = async (): Promise<void> => {
      await button(texts.menu).click();
      await page.locator('.dxs-menu-item', { hasText: texts.publish.label }).click();
    };
    const field = (label: string) => form.locator(`[aria-label=${JSON.stringify(label)}]`);
    await open();
    await field(texts.publish.topic).fill('home/kitchen/lamp/set');
    await field(texts.publish.payload).fill('OFF');
    await form.locator('.dxs-preset summary').click();
    await field(texts.preset.name).fill('Good night <b>');
    await page.keyboard.press('Enter');
    await form.locator('.dxs-preset').getByText(texts.preset.saved, { exact: true }).waitFor();
    assert.deepEqual(await place.editor.faults('dialog.dxs-dialog'), [], 'axe on the saved message');
    await place.editor.picture(`sidebar-preset-${place.version}`);
    await page.keyboard.press('Escape');
    await open();
    await field(texts.preset.list).selectOption({ label: 'Good night <b>' });
    assert.equal(await field(texts.publish.topic).inputValue(), 'home/kitchen/lamp/set');
    assert.equal(await field(texts.publish.payload).inputValue(), 'OFF');
    await form.locator('.dxs-preset summary').click();
    await form.locator('.dxs-preset button', { hasText: texts.preset.forget }).click();
    await form.locator('.dxs-preset').getByText(texts.preset.forgotten, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog.dxs-dialog').waitFor({ state: 'detached' });
  });

  it('clears a retained message after asking, and brings it back', async () => {
    await send('home/kitchen/window', 'open', true);
    await tile('home/kitchen/window').click();
    const clear = button(texts.clear.one);
    await place.editor.page.waitForFunction(
      `!document.querySelector('.dxs-detail .dxs-button[aria-label=${JSON.stringify(texts.clear.one)}]').disabled`,
    );
    // By keyboard, which is where it was when the question is answered, or beside what is gone.
    const { page } = place.editor;
    const note = page.locator('.red-ui-notification');
    const has = (what: string): Promise<unknown> =>
      page.waitForFunction(`document.activeElement.matches(${JSON.stringify(what)})`, undefined, {
        timeout: MAX,
      });
    await clear.focus();
    await page.keyboard.press('Enter');
    await has('.red-ui-notification button:not(.primary)');
    await page.keyboard.press('Enter');
    await has(`.dxs-button[aria-label=${JSON.stringify(texts.clear.one)}]`);
    await page.keyboard.press('Enter');
    await has('.red-ui-notification button:not(.primary)');
    await page.keyboard.press('Tab');
    await has('.red-ui-notification button.primary');
    await page.keyboard.press('Enter');
    const undo = note.locator('button', { hasText: texts.clear.undo });
    await undo.waitFor({ timeout: MAX });
    // Node-RED 5 would give it to the note.
    await has('.dxs-detail button');
    await undo.click({ timeout: MAX });
    await note.getByText(texts.clear.undone.replace('__count__', '1')).waitFor({ timeout: MAX });
    await button(texts.detail.back).click();
    await tile('home/kitchen/window').locator('.dxs-value', { hasText: 'open' }).waitFor({ timeout: MAX });
  });

  if (place.version === '4')
    it('clears the retained messages of a filtered set in steps, and brings all back', async () => {
      const topics = Array.from({ length: 1_100 }, (_, i) => `home/bulk/${i}`);
      const notes = place.editor.page.locator('.red-ui-notification');
      const counted = async (): Promise<number> => {
        const reader = connect(`mqtt://127.0.0.1:${place.mosquitto.port}`);
        let count = 0;
        reader.on('message', (_topic, payload) => {
          count += payload.length > 0 ? 1 : 0;
        });
        // At QoS 1 Mosquitto queues no more than a thousand.
        await reader.subscribeAsync('home/bulk/#', { qos: 0 });
        // Mosquitto sends what is retained before what comes now.
        const last = new Promise((resolve) =>
          reader.on('message', (topic) => topic === 'home/bulk' && resolve(0)),
        );
        await send('home/bulk', '');
        await last;
        await reader.endAsync();
        return count;
      };
      await Promise.all(topics.map((topic, i) => send(topic, String(i), true)));
      await search().fill('home/bulk/#');
      await place.editor.page.waitForFunction(
        "/1.?100/.test(document.querySelector('.dxs-foot').textContent)",
      );
      await button(texts.menu).click();
      await place.editor.page.locator('.dxs-menu .dxs-danger').click();
      await notes.locator('button.primary', { hasText: '1100' }).click();
      await notes.getByText(texts.clear.done.replace('__count__', '1100')).waitFor({ timeout: MAX });
      assert.equal(await counted(), 0);
      await notes.locator('button', { hasText: texts.clear.undo }).click();
      await notes.getByText(texts.clear.undone.replace('__count__', '1100')).waitFor({ timeout: MAX });
      assert.equal(await counted(), 1_100);
      await Promise.all(topics.map((topic) => send(topic, '', true)));
      await search().fill('');
    });
}
