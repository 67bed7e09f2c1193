/** The page for phones in a real browser of a phone's width: logging in, tiles, alerts, both languages, light and dark. */
import assert from 'node:assert/strict';
import { connect, type MqttClient } from 'mqtt';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../support/chromium';
import { type Flow, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';
import { AXE } from './in-page';

/** `pw`, as bcrypt writes it. */
const HASH = '$2b$04$DpsahZ4riYwp9gTL0ewcw.i2ImlH6IiHoJqg1QRaJfdtxll6iXiaG';
const PHONE = { width: 360, height: 740 };
const HOSTILE = 'phone/<img src=x onerror=alert(1)>';
const FREEZER = 'phone/temperature/freezer';
const KEEP = process.env.DINOX_SCREENSHOTS;

function flows(port: number): Flow {
  return [
    tab(),
    {
      id: 'house',
      type: 'dinox-broker',
      name: 'House',
      host: '127.0.0.1',
      port: String(port),
      usetls: false,
    },
    node('dinox-mqtt-in', 'in', {
      topic: FREEZER,
      qos: '0',
      datatype: 'auto-detect',
      broker: 'house',
      wires: [['alert']],
    }),
    node('dinox-alert', 'alert', { name: 'Freezer', condition: 'above', limit: '-15', wires: [[], [], []] }),
  ];
}

for (const version of NODE_RED_VERSIONS) {
  describe(`page for phones, Node-RED ${version}`, function () {
    this.timeout(90_000);
    let mosquitto: Mosquitto;
    let nodeRed: NodeRed;
    let client: MqttClient;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    const errors: string[] = [];
    const send = (topic: string, payload: string): Promise<unknown> =>
      client.publishAsync(topic, payload, { qos: 1, retain: true });
    const tile = (topic: string) =>
      page.locator('.tile', { has: page.locator('.topic', { hasText: topic }) });
    const open = async (options: object): Promise<void> => {
      await context?.close();
      context = await browser.newContext({ viewport: PHONE, ...options });
      page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error.stack)));
      page.on('console', (message) => {
        // The browser's own line about the answer 401, which is how the page learns that it has to log in.
        if (message.type() === 'error' && !/status of 40[13]|ERR_/.test(message.text()))
          errors.push(message.text());
      });
      await page.goto(`${nodeRed.url}/red/dinox/home`);
    };
    const logIn = async (password = 'pw', stay = false): Promise<void> => {
      await page.fill('#username', 'anna');
      await page.fill('#current-password', password);
      if (stay) await page.check('#stay');
      await page.click('button[type=submit]');
    };
    /** Playwright's own waiting would be an eval in the page, which forbids it. */
    const until = async (expression: string): Promise<void> => {
      for (let tries = 0; !(await page.evaluate(expression)); tries++) {
        assert.ok(tries < 300, `not in time: ${expression}`);
        await page.waitForTimeout(100);
      }
    };
    const picture = async (name: string): Promise<void> => {
      if (KEEP) await page.screenshot({ path: `${KEEP}/phone-page-${version}-${name}.png` });
    };
    const judge = async (what: string): Promise<void> => {
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: object[] }[];
      };
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, JSON.stringify(nodes).slice(0, 500)]),
        [],
        what,
      );
      const width = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(Number(width) <= PHONE.width, `${what}: ${width} px wide`);
    };

    before(async () => {
      mosquitto = await startMosquitto();
      client = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
      browser = await chromium.launch({
        executablePath: await ensureChromium(),
        args: ['--no-sandbox', '--disable-gpu'],
      });
      nodeRed = await startNodeRed({
        version,
        linkPackage: true,
        flows: flows(mosquitto.port),
        settings: {
          httpAdminRoot: '/red',
          dinox: { home: { topics: ['phone/temperature/+', 'phone/#'] } },
          adminAuth: {
            type: 'credentials',
            users: [{ username: 'anna', password: HASH, permissions: ['dinox.read'] }],
          },
        },
      });
    });
    after(async () => {
      await browser?.close();
      await client?.endAsync(true);
      await nodeRed?.stop();
      await mosquitto?.stop();
    });

    it('asks for a login, says what is wrong, and then shows the tiles', async () => {
      await open({ locale: 'en-US', colorScheme: 'light' });
      await page.waitForSelector('#username');
      assert.ok(page.url().endsWith('/red/dinox/home/'));
      await judge('login');
      await logIn('wrong');
      await until("document.querySelector('.fault').textContent !== ''");
      assert.match((await page.textContent('.fault')) ?? '', /password is wrong/);
      await logIn();
      await page.waitForSelector('.note:has-text("No topic has been heard yet.")');
      await send(FREEZER, '-18.5');
      await send('phone/door/front', 'closed');
      await send('phone/door/back', '{"battery":97,"contact":false}');
      await send('phone/plug', '{"power":12.5,"energy":3,"state":"ON"}');
      await send(HOSTILE, '<b onclick=alert(1)>bold</b>');
      await until("document.querySelectorAll('.tile').length === 5");
      assert.equal(
        await page.locator('.tile .topic').first().textContent(),
        FREEZER,
        'by the order of the filters',
      );
      assert.equal(await tile(FREEZER).locator('.value').textContent(), '-18.5');
      assert.equal(await tile('phone/plug').locator('.value').textContent(), 'ON · power 12.5 · energy 3');
      assert.equal(await tile('phone/door/back').locator('.reading').textContent(), 'openbattery 97');
      assert.equal(await tile('onerror').locator('.value').textContent(), '<b onclick=alert(1)>bold</b>');
      assert.equal(await page.locator('.tile img, .tile b').count(), 0, 'texts only');
      assert.equal(await page.textContent('.count'), 'No alert');
    });

    it('shows a new value, the colour of its alert, and the line of the day', async () => {
      await send(FREEZER, '-4.25');
      await until(
        `[...document.querySelectorAll('.tile')].some((one) => one.dataset.level === 'warning' && one.textContent.includes('-4.25'))`,
      );
      assert.equal(await tile(FREEZER).locator('.badge').textContent(), 'Warning');
      assert.equal(await page.textContent('.count'), '1 alert');
      // The line comes with the next whole answer.
      await page.reload();
      await page.waitForSelector('.tile .line[d^="M"]', { state: 'attached' });
      assert.match((await tile(FREEZER).locator('svg title').textContent()) ?? '', /from -18\.5 to -4\.25/);
      await judge('light');
      await picture('light');
      assert.deepEqual(errors, []);
    });

    it('keeps the token for the session only, and that can do nothing but look', async () => {
      const kept = (await page.evaluate(
        "[sessionStorage.getItem('dinox-home-token'), localStorage.getItem('dinox-home-token')]",
      )) as [string, string | null];
      assert.equal(kept[1], null);
      const headers = { Authorization: `Bearer ${kept[0]}` };
      assert.equal((await nodeRed.adminApi('GET', '/red/flows', undefined, headers)).status, 401);
    });

    it('asks for the login again where Node-RED has ended it, and logs out', async () => {
      const token = String(await page.evaluate("sessionStorage.getItem('dinox-home-token')"));
      const headers = { Authorization: `Bearer ${token}` };
      await nodeRed.adminApi('POST', '/red/auth/revoke', { token }, headers);
      await page.waitForSelector('#username');
      assert.equal(await page.locator('.tile').count(), 0, 'nothing stays behind the login');
      await logIn('pw', true);
      await page.waitForSelector('.tile');
      assert.ok(await page.evaluate("localStorage.getItem('dinox-home-token')"));
      await page.reload();
      await page.waitForSelector('.tile');
      await page.click('.logout');
      await page.waitForSelector('#username');
      assert.equal(await page.evaluate("localStorage.getItem('dinox-home-token')"), null);
    });

    it('speaks German, and is dark, where the phone is', async () => {
      await open({ locale: 'de-DE', colorScheme: 'dark' });
      await page.waitForSelector('#username');
      await judge('login, dark');
      await logIn();
      await page.waitForSelector('.tile .line[d^="M"]', { state: 'attached' });
      assert.equal(await page.textContent('.count'), '1 Alarm');
      assert.equal(await tile(FREEZER).locator('.value').textContent(), '-4,25');
      assert.equal(await tile('phone/door/back').locator('.value').textContent(), 'offen');
      assert.equal(await page.getAttribute('html', 'lang'), 'de-DE');
      await judge('dark');
      await picture('dark');
    });

    it('opens without a network, and says so; values are not kept', async () => {
      await until('navigator.serviceWorker.ready.then(() => true)');
      await page.reload();
      await page.waitForSelector('.tile');
      await context.setOffline(true);
      await page.waitForSelector('.trouble:not([hidden])');
      assert.ok((await page.locator('.tile').count()) > 0, 'what was seen stays on the page');
      await page.reload();
      await page.waitForSelector('.trouble:has-text("Node-RED antwortet nicht")');
      assert.equal(await page.locator('.tile').count(), 0);
      await context.setOffline(false);
      await page.waitForSelector('.tile', { timeout: 40_000 });
      assert.deepEqual(errors, []);
    });
  });
}
