import assert from 'node:assert/strict';
import { NODE_RED_VERSIONS } from '../support/node-red';
import { PAYLOADS, TOPICS } from './injections';
import { sidebarListSuite } from './sidebar-list-suite';
import { sidebarLookSuite } from './sidebar-look-suite';
import { MAX, SidebarPlace } from './sidebar-place';
import { sidebarTopicSuite } from './sidebar-topic-suite';
import { sidebarWritingSuite } from './sidebar-writing-suite';

for (const version of NODE_RED_VERSIONS) {
  describe(`sidebar in Node-RED ${version}`, function () {
    this.timeout(90_000);
    const place = new SidebarPlace(version);
    const { axe, button, lay, search, send, sidebar, tabOf, texts, tile } = place;

    before(() => place.open());
    after(() => place.close());

    sidebarListSuite(place);
    sidebarTopicSuite(place);
    sidebarLookSuite(place);
    sidebarWritingSuite(place);

    it('shows the tree and the connection, both for everybody', async () => {
      await lay('tree');
      await place.editor.page.locator('.dxs-line', { hasText: 'temperature' }).waitFor({ timeout: MAX });
      await axe('the tree');
      await place.editor.picture(`sidebar-tree-${place.version}`);
      await lay('tiles');
      await tabOf('connections').click();
      await place.editor.page.locator('.dxs-connection .dxs-connected').waitFor({ timeout: MAX });
      // The bot, whose server does not answer, and the node that speaks through it.
      const bot = place.editor.page.locator('.dxs-connection', {
        has: place.editor.page.locator('.dxs-users'),
      });
      await bot.locator('.dxs-reason').waitFor({ timeout: MAX });
      assert.equal(await bot.locator('h3').textContent(), 'bot@localhost');
      assert.equal(await bot.locator('.dxs-users').textContent(), 'Say');
      const held = place.editor.page.locator('.dxs-held');
      await held.locator('p', { hasText: 'old.lan' }).waitFor({ timeout: MAX });
      await axe('connections');
      await place.editor.picture(`sidebar-connections-${place.version}`);
      const arrived = new Promise((resolve) => place.publisher.once('message', resolve));
      await place.publisher.subscribeAsync('held/#');
      await held.locator('button', { hasText: texts.connection.heldSend }).click();
      assert.equal(await arrived, 'held/gate');
      await held.waitFor({ state: 'detached', timeout: MAX });
      // Into the dialog of the connection, by mouse and by keyboard, which comes back.
      const { page } = place.editor;
      const edit = page.locator('.dxs-connection header button').first();
      const cancel = page.locator('#node-config-dialog-cancel');
      await edit.click();
      await page.locator('#node-config-input-jid').waitFor({ timeout: MAX });
      await cancel.click();
      await cancel.waitFor({ state: 'detached', timeout: MAX });
      await edit.focus();
      await page.keyboard.press('Enter');
      await cancel.waitFor({ timeout: MAX });
      await place.editor.picture(`sidebar-connection-edit-${place.version}`);
      await cancel.click();
      await page.waitForFunction(
        "document.activeElement.matches('.dxs-connection header button')",
        undefined,
        {
          timeout: MAX,
        },
      );
      await tabOf('alerts').click();
      await place.editor.page.locator('#dinox-sidebar-alerts .dxs-empty').waitFor({ timeout: MAX });
      await axe('alerts');
      await tabOf('topics').click();
    });

    it('shows 50 payloads and topics of an attacker as text, and runs none', async () => {
      for (const [i, payload] of PAYLOADS.entries()) await send(`evil/payload/${i}`, payload);
      for (const topic of TOPICS) await send(`evil/topic/${topic}`, 'x');
      await search().fill('evil');
      const total = PAYLOADS.length + TOPICS.length;
      await place.editor.page.waitForFunction(
        `document.querySelector('.dxs-count').textContent.includes('${total}')`,
        undefined,
        { timeout: MAX },
      );
      assert.equal(PAYLOADS.length, 50);
      for (const layout of ['tree', 'tiles'] as const) {
        // Each is painted once, and the last ones stay.
        for (let top = 0; top < 12; top++) {
          await place.editor.page.evaluate(`document.querySelector('.dxs-list').scrollTop = ${top * 450}`);
          await place.editor.page.evaluate(
            'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
          );
        }
        await lay(layout);
      }
      // The full payload and the title of the worst ones.
      await search().fill('onerror=');
      for (let i = 0; i < 3; i++) {
        await place.editor.page.locator('.dxs-tile:visible').nth(i).click();
        await place.editor.page.waitForFunction(
          "document.querySelector('.dxs-payload pre')?.textContent === 'x'",
          undefined,
          { timeout: MAX },
        );
        await button(texts.detail.back).click();
      }
      await search().fill('/payload.3$/');
      await place.editor.page.locator('.dxs-tile:visible').first().click();
      await place.editor.page.waitForFunction(
        `document.querySelector('.dxs-payload pre')?.textContent === ${JSON.stringify(PAYLOADS[3])}`,
        undefined,
        { timeout: MAX },
      );
      await button(texts.detail.back).click();
      assert.equal(await place.editor.page.evaluate('window.dinoxHacked'), undefined);
      const intruders = await place.editor.page.evaluate(
        "document.querySelectorAll('.dinox-sidebar :is(script, iframe, object, embed, base, meta, link, form:not(.dxs-form), video)').length + document.querySelectorAll('.dinox-sidebar img:not([alt])').length",
      );
      assert.equal(intruders, 0);
      await search().fill('');
    });

    it('holds at 320 px and with text at 200 %', async () => {
      const widths = async (what: string): Promise<void> => {
        for (const style of ['width: 320px', 'width: 320px; zoom: 2']) {
          const [scroll, client] = (await place.editor.page.evaluate(`(() => {
            document.querySelector('.dinox-sidebar').setAttribute('style', '${style}');
            const views = [...document.querySelectorAll('.dxs-view, .dxs-detail-body')].filter((one) => one.clientWidth);
            const { scrollWidth, clientWidth } = views.sort((a, b) => b.scrollWidth - b.clientWidth - a.scrollWidth + a.clientWidth)[0];
            return [scrollWidth, clientWidth];
          })()`)) as [number, number];
          assert.ok(scroll <= client, `${what}, ${style}: ${scroll} > ${client}`);
        }
        await place.editor.page.evaluate("document.querySelector('.dinox-sidebar').removeAttribute('style')");
      };
      await widths('topics');
      await tabOf('connections').click();
      await widths('connections');
      await tabOf('topics').click();
      await search().fill('kitchen/temperature');
      await tile('home/kitchen/temperature').click();
      await widths('a topic');
      await button(texts.detail.back).click();
      await search().fill('');
    });

    it('shows four tiles, or ten lines, in 300 px: a tab of Node-RED 5 on a small screen', async () => {
      await place.editor.page.evaluate(
        "document.querySelector('.dinox-sidebar').setAttribute('style', 'width: 294px; height: 282px')",
      );
      const seen = (kind: string, least: number) =>
        place.editor.page.waitForFunction(`(() => {
          const { top, bottom } = document.querySelector('.dxs-topics .dxs-list').getBoundingClientRect();
          return [...document.querySelectorAll('.dxs-topics .dxs-${kind}:not([hidden])')].filter((one) => {
            const place = one.getBoundingClientRect();
            return place.top >= top - 1 && place.bottom <= bottom + 1;
          }).length >= ${least};
        })()`);
      await seen('tile', 4);
      await lay('tree');
      // The tree opens the first level only of many topics, unless one searches.
      await search().fill('evil/payload');
      await seen('line', 10);
      await search().fill('');
      await lay('tiles');
      await place.editor.page.evaluate("document.querySelector('.dinox-sidebar').removeAttribute('style')");
    });

    it('moves nothing where people do not want it', async () => {
      const moves = async (reducedMotion: 'reduce' | 'no-preference'): Promise<unknown> => {
        await place.editor.page.emulateMedia({ reducedMotion });
        return await place.editor.page.evaluate(`(() => {
          const place = document.querySelector('.dinox-sidebar');
          const empty = document.createElement('div');
          empty.className = 'dxs-empty';
          empty.dataset.why = 'loading';
          empty.innerHTML = '<i class="fa fa-refresh"></i>';
          place.append(empty);
          const running = place.getAnimations({ subtree: true }).length;
          const still = [...place.querySelectorAll('*')].every((one) => getComputedStyle(one).transitionDuration === '0s');
          empty.remove();
          return [running, still];
        })()`);
      };
      assert.deepEqual(await moves('reduce'), [0, true]);
      assert.deepEqual(await moves('no-preference'), [1, true]);
    });

    it('asks nothing while it is hidden', async () => {
      await search().fill('kitchen/temperature');
      let asked = 0;
      place.editor.page.on('request', (request) => {
        if (request.url().includes('/dinox/')) asked += 1;
      });
      await place.editor.page.evaluate("RED.sidebar.show('info')");
      await sidebar().waitFor({ state: 'hidden' });
      await place.editor.page.waitForTimeout(600);
      const before = asked;
      await send('home/kitchen/temperature', '25');
      await send('home/kitchen/temperature', '26');
      await place.editor.page.waitForTimeout(800);
      assert.equal(asked, before);
      await place.editor.page.evaluate("RED.sidebar.show('dinox')");
      await tile('home/kitchen/temperature')
        .locator('.dxs-value', { hasText: /^26$/ })
        .waitFor({ timeout: MAX });
    });

    it('has made no error in the page, and did not welcome somebody who has nodes of ours', async () => {
      assert.equal(
        await place.editor.page.locator('.red-ui-notification', { hasText: texts.welcome.text }).count(),
        0,
      );
      assert.ok(place.version === '5' || (place.proxy?.count() ?? 0) > 50, 'the proxy was in between');
      assert.deepEqual(place.editor.errors, []);
    });
  });
}
