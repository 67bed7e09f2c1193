/** Passwords stay in flows_cred.json: no log, status, error, file or answer of a running Node-RED shows one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Credentials, type FlowNode, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import {
  type Ejabberd,
  forEachGeneration,
  type Mosquitto,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { CONNECT_MS, dinoxBroker, dinoxIn, TLS, tlsConfig } from './nodes-support';
import { traces } from './nodes-wire';

const RIGHT = { ejabberd: 'ej4b-Right+one', prosody: 'pr0s-Right+one', mosquitto: 'm0sq-Right+one' };
const WRONG = { ejabberd: 'ej4b-Wrong+one', prosody: 'pr0s-Wrong+one', mosquitto: 'm0sq-Wrong+one' };
/** For brokers that are never reached. */
const NOWHERE = { xmpp: 'n0where-Xmpp+one', mqtt: 'n0where-Mqtt+one', tls: 'n0where-Tls+one' };
/** Comes with `msg.broker`, from the environment. */
const DYNAMIC = 'dyn4mic-Msg+one';
/** Typed where no password belongs: that the flow file shows it is the only thing that cannot be helped. */
const TYPED_IN_URL = 'typ3d-In-Url';
/** A function node writes this one everywhere on purpose: so the search is known to find things. */
const CANARY = 'can4ry-Sings+loud';

const SINGING = `
const secret = Buffer.from(env.get('CANARY'));
for (const text of [secret.toString(), secret.toString('hex'), Buffer.concat([Buffer.from('a:'), secret]).toString('base64')]) {
  node.warn(text);
  node.status({ text });
}
return msg;`;
const DYNAMIC_LOGIN = `
return { action: 'connect', broker: { username: 'house', password: env.get('DYNAMIC'), force: true } };`;
const WITH_MISTAKES = `
node.send({ topic: 'a/#', payload: 1 });
node.send({ topic: 'a', payload: 'not json', qos: 2, retain: true });
node.send({ topic: 'a/b', payload: { n: 1 }, qos: 1 });`;

interface Found {
  where: string;
  secret: string;
}

/** All files below a folder but installed modules and the one in which credentials belong. */
function filesBelow(folder: string): [string, string][] {
  const files: [string, string][] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (name.startsWith('node_modules') || /flows_cred\.json/.test(name) || !statSync(path).isFile())
      continue;
    files.push([relative(folder, path), readFileSync(path, 'latin1')]);
  }
  return files;
}

function search(places: readonly (readonly [string, string])[], secrets: readonly string[]): Found[] {
  return places.flatMap(([where, text]) =>
    secrets
      .filter((secret) => traces(secret).some((trace) => text.includes(trace)))
      .map((secret) => ({ where, secret })),
  );
}

