import assert from 'node:assert/strict';
import { MAX, type SidebarPlace } from './sidebar-place';

const LAMP = {
  '~': 'home/kitchen/lamp',
  name: 'Lamp',
  stat_t: '~/state',
  cmd_t: '~/set',
  dev: { name: 'Kitchen <b>ceiling</b>' },
};

/** The list of topics: what is in it, under which names, and how it is searched. */
export function sidebarListSuite(place: SidebarPlace): void {
  const { axe, search, send, texts, tile } = place;

  it('says what to do while nothing has come yet', async () => {
    await place.editor.page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
    await place.editor.page.waitForSelector('.dxs-empty[data-why=silent]', { timeout: MAX });
    assert.equal(
      await place.editor.page.locator('.dxs-topics .dxs-empty[data-why] > p').textContent(),
      texts.empty.silent,
    );
    await axe('the empty list');
  });

  it('shows a tile for each topic, and its new values', async () => {
    await send('home/kitchen/temperature', '{"value":21.5,"unit":"°C"}');
    await send('home/kitchen/window', 'open', true);
    await send('home/kitchen/plug', '{"power":12.5,"battery":80}');
    await tile('home/kitchen/temperature').waitFor({ timeout: MAX });
    assert.equal(await tile('home/kitchen/temperature').locator('.dxs-value').textContent(), '21.5');
    assert.equal(await tile('home/kitchen/temperature').locator('.dxs-unit').textContent(), '°C');
    await tile('home/kitchen/window').waitFor({ timeout: MAX });
    await send('home/kitchen/temperature', '{"value":22,"unit":"°C"}');
    await tile('home/kitchen/temperature')
      .locator('.dxs-value', { hasText: /^22$/ })
      .waitFor({ timeout: MAX });
    // The line of the day has been asked for and drawn.
    await place.editor.page.waitForFunction(
      "[...document.querySelectorAll('.dxs-tile .dxs-spark-line')].some((line) => line.getAttribute('d'))",
      undefined,
      { timeout: MAX },
    );
    await axe('tiles');
    await place.editor.picture(`sidebar-tiles-${place.version}`);
  });

  it('finds while one types: words, a filter, an expression', async () => {
    const shown = async (text: string, topics: string[]): Promise<void> => {
      await search().fill(text);
      const names = await place.editor.page.evaluate(
        "[...document.querySelectorAll('.dxs-tile:not([hidden])')].map((tile) => tile.title.split('\\n')[0]).sort()",
      );
      assert.deepEqual(names, topics);
    };
    await shown('kitchen temp', ['home/kitchen/temperature']);
    await shown('home/+/window', ['home/kitchen/window']);
    await shown('/wind.w$/', ['home/kitchen/window']);
    await search().fill('/[/');
    assert.equal(await search().getAttribute('aria-invalid'), 'true');
    await search().fill('nothing of the kind');
    await place.editor.page.waitForSelector('.dxs-empty[data-why=search]', { timeout: MAX });
    await search().fill('');
  });

  it('calls topics what Home Assistant calls them, and finds them by that', async () => {
    await send('homeassistant/light/kitchen/config', JSON.stringify(LAMP), true);
    await send('home/kitchen/lamp/state', 'ON');
    await search().fill('ceiling');
    const found = tile('home/kitchen/lamp/state');
    await found.waitFor({ timeout: MAX });
    assert.equal(await found.locator('.dxs-name').textContent(), 'Kitchen <b>ceiling</b> Lamp');
    assert.equal(await found.locator('b').count(), 0, 'a name is text');
    await place.editor.picture(`sidebar-names-${place.version}`);
    await search().fill('homeassistant');
    await place.editor.page.waitForSelector('.dxs-empty[data-why=search]', { timeout: MAX });
    await search().fill('');
    await place.editor.edit('in');
    await place.editor.node('topic').fill('');
    await place.editor.node('topic').pressSequentially('ceil');
    const offered = place.editor.page.locator('.dinox-completion');
    await offered.first().waitFor({ timeout: MAX });
    assert.match(
      (await offered.allTextContents()).join('\n'),
      /home\/kitchen\/lamp\/stateKitchen <b>ceiling<\/b> Lamp/,
    );
    await place.editor.page.keyboard.press('Escape');
    await place.editor.cancel();
  });

  it('core\u2019s own nodes are offered the topics of the same server, with names and values, as text', async () => {
    const offered = place.editor.page.locator('.red-ui-autoComplete-completion');
    const typed = async (id: string, text: string): Promise<void> => {
      await place.editor.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
      await place.editor.page.waitForSelector('#node-dialog-ok', { state: 'visible' });
      await place.editor.node('topic').fill('');
      await place.editor.node('topic').pressSequentially(text);
    };
    await typed('core-in', 'CEILING');
    await offered.first().waitFor({ timeout: MAX });
    assert.deepEqual(await offered.allTextContents(), [
      'home/kitchen/lamp/state · Kitchen <b>ceiling</b> Lamp · ON',
    ]);
    assert.equal(await place.editor.page.locator('.red-ui-autoComplete-container b').count(), 0);
    await place.editor.picture(`core-topics-${place.version}`);
    await offered.first().click();
    assert.equal(await place.editor.node('topic').inputValue(), 'home/kitchen/lamp/state');
    await place.editor.node('topic').fill('');
    await place.editor.node('topic').pressSequentially('home/kitchen/plu');
    // The list of a shorter beginning may still be there.
    await place.editor.page.waitForFunction(
      "document.querySelectorAll('.red-ui-autoComplete-completion').length === 1",
    );
    assert.deepEqual(await offered.allTextContents(), ['home/kitchen/plug · {"power":12.5,"battery":80}']);
    await place.editor.page.keyboard.press('Tab');
    assert.equal(await place.editor.node('topic').inputValue(), 'home/kitchen/plug');
    await place.editor.cancel();
    const answered = place.editor.page.waitForResponse('**/dinox/core-topics');
    await typed('core-away', 'h');
    assert.deepEqual((await (await answered).json()).rows, []);
    assert.equal(await offered.count(), 0);
    await place.editor.cancel();
  });
}
