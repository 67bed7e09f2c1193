/**
 * What people want of a house, done with mouse and keyboard by somebody whose connection is typed: each job ends when its
 * effect was seen, on the phone, on a web page, on the server. `BOUND` says how many clicks and fields it may take;
 * docs/README.md names the same numbers. The first alert, from nothing, has a suite of its own (first-alert.test.ts).
 */
import assert from 'node:assert/strict';
import { connectAsync, type MqttClient } from 'mqtt';
import english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import { type Flow, type FlowNode, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import {
  certificates,
  type Ejabberd,
  ensureServers,
  type Mosquitto,
  startEjabberd,
  startMosquitto,
} from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { type Editor, EditorBrowser } from './editor';
import { type Counted, Person } from './person';

const TEXTS = english['dinox-sidebar'];
const BOT = 'zebra-9-geheim';
const ANNA = { jid: 'anna@localhost', password: 'tr3ppe-Otter' };
const ROOM = 'house@conference.localhost';
const LIVING_ROOM = 'home/sensors/temperature/living_room';
const WAIT = 8_000;

/** At most so many clicks, and fields typed into. */
const BOUND = {
  'a live value': [4, 0],
  'every battery': [11, 1],
  'a chart of the day on a web page': [8, 0],
  'a picture every Sunday': [13, 1],
} as const satisfies Record<string, readonly [number, number]>;

for (const version of NODE_RED_VERSIONS) {
  describe(`jobs in Node-RED ${version}`, function () {
    this.timeout(60_000);
    let mosquitto: Mosquitto;
    let ejabberd: Ejabberd;
    let browser: EditorBrowser;
    let nodeRed: NodeRed;
    let editor: Editor;
    let person: Person;
    let house: MqttClient;
    let anna: XmppPeer;
    const counts: string[] = [];

    before(async function () {
      this.timeout(180_000);
      const { available, missing } = (await ensureServers()).debian12;
      if (!available) {
        process.stdout.write(`SKIPPED SUITE: jobs: ${missing.join('; ')}\n`);
        this.skip();
      }
      [mosquitto, ejabberd, browser] = await Promise.all([
        startMosquitto(),
        startEjabberd({ users: { bot: BOT, anna: ANNA.password } }),
        EditorBrowser.launch(),
      ]);
      nodeRed = await startNodeRed({
        version,
        linkPackage: true,
        flows: typed(),
        credentials: { house: { password: BOT } },
        env: { NODE_EXTRA_CA_CERTS: certificates().caFile },
      });
      house = await connectAsync(`mqtt://${mosquitto.host}:${mosquitto.port}`);
      anna = new XmppPeer({ port: ejabberd.c2sTlsPort, user: 'anna', password: ANNA.password });
      editor = await browser.open(nodeRed.url);
      editor.page.setDefaultTimeout(WAIT);
    });

    after(async () => {
      await anna?.end();
      await house?.endAsync(true);
      await browser?.close();
      await nodeRed?.stop();
      await Promise.all([mosquitto?.stop(), ejabberd?.stop()]);
      if (process.env.DINOX_COUNTS) process.stdout.write(`${counts.join('\n')}\n`);
    });

    /** A flow without nodes, and one connection: the account, and Mosquitto. */
    function typed(): Flow {
      const connection: FlowNode = {
        ...{ id: 'house', type: 'dinox-broker', name: 'House', configVersion: 1 },
        ...{ jid: 'bot@localhost', xmppService: `xmpp://127.0.0.1:${ejabberd.c2sPort}` },
        ...{ host: mosquitto.host, port: String(mosquitto.port), usetls: false, useXmppCredentials: false },
      };
      return [tab(), connection];
    }

    beforeEach(async () => {
      await nodeRed.deploy(typed());
      await editor.load(nodeRed.url);
      person = await Person.at(editor);
    });

    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await editor.picture(`job-${version}-failed-${this.currentTest.title.slice(0, 1)}`);
    });
    afterEach(() => assert.deepEqual(editor.errors.splice(0), [], 'the page has errors'));

    async function within(job: keyof typeof BOUND): Promise<void> {
      const { clicks, typed: fields }: Counted = await person.counted();
      counts.push(`${version} ${job}: ${clicks} clicks, ${fields} fields`);
      const [mostClicks, mostFields] = BOUND[job];
      assert.ok(clicks <= mostClicks && fields <= mostFields, `${job}: ${clicks} clicks, ${fields} fields`);
      await editor.picture(`job-${version}-${job.replaceAll(' ', '-')}`);
    }

    /** Waits for a message that anna has not been looked at for. */
    const heard = (what: string, pattern: RegExp, since: number): Promise<string> =>
      nodeRed.until(
        what,
        () =>
          anna.messages
            .slice(since)
            .map((message) => message.getChildText('body') ?? '')
            .find((body) => pattern.test(body)),
        WAIT,
      );
    const connected = (id: string) =>
      nodeRed.until(`${id} is connected`, () => nodeRed.statusesOf(id).at(-1)?.fill === 'green', WAIT);

    /** Types the own JID where the recipient is, and leaves. */
    async function sendTo(id: string, jid: string): Promise<void> {
      await person.openNode(id);
      await person.type('#node-input-to', jid);
      await editor.save();
    }

    it('a: a live value is seen', async () => {
      await person.openSidebar();
      await editor.page.click(`button:has-text(${JSON.stringify(TEXTS.empty.explore)})`);
      for (const value of ['21.5', '22']) {
        await house.publishAsync(LIVING_ROOM, `{"value":${value},"unit":"°C"}`);
        const tile = editor.page.locator(`.dxs-tile[aria-label^="${LIVING_ROOM},"] .dxs-value`);
        await tile.getByText(value, { exact: true }).waitFor();
      }
      await within('a live value');
    });

    it('c: every battery, to the phone', async () => {
      const since = anna.messages.length;
      await person.importExample('every-battery');
      await sendTo('dinox-battery-out', ANNA.jid);
      await editor.deploy();
      await connected('dinox-battery-all');
      await house.publishAsync('zigbee2mqtt/Front door', '{"battery":11,"linkquality":100}');
      await heard('the battery', /Front door.*11/, since);
      await within('every battery');
    });

    it('d: a chart of the day on a web page', async () => {
      await person.importExample('history-web-page');
      await editor.deploy();
      await connected('dinox-history-svg-read');
      await person.press('dinox-history-value');
      const page = await editor.page.context().newPage();
      await nodeRed.until('the value is kept', () => true);
      await page.goto(`${nodeRed.url}/temperature`);
      await page.waitForFunction("document.querySelector('img').naturalWidth > 100");
      await page.close();
      await within('a chart of the day on a web page');
    });

    it('l: a picture every Sunday', async () => {
      const since = anna.messages.length;
      await person.importExample('weekly-picture');
      await sendTo('dinox-weekly-out', ANNA.jid);
      await editor.deploy();
      await connected('dinox-weekly-send');
      await person.press('dinox-weekly-value');
      await person.press('dinox-weekly-sunday');
      const url = await heard('the picture', /^http.*\.png$/, since);
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
      await within('a picture every Sunday');
    });
  });
}