// What is looked at is our side of it; the servers' generations make no difference to that.
forEachGeneration('secrets', (generation) => {
  if (generation !== 'debian12') return;
  let ejabberd: Ejabberd;
  let prosody: Prosody;
  let mosquitto: Mosquitto;

  before(async function () {
    this.timeout(60_000);
    [ejabberd, prosody, mosquitto] = await Promise.all([
      startEjabberd({ users: { anna: RIGHT.ejabberd } }),
      startProsody({ users: { anna: RIGHT.prosody } }),
      startMosquitto({ users: { house: RIGHT.mosquitto }, tls: true }),
    ]);
  });
  after(() => Promise.all([ejabberd?.stop(), prosody?.stop(), mosquitto?.stop()]));

  function brokers(): { nodes: FlowNode[]; credentials: Credentials } {
    const account = (server: Ejabberd | Prosody, more: object) => ({
      jid: 'anna@localhost',
      xmppService: `xmpp://localhost:${server.c2sPort}`,
      port: server.mqttTlsPort,
      tls: TLS,
      ...more,
    });
    const plain = { host: '127.0.0.1', port: mosquitto.port, usetls: false };
    const list: [string, object, Record<string, string>][] = [
      ['ejabberd-right', account(ejabberd, {}), { password: RIGHT.ejabberd }],
      ['ejabberd-wrong', account(ejabberd, {}), { password: WRONG.ejabberd }],
      // Without XMPP, so that the broker itself refuses it.
      [
        'ejabberd-mqtt-wrong',
        account(ejabberd, { host: 'localhost', serverType: 'ejabberd' }),
        { password: WRONG.ejabberd },
      ],
      ['prosody-right', account(prosody, {}), { password: RIGHT.prosody }],
      ['prosody-wrong', account(prosody, {}), { password: WRONG.prosody }],
      ['mosquitto-right', plain, { user: 'house', mqttPassword: RIGHT.mosquitto }],
      ['mosquitto-wrong', plain, { user: 'house', password: WRONG.mosquitto }],
      ['mosquitto-dynamic', { ...plain, autoConnect: false }, { user: 'house', password: WRONG.mosquitto }],
      [
        'nowhere-xmpp',
        account(ejabberd, { xmppService: 'xmpp://localhost:1', port: 1 }),
        { password: NOWHERE.xmpp },
      ],
      ['nowhere-mqtt', { ...plain, port: 1 }, { user: 'house', mqttPassword: NOWHERE.mqtt }],
      [
        'nowhere-tls',
        { host: 'localhost', port: mosquitto.tlsPort },
        { user: 'house', mqttPassword: NOWHERE.tls },
      ],
      ['url', { host: `mqtt://house:${TYPED_IN_URL}@localhost` }, {}],
    ];
    return {
      nodes: list.map(([id, properties]) => dinoxBroker(properties, id)),
      credentials: Object.fromEntries(list.map(([id, , secrets]) => [id, secrets])),
    };
  }

  function flowsOf(brokerNodes: readonly FlowNode[]): FlowNode[] {
    const debug = (id: string) =>
      node('debug', id, {
        active: true,
        tosidebar: true,
        console: true,
        tostatus: true,
        complete: 'true',
        targetType: 'full',
      });
    const inject = (id: string, to: string[]) =>
      node('inject', id, { props: [], repeat: '', crontab: '', once: false, wires: [to] });
    const ins = brokerNodes.map(({ id }) => dinoxIn(`in-${id}`, 'a/b', { broker: id, wires: [['debug']] }));
    const outs = brokerNodes.map(({ id }) => node('dinox-mqtt-out', `out-${id}`, { broker: id, topic: '' }));
    const code = (id: string, func: string, to: string[]) =>
      node('function', id, { func, outputs: 1, wires: [to] });
    return [
      tab(),
      tlsConfig(),
      ...brokerNodes,
      ...ins,
      ...outs,
      inject('inject', ['mistakes', 'dynamic', 'canary']),
      code(
        'mistakes',
        WITH_MISTAKES,
        outs.map(({ id }) => id),
      ),
      code('dynamic', DYNAMIC_LOGIN, ['out-mosquitto-dynamic']),
      code('canary', SINGING, []),
      node('catch', 'catch', { scope: null, uncaught: false, wires: [['hide']] }),
      // What a flow puts into a message and prints is its own affair.
      code('hide', 'delete msg.broker; return msg;', ['debug']),
      node('status', 'status', { scope: null, wires: [['debug']] }),
      node('complete', 'complete', { scope: outs.map(({ id }) => id), wires: [['debug']] }),
      debug('debug'),
    ];
  }

  /** All that somebody who may look into the editor can see, and all that lies on the disk. */
  async function places(nodeRed: NodeRed, ids: readonly string[]): Promise<[string, string][]> {
    const asked = [
      ...['/flows', '/nodes', '/settings', '/settings/user', '/diagnostics', '/plugins', '/context/global'],
      ...['/context/flow/tab', '/flow/tab', '/flow/global', '/library/local/flows', '/auth/login'],
      ...ids.map((id) => `/credentials/dinox-broker/${id}`),
    ];
    const answers: [string, string][] = [];
    for (const path of asked) answers.push([path, (await nodeRed.adminApi('GET', path)).text]);
    const versionOne = await nodeRed.adminApi('GET', '/flows', undefined, { 'Node-RED-API-Version': 'v1' });
    const page = await nodeRed.adminApi('GET', '/nodes', undefined, { Accept: 'text/html' });
    return [
      ...answers,
      ['/flows v1', versionOne.text],
      ['/nodes as HTML', page.text],
      ['comms', JSON.stringify(nodeRed.comms.events)],
      ['log', nodeRed.logs()],
      ...filesBelow(nodeRed.userDir),
    ];
  }

  for (const version of NODE_RED_VERSIONS) {
    it(`stay where they belong in Node-RED ${version}`, async function () {
      this.timeout(120_000);
      const { nodes, credentials } = brokers();
      const flows = flowsOf(nodes);
      const nodeRed = await startNodeRed({
        version,
        flows,
        credentials,
        linkPackage: true,
        logLevel: 'trace',
        env: { CANARY, DYNAMIC },
        settings: { logging: { console: { level: 'trace', metrics: true, audit: true } } },
      });
      try {
        const shows = (id: string, pattern: RegExp) =>
          nodeRed.until(
            `in-${id} shows ${pattern}`,
            () => pattern.test(nodeRed.statusesOf(`in-${id}`).at(-1)?.text ?? ''),
            CONNECT_MS,
          );
        const settle = async () => {
          for (const id of ['ejabberd-right', 'prosody-right', 'mosquitto-right'])
            await shows(id, /connected$/);
          for (const id of ['ejabberd-wrong', 'ejabberd-mqtt-wrong', 'prosody-wrong', 'mosquitto-wrong']) {
            await shows(id, /^login refused/);
          }
          await shows('nowhere-xmpp', /trying again/);
          await shows('nowhere-mqtt', /^cannot reach the server, trying again/);
          await shows('nowhere-tls', /^certificate or TLS, trying again/);
          await shows('url', /^check the field host/);
        };
        await settle();
        await nodeRed.inject('inject');
        await shows('mosquitto-dynamic', /^login refused/);
        await nodeRed.until('the canary sings', () => nodeRed.logs().includes(CANARY));
        // As an editor sends them after a change: what it never saw stays as it is.
        const { json } = await nodeRed.adminApi('GET', '/flows');
        const earlier = JSON.stringify(nodeRed.comms.events.splice(0));
        await nodeRed.deploy(json.flows);
        await settle();
        await nodeRed.inject('inject');
        await sleep(500);

        const seen = await places(
          nodeRed,
          nodes.map(({ id }) => id),
        );
        seen.push(['comms before the deploy', earlier]);
        const secrets = [RIGHT, WRONG, NOWHERE].flatMap((group) => Object.values(group));
        assert.deepEqual(search(seen, [...secrets, DYNAMIC]), []);
        const outsideFlows = seen.filter(([where]) => !/flows?\b/.test(where));
        assert.deepEqual(search(outsideFlows, [TYPED_IN_URL]), []);

        // The places were looked at, and the search finds what is there.
        for (const where of [
          '/flows',
          '/nodes',
          '/settings',
          '/diagnostics',
          'flows.json',
          '/nodes as HTML',
        ]) {
          const text = seen.find(([name]) => name === where)?.[1] ?? '';
          assert.ok(text.length > 500, `${where} is empty: ${text}`);
        }
        assert.match(
          seen.find(([name]) => name === '/credentials/dinox-broker/ejabberd-right')?.[1] ?? '',
          /has_password/,
        );
        assert.ok(
          seen.some(([name]) => name.startsWith('dinox')),
          'our own files were not looked at',
        );
        const sung = search(seen, [CANARY]).map(({ where }) => where);
        assert.ok(
          sung.includes('log') && sung.includes('comms'),
          `the canary was found in ${sung.join(', ')}`,
        );
        for (const trace of [
          CANARY,
          Buffer.from(CANARY).toString('hex'),
          Buffer.from(`a:${CANARY}`).toString('base64'),
        ]) {
          assert.ok(nodeRed.logs().includes(trace));
        }
        const stored = readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8');
        assert.equal(search([['flows_cred.json', stored]], secrets).length, secrets.length);
      } finally {
        await nodeRed.stop();
      }
    });
  }
});
