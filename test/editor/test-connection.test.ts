/** *Test connection* in the broker's dialog, against real servers. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import texts from '../../src/base/texts/en-US.json';
import english from '../../src/nodes/dinox-broker/locales/en-US.json';
import { type Flow, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import {
  certificates,
  type Ejabberd,
  ensureServers,
  freePort,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { type Editor, EditorBrowser } from './editor';

const { test: TEST, failure: FAILURE, missed: MISSED } = english['dinox-broker'];
const PASSWORD = 'zebra-9-geheim';
const GENERATION = { '4': 'debian12', '5': 'debian13' } as const;

const FLOWS: Flow = [
  tab(),
  {
    id: 'fresh',
    type: 'dinox-broker',
    name: '',
    jid: '',
    usetls: true,
    protocolVersion: 'auto',
    configVersion: 1,
  },
  node('dinox-mqtt-in', 'in', {
    topic: 'home/#',
    qos: '1',
    datatype: 'auto-detect',
    broker: 'fresh',
    inputs: 0,
  }),
];

for (const version of NODE_RED_VERSIONS) {
  describe(`test connection in Node-RED ${version}`, function () {
    this.timeout(60_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;
    let ejabberd: Ejabberd;
    let prosody: Prosody;
    /** Everything that the admin routes of the test answered. */
    let answers = '';

    before(async function () {
      this.timeout(180_000);
      const generation = GENERATION[version];
      const { available, missing } = (await ensureServers())[generation];
      if (!available) {
        process.stdout.write(`SKIPPED SUITE: test connection: ${missing.join('; ')}\n`);
        this.skip();
      }
      const users = { anna: PASSWORD };
      [ejabberd, prosody, nodeRed, browser] = await Promise.all([
        startEjabberd({ generation, users }),
        startProsody({ generation, users }),
        startNodeRed({
          version,
          linkPackage: true,
          flows: FLOWS,
          env: { NODE_EXTRA_CA_CERTS: certificates().caFile },
        }),
        EditorBrowser.launch(),
      ]);
      editor = await browser.open(nodeRed.url);
      editor.page.on('response', async (response) => {
        if (response.url().includes('dinox/')) answers += await response.text().catch(() => '');
      });
    });

    after(async () => {
      await browser?.close();
      await Promise.all([nodeRed?.stop(), ejabberd?.stop(), prosody?.stop()]);
    });

    const state = () => editor.page.locator('#dinox-test').getAttribute('data-state');
    const headline = () => editor.page.locator('.dinox-test-state').textContent();
    const pressTest = () => editor.page.click('#dinox-test-button');

    async function end(): Promise<string> {
      await editor.page.waitForSelector('#dinox-test:not([data-state=running])', { timeout: 45_000 });
      return (await headline()) ?? '';
    }

    async function rows(): Promise<Record<string, string>> {
      const cells = await editor.page.locator('.dinox-abilities tbody tr').allTextContents();
      const names = await editor.page.locator('.dinox-abilities tbody th').allTextContents();
      return Object.fromEntries(names.map((name, i) => [name, (cells[i] ?? '').slice(name.length)]));
    }

    async function fill(fields: Record<string, string | number | undefined>): Promise<void> {
      await editor.unfold('broker', 'xmpp');
      for (const [field, value] of Object.entries(fields)) await editor.broker(field).fill(String(value));
    }

    const onEjabberd = () => ({
      jid: 'anna@localhost',
      password: PASSWORD,
      host: '127.0.0.1',
      port: ejabberd.mqttTlsPort,
      xmppService: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
    });

    it('shows what ejabberd can do before anything is saved', async () => {
      await editor.editBroker('fresh');
      await pressTest();
      assert.equal(await headline(), TEST.mend, 'nothing is asked for while something is missing');
      await fill(onEjabberd());
      await pressTest();
      const text = await end();
      await editor.picture(`${version}-test-ejabberd`);
      assert.match(
        text,
        new RegExp(`^It works: ejabberd 2\\d\\..* at mqtts://127\\.0\\.0\\.1:${ejabberd.mqttTlsPort}$`),
      );
      const table = await rows();
      assert.match(table['MQTT versions'] ?? '', /5, 3\.1\.1/);
      assert.match(table['Login'] ?? '', /^anna@localhost is logged in; nobody gets in without a login$/);
      assert.equal(table['Retained messages'], 'work');
      assert.equal(table['Wildcards + and #'], 'work');
      assert.equal(table['File upload'], 'upload.localhost');
      assert.equal(table['Rooms'], 'conference.localhost');
      assert.equal(table['QoS'], 'up to 2');
      assert.equal(table['Shared subscriptions'], 'do not work here');
      assert.equal(table['PubSub'], 'pubsub.localhost');
      assert.ok((await editor.page.locator('.dinox-test-steps li').count()) >= 8);
      await editor.page.evaluate(
        "for (const part of document.querySelectorAll('.dinox-form details')) part.open = false",
      );
      const digest = editor.page.locator('details[data-section=broker] .dinox-digest');
      assert.match((await digest.textContent()) ?? '', /^found: 127\.0\.0\.1:\d+, ejabberd 2\d\./);
      await editor.picture(`${version}-test-ejabberd-folded`);
      await editor.saveBroker();
      await editor.deploy();
    });

    it('uses the stored password for the stored account, and for nothing else', async () => {
      await nodeRed.until('the connection is there', () =>
        nodeRed.statusesOf('in').some(({ fill: colour }) => colour === 'green'),
      );
      await editor.editBroker('fresh');
      assert.equal(await editor.broker('password').inputValue(), '__PWRD__');
      await pressTest();
      assert.match(await end(), /^It works/);
      const elsewhere = await listen(() => {});
      await fill({ port: elsewhere.port });
      await pressTest();
      assert.equal(await end(), texts.route.retype);
      assert.equal(elsewhere.connections(), 0, 'nobody was asked');
      await elsewhere.close();
      await editor.cancelBroker();
      editor.errors.splice(0);
    });

    it("shows what Prosody's bridge can do, and what the account adds to it", async () => {
      await editor.editBroker('fresh');
      await fill({
        password: PASSWORD,
        port: prosody.mqttTlsPort,
        xmppService: `xmpp://127.0.0.1:${prosody.c2sPort}`,
      });
      await pressTest();
      assert.match(await end(), /^It works: Prosody/);
      await editor.picture(`${version}-test-prosody`);
      const table = await rows();
      assert.match(table['Login'] ?? '', /^none: anybody/);
      assert.equal(table['QoS'], 'up to 0');
      assert.equal(table['Wildcards + and #'], "work, over the account's XMPP session");
      assert.equal(table['Retained messages'], "work, over the account's XMPP session");
      await editor.cancelBroker();
    });

    it('says in plain words that the password is wrong', async () => {
      await editor.editBroker('fresh');
      await fill({ ...onEjabberd(), password: 'not-this' });
      await pressTest();
      assert.equal(await end(), TEST.failed.replace('__what__', FAILURE.login.what));
      const advice = editor.page.locator('.dinox-test-advice');
      assert.match((await advice.textContent()) ?? '', new RegExp(FAILURE.login.todo.slice(0, 30)));
      assert.match((await advice.textContent()) ?? '', /prosodyctl adduser anna@localhost/);
      await editor.picture(`${version}-test-wrong-password`);
      // What is copied goes to somebody who helps: all of it, and no password.
      await editor.press('#dinox-test-copy');
      await editor.broker('trusted').click();
      await editor.page.keyboard.press('Control+V');
      const copied = await editor.broker('trusted').inputValue();
      assert.ok(copied.startsWith(TEST.failed.replace('__what__', FAILURE.login.what)), copied);
      assert.match(copied, /\n1\. /);
      assert.ok(!copied.includes('not-this'), copied);
      await editor.cancelBroker();
    });

    it('says that nothing listens there', async () => {
      await editor.editBroker('fresh');
      await fill({ ...onEjabberd(), jid: '', password: '', port: await freePort() });
      await editor.broker('usetls').uncheck();
      await pressTest();
      assert.equal(await end(), TEST.failed.replace('__what__', FAILURE.network.what));
      // One of each in each Node-RED: more than 15 tests a minute are refused.
      const isTicked = version === '4';
      await editor.broker('usetls').setChecked(isTicked);
      // The port is right, and the tick beside it is not.
      await fill({ port: isTicked ? ejabberd.mqttPort : ejabberd.mqttTlsPort });
      await pressTest();
      const { what } = FAILURE[isTicked ? 'tls-ticked' : 'tls-unticked'];
      assert.equal(await end(), TEST.failed.replace('__what__', what));
      // The port of XMPP: there is no certificate to renew, and the server is there.
      await fill({ port: ejabberd.c2sPort });
      await pressTest();
      assert.equal(await end(), TEST.failed.replace('__what__', FAILURE['not-mqtt'].what));
      await editor.picture(`${version}-test-nothing`);
      await editor.cancelBroker();
    });

    it('does not say that it works while chat cannot log in; a certificate can be trusted', async () => {
      await editor.editBroker('fresh');
      await fill({ ...onEjabberd(), xmppService: `xmpp://127.0.0.1:${await freePort()}` });
      await pressTest();
      const text = await end();
      assert.equal(await state(), 'partly');
      assert.ok(text.includes(MISSED.network.what) && !text.startsWith('It works'), text);
      await editor.picture(`${version}-test-partly`);
      const { selfSigned } = certificates();
      const mosquitto = await startMosquitto({
        generation: GENERATION[version],
        cert: selfSigned,
        users: { house: PASSWORD },
      });
      try {
        await fill({ jid: '', xmppService: '', host: 'localhost', port: mosquitto.tlsPort });
        // By key: a row that moves while somebody types in it loses the rest.
        await editor.broker('user').fill('');
        await editor.page.keyboard.type('house');
        assert.equal(await editor.broker('user').inputValue(), 'house');
        await fill({ password: 'not-this' });
        await pressTest();
        assert.equal(await end(), TEST.failed.replace('__what__', FAILURE.tls.what));
        await editor.press('.dinox-trust');
        // No account plays a part here, and the advice speaks of none.
        assert.equal(await end(), TEST.failed.replace('__what__', FAILURE['broker-login'].what));
        await fill({ password: PASSWORD });
        await pressTest();
        assert.match(await end(), /^It works: Mosquitto at mqtts:/);
        assert.match(await editor.broker('trusted').inputValue(), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
        await editor.picture(`${version}-test-trusted`);
      } finally {
        await mosquitto.stop();
      }
      await editor.cancelBroker();
    });

    const inGerman = async (): Promise<void> => {
      const german = await browser.open(nodeRed.url, { language: 'de' });
      await german.editBroker('fresh');
      await german.unfold('broker');
      for (const field of ['jid', 'password']) await german.broker(field).fill('');
      await german.broker('host').fill('127.0.0.1');
      await german.broker('port').fill(String(await freePort()));
      await german.broker('usetls').uncheck();
      await german.page.click('#dinox-test-button');
      const story = german.page.locator('.dinox-test-advice pre');
      await story.waitFor({ timeout: 45_000 });
      assert.match(
        (await story.textContent()) ?? '',
        /^mqtt:\S+ ist nicht zu erreichen: dort lauscht nichts/,
      );
      assert.equal(await story.getAttribute('lang'), null);
      await german.page.close();
    };
    // The texts are the same in both.
    if (version === '4') it('says why in German, where the editor is', inGerman);

    it('can be cancelled, and lets go of what it held', async () => {
      const silent = await listen(() => {});
      await editor.editBroker('fresh');
      await fill({ ...onEjabberd(), port: silent.port });
      await pressTest();
      await nodeRed.until('it connects', () => silent.connections() > 0);
      assert.equal(await state(), 'running');
      assert.match((await editor.page.textContent('#dinox-test-button')) ?? '', new RegExp(TEST.cancel));
      await pressTest();
      assert.equal(await end(), TEST.cancelled);
      await nodeRed.until('it hangs up', () => silent.open() === 0);
      await editor.cancelBroker();
      await silent.close();
    });

    it('keeps every password to itself', async () => {
      assert.ok(answers.includes('"state"'), 'the answers were seen');
      const flows = await nodeRed.adminApi('GET', '/flows');
      for (const place of [answers, flows.text, nodeRed.logs()]) {
        assert.ok(!place.includes(PASSWORD));
        assert.ok(!place.includes('not-this'));
      }
    });

    it('takes a test from the editor only', async () => {
      const body = { id: 'x', config: { host: '127.0.0.1', port: '1' } };
      const status = async (headers: object) =>
        (await nodeRed.adminApi('POST', '/dinox/test', body, headers)).status;
      assert.equal(await status({ 'Content-Type': 'text/plain' }), 415);
      assert.equal(await status({ Origin: 'http://evil.example' }), 403);
      assert.equal(await status({ 'Sec-Fetch-Site': 'cross-site' }), 403);
      assert.equal(await status({ Origin: nodeRed.url }), 201);
      const stored = { id: 'fresh', config: body.config, credentials: { mqttPassword: '__PWRD__' } };
      const { status: refused, json } = await nodeRed.adminApi('POST', '/dinox/test', stored);
      assert.deepEqual([refused, json.code], [409, 'retype']);
    });
  });
}

/** A listener that counts who comes. */
async function listen(welcome: (socket: Socket) => void): Promise<{
  port: number;
  connections(): number;
  open(): number;
  close(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    // It reads, so that it sees the end.
    socket.resume();
    socket.on('close', () => sockets.delete(socket));
    welcome(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    connections: () => count,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
