/**
 * The example smart-home-dashboard: imported, and used from a browser and from a chat, beside a real Mosquitto and a real
 * XMPP server.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { ANNA, BOT, until } from '../servers/chat-support';
import { OTHER, OTHER_PASSWORD, TLS, tlsConfig } from '../servers/nodes-support';
import type { NodeStatus } from '../support/comms';
import type { Flow, FlowNode } from '../support/flows';
import { type NodeRed, PACKAGE_NAME } from '../support/node-red';
import type { Ejabberd, Mosquitto } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { CROSSINGS } from './crossings';
import type { EditorBrowser } from './editor';

const EXAMPLE = join(__dirname, '../../examples/smart-home-dashboard.json');
const FREEZER = 'home/sensors/temperature/freezer';
const LIGHT = 'home/actuators/light/living_room';
const HEATING = 'home/actuators/thermostat/living_room';
const KEEP = process.env.DINOX_SCREENSHOTS;
const WAIT = 30_000;
const example = (): Flow => JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Flow;

export interface DashboardPlace {
  readonly version: string;
  readonly nodeRed: NodeRed;
  readonly mosquitto: Mosquitto;
  readonly ejabberd: Ejabberd;
  readonly client: MqttClient;
  readonly browser: Browser;
  readonly editors: EditorBrowser;
}

export function homeDashboardSuite(place: () => DashboardPlace): void {
  describe('example smart-home-dashboard', () => {
    const messages: string[] = [];
    const errors: string[] = [];
    let page: Page;
    let anna: XmppPeer;
    let ben: XmppPeer;
    const hear = (topic: string, payload: Buffer): unknown => messages.push(`${topic} ${payload}`);
    const put = (topic: string, payload: string): Promise<unknown> =>
      place().client.publishAsync(topic, payload, { qos: 1, retain: true });
    const came = (line: string, from = 0): Promise<void> =>
      until(
        () => `${line} in ${messages.slice(from).join(', ')}`,
        () => messages.indexOf(line, from) >= 0,
      );
    /** The example with its account typed in: anna may tell devices something, ben may only ask. */
    const typed = (change: (node: FlowNode) => object = () => ({})): Flow => {
      const { mosquitto, ejabberd } = place();
      const account = {
        ...{ jid: `${BOT.user}@localhost`, xmppService: `xmpp://127.0.0.1:${ejabberd.c2sPort}`, tls: TLS },
        ...{ host: '127.0.0.1', port: String(mosquitto.port), usetls: false, serverType: 'mosquitto' },
        useXmppCredentials: false,
      };
      const mine = JSON.parse(
        JSON.stringify(example()).replaceAll('anna@example.org', 'anna@localhost'),
      ) as Flow;
      return [
        ...mine.map((node) => ({
          ...node,
          ...(node.type === 'dinox-broker' && account),
          ...(node.type === 'xmpp-in' && { allow: `anna@localhost ${OTHER}@localhost` }),
          ...change(node),
        })),
        tlsConfig(),
      ] as Flow;
    };
    const deploy = async (flow: Flow): Promise<void> => {
      const { nodeRed } = place();
      const from = nodeRed.comms.events.length;
      await nodeRed.deploy(flow, { 'dinox-house-broker': { password: BOT.password } });
      // What was said before the deploy is not about it.
      const shown = (id: string) =>
        nodeRed.comms.events.slice(from).findLast(({ topic }) => topic === `status/${id}`)?.data;
      for (const id of ['dinox-house-chat', 'dinox-house-freezer'])
        await nodeRed.until(
          `${id} is green`,
          () => (shown(id) as NodeStatus | undefined)?.fill === 'green',
          WAIT,
        );
    };
    const open = async (): Promise<void> => {
      await page?.context().close();
      const context = await place().browser.newContext({
        viewport: { width: 1_100, height: 640 },
        locale: 'en-US',
      });
      page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error.stack)));
      await page.goto(`${place().nodeRed.url}/dashboard/house`);
      await page.waitForSelector('.nrdb-ui-slider [role="slider"]');
    };
    const gauge = (value: string) => page.locator('.nrdb-ui-gauge-value span', { hasText: value });
    /** The colours of the gauge's segments, once there are as many. */
    const segments = async (count: number): Promise<unknown> => {
      await page.waitForFunction(`document.querySelectorAll('#sections path').length === ${count}`);
      return page.evaluate("[...document.querySelectorAll('#sections path')].map((one) => one.style.fill)");
    };
    /** What the chart says to who cannot see it, as soon as it has points of the freezer. */
    const charted = (): Promise<unknown> =>
      page
        .locator('[_echarts_instance_][aria-label*="home/sensors/temperature/freezer"]')
        .waitFor({ timeout: WAIT });
    const light = (isOn: boolean) =>
      page.locator(`.nrdb-ui-switch input${isOn ? ':checked' : ':not(:checked)'}`);
    const heating = (value: number) =>
      page.locator(`.nrdb-ui-slider [role="slider"][aria-valuenow="${value}"]`);
    const say = async (who: XmppPeer, text: string, answer: RegExp): Promise<void> => {
      const from = who.messages.length;
      who.write(`<message to='${BOT.user}@localhost' type='chat'><body>${text}</body></message>`);
      const said = (): string[] => who.messages.slice(from).map((one) => one.getChildText('body') ?? '');
      await until(
        () => `${answer} in ${said().join(' | ')}`,
        () => said().some((body) => answer.test(body)),
      );
    };

    before(async () => {
      const { client, ejabberd } = place();
      client.on('message', hear);
      await client.subscribeAsync('home/actuators/#');
      const port = ejabberd.c2sTlsPort;
      anna = new XmppPeer({ port, ...ANNA });
      ben = new XmppPeer({ port, user: OTHER, password: OTHER_PASSWORD });
      await until('both are there', () => anna.ready && ben.ready);
    });
    after(async () => {
      await page?.context().close();
      place().client.removeListener('message', hear);
      for (const topic of [FREEZER, LIGHT, HEATING, 'home/sensors/temperature/kitchen']) await put(topic, '');
      await anna?.end();
      await ben?.end();
    });

    it('is offered under Import, says what is missing, and is laid out without a crossing', async () => {
      const { nodeRed, editors } = place();
      const { json } = await nodeRed.adminApi(
        'GET',
        `/library/examples/flows/${PACKAGE_NAME}/smart-home-dashboard`,
      );
      assert.deepEqual(json, example());
      const editor = await editors.open(nodeRed.url);
      await editor.page.evaluate(`RED.nodes.import(${JSON.stringify(json)})`);
      const faulty = await editor.page.evaluate(
        `(() => {
          const found = [];
          const look = (node) => RED.editor.validateNode(node) || found.push(...(node.validationErrors ?? []).map((one) => node.type + '.' + one), node.type);
          RED.nodes.eachNode(look);
          RED.nodes.eachConfig((node) => { RED.editor.validateNode(node); if (!node.valid) found.push(node.type); });
          return [...new Set(found)];
        })()`,
      );
      const missing = (faulty as string[]).filter((one) => /\./.test(one) && !/\.broker$/.test(one));
      assert.deepEqual(missing, [], 'only the account is missing');
      assert.ok(!(faulty as string[]).some((one) => one.startsWith('ui-')), String(faulty));
      await editor.page.evaluate("RED.workspaces.show('dinox-house-tab')");
      assert.deepEqual(await editor.page.evaluate(CROSSINGS), []);
      assert.deepEqual(editor.errors, []);
      await editor.close();
    });

    it('begins empty; the gauge has the limits of the alert, and the value as it comes', async () => {
      await deploy(typed());
      await open();
      assert.deepEqual(
        place()
          .nodeRed.logLines('error')
          .filter(({ text }) => /recorded/.test(text)),
        [],
      );
      await until('the recorder listens', async () => {
        await place().nodeRed.inject('dinox-house-cold');
        return (await gauge('-18').count()) > 0;
      });
      const colors = (await segments(3)) as string[];
      assert.equal(new Set(colors).size, 3, colors.join());
      assert.match(String(await page.locator('.nrdb-ui-gauge-value').textContent()), /-18.*°C/);
      await place().nodeRed.inject('dinox-house-warm');
      await gauge('-12').waitFor();
      // A warning, and no more: the colour follows the needle.
      await page.waitForFunction(`document.querySelector('#arc path').style.fill === '${colors[1]}'`);
      await place().nodeRed.inject('dinox-house-every-minute');
      await charted();
    });

    it('after a restart the chart has its points, and the gauge value and limits, before anything new comes', async () => {
      await place().nodeRed.restart();
      await open();
      await charted();
      await gauge('-12').waitFor();
      await segments(3);
      assert.deepEqual(errors, []);
    });

    it('the light and the heating are set from the dashboard, and it shows what they say', async () => {
      await light(false).waitFor();
      const from = messages.length;
      await page.locator('.nrdb-ui-switch input').click();
      await came(`${LIGHT}/set ON`, from);
      await light(true).waitFor();
      const track = await page.locator('.nrdb-ui-slider .v-slider__container').boundingBox();
      assert.ok(track);
      await page.mouse.click(track.x + track.width * 0.6, track.y + track.height / 2);
      await until('an order', () => messages.slice(from).some((line) => line.startsWith(`${HEATING}/set {`)));
      const [, target] =
        /"target":([\d.]+)/.exec(messages.find((line) => line.startsWith(`${HEATING}/set`)) ?? '') ?? [];
      assert.ok(Number(target) > 15 && Number(target) < 25, target);
      await came(`${HEATING} {"value":${target},"unit":"°C"}`, from);
      await heating(Number(target)).waitFor();
      if (KEEP) await page.screenshot({ path: `${KEEP}/home-${place().version}.png` });
    });

    it('who may sets them from the chat, who may not is refused, and the dashboard follows', async () => {
      await say(anna, 'light living room off', /✔ light living room OFF/);
      await light(false).waitFor();
      await say(anna, 'heating 21', /✔ heating 21/);
      await came(`${HEATING}/set {"target": 21}`);
      await heating(21).waitFor();
      const from = messages.length;
      await say(ben, 'light living room on', /You may not control/);
      await say(anna, 'freezer?', /-12 °C/);
      await say(anna, 'undo', /heating set back/);
      assert.ok(!messages.slice(from).some((line) => line.startsWith(LIGHT)), messages.slice(from).join());
      assert.equal(await light(false).count(), 1);
    });

    it('a group that is missing takes away its widgets, and nothing else', async () => {
      await deploy(
        typed((node) =>
          node.type === 'ui-group' ? { page: 'gone' } : { ...('group' in node && { group: 'gone' }) },
        ),
      );
      const from = messages.length;
      await say(anna, 'light living room on', /✔ light living room ON/);
      await came(`${LIGHT} ON`, from);
      assert.equal((await place().nodeRed.adminApi('GET', '/settings')).status, 200);
    });
  });
}
