/** The packed tarball in the palette of a Node-RED: install, use, restart, uninstall, as the editor does it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Flow, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, PACKAGE_NAME, startNodeRed } from '../support/node-red';
import { nodeRedInstallation } from '../support/node-red-versions';
import { type Mosquitto, startMosquitto } from '../support/servers';
import { ensureServers } from '../support/servers/install';

const run = promisify(execFile);
const REPOSITORY = join(__dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  version: string;
  'node-red': { nodes: Record<string, string> };
};
const TYPES = Object.keys(MANIFEST['node-red'].nodes);
const INSTALL_WITHIN_MS = 3 * 60_000;
/** A Node-RED that has just started, or answered, keeps some timers of its own for about five seconds. */
const CALM_AFTER_MS = 7_000;
const SETTLE_WITHIN_MS = 20_000;

/** What keeps a Node-RED busy; see `probe.cjs`. */
interface Busy {
  sockets: number[];
  resources: Record<string, number>;
  children: number;
}

/** inject → out → the broker → in → debug */
function roundTrip(port: number): Flow {
  return [
    tab(),
    {
      id: 'account',
      type: 'dinox-broker',
      name: '',
      jid: '',
      host: '127.0.0.1',
      port: String(port),
      usetls: false,
      protocolVersion: 'auto',
      transport: 'auto',
    },
    node('inject', 'press', {
      props: [{ p: 'payload' }],
      payload: '21.5',
      payloadType: 'str',
      repeat: '',
      once: false,
      topic: '',
      wires: [['out']],
    }),
    node('dinox-mqtt-out', 'out', {
      topic: 'home/room/temperature',
      qos: '1',
      retain: 'false',
      broker: 'account',
    }),
    node('dinox-mqtt-in', 'in', {
      topic: 'home/+/temperature',
      qos: '1',
      datatype: 'utf8',
      broker: 'account',
      rh: 0,
      inputs: 0,
      wires: [['show']],
    }),
    node('debug', 'show', {
      active: true,
      tosidebar: true,
      console: false,
      complete: 'payload',
      targetType: 'msg',
    }),
  ];
}

async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], { cwd: REPOSITORY });
  return join(folder, `dinox-node-red-dinox-${MANIFEST.version}.tgz`);
}

for (const version of NODE_RED_VERSIONS) {
  describe(`The palette of Node-RED ${version}`, function () {
    this.timeout(INSTALL_WITHIN_MS);
    const folder = mkdtempSync(join(tmpdir(), 'dinox-palette-'));
    const probeFile = join(folder, 'busy.json');
    let tarball: string;
    let broker: Mosquitto;
    let nodeRed: NodeRed;
    let idle: Busy;
    /** What a Node-RED warns of without any node of ours: unencrypted credentials, projects switched off. */
    let ownWarnings: string[];

    async function busy(): Promise<Busy> {
      rmSync(probeFile, { force: true });
      process.kill(nodeRed.pid, 'SIGWINCH');
      await nodeRed.until('the probe answers', () => existsSync(probeFile));
      return JSON.parse(readFileSync(probeFile, 'utf8')) as Busy;
    }

    /** Nobody wrote to the log at these levels, but for what an empty Node-RED says. */
    function assertQuiet(): void {
      const lines = nodeRed.logLines('fatal', 'error', 'warn');
      assert.deepEqual(
        lines.filter(({ text }) => !ownWarnings.includes(text)),
        [],
      );
      assert.doesNotMatch(nodeRed.logs(), /^\(node:\d+\) .*Warning/m, 'Node itself warned of something');
    }

    async function messageArrives(): Promise<void> {
      await nodeRed.until('the node is connected', () => nodeRed.statusesOf('in').at(-1)?.fill === 'green');
      const seen = nodeRed.comms.debugMessages().length;
      await nodeRed.inject('press');
      const shown = await nodeRed.until('a message arrives', () => nodeRed.comms.debugMessages().at(seen));
      assert.equal(shown.id, 'show');
      assert.equal(shown.msg, '21.5');
    }

    before(async function () {
      const servers = await ensureServers();
      const reason = await nodeRedInstallation(version).then(
        () => servers.debian12.missing.join('; '),
        (error: Error) => error.message,
      );
      if (reason !== '') {
        process.stdout.write(`SKIPPED SUITE: palette of Node-RED ${version}: ${reason}\n`);
        this.skip();
      }
      broker = await startMosquitto();
      nodeRed = await startNodeRed({
        version,
        env: {
          NODE_OPTIONS: `--require=${join(REPOSITORY, 'test/support/probe.cjs')}`,
          DINOX_PROBE: probeFile,
        },
      });
      ownWarnings = nodeRed.logLines('fatal', 'error', 'warn').map(({ text }) => text);
      [tarball] = await Promise.all([pack(folder), sleep(CALM_AFTER_MS)]);
      idle = await busy();
    });

    after(async () => {
      await nodeRed?.stop();
      await broker?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('installs the tarball, and every node type registers', async () => {
      const form = new FormData();
      form.append('tarball', new Blob([readFileSync(tarball)]), 'package.tgz');
      const answer = await nodeRed.adminApi('POST', '/nodes', form);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.version, MANIFEST.version);

      const sets = (await nodeRed.adminApi('GET', '/nodes')).json as {
        module: string;
        types: string[];
        enabled: boolean;
        err?: string;
      }[];
      const ours = sets.filter(({ module }) => module === PACKAGE_NAME);
      assert.deepEqual(ours.flatMap(({ types }) => types).sort(), [...TYPES].sort());
      for (const set of ours) assert.ok(set.enabled && set.err === undefined, JSON.stringify(set));
      assertQuiet();
    });

    it('serves dialogs, help, labels, icons and examples', async () => {
      for (const [language, word] of [
        ['en-US', 'Receives'],
        ['de', 'Empfängt'],
      ]) {
        const headers = { Accept: 'text/html', 'Accept-Language': language };
        const html = (await nodeRed.adminApi('GET', '/nodes', undefined, headers)).text;
        for (const type of TYPES) {
          assert.match(html, new RegExp(`registerType\\("${type}"`));
          assert.match(html, new RegExp(`data-template-name="${type}"`));
          assert.match(html, new RegExp(`data-help-name="${type}"`));
          const labels = await nodeRed.adminApi('GET', `/locales/${PACKAGE_NAME}/${type}?lng=${language}`);
          assert.ok(labels.json[type].label, `labels of ${type} in ${language}`);
        }
        assert.match(html, new RegExp(`data-help-name="dinox-mqtt-in">\\s*${word}`), `help in ${language}`);
      }
      for (const type of TYPES) {
        const icon = await nodeRed.adminApi('GET', `/icons/${PACKAGE_NAME}/${type}.svg`);
        assert.equal(icon.status, 200);
        assert.match(icon.text, /^<svg/, `the icon of ${type}, and not the one for what is missing`);
      }
      const icons = (await nodeRed.adminApi('GET', '/icons')).json as Record<string, string[]>;
      assert.deepEqual(icons[PACKAGE_NAME]?.sort(), TYPES.map((type) => `${type}.svg`).sort());
      const example = await nodeRed.adminApi('GET', `/library/examples/flows/${PACKAGE_NAME}/first-messages`);
      assert.equal(example.status, 200);
    });

    it('runs a flow with the nodes', async () => {
      await nodeRed.deploy(roundTrip(broker.port));
      await messageArrives();
      assertQuiet();
    });

    it('still has the nodes after a restart', async () => {
      await nodeRed.restart();
      await messageArrives();
      assertQuiet();
    });

    it('uninstalls, and nothing is left running', async () => {
      assert.ok((await busy()).sockets.includes(broker.port), 'connected before');
      await nodeRed.deploy([]);
      const answer = await nodeRed.adminApi('DELETE', `/nodes/${PACKAGE_NAME}`);
      assert.equal(answer.status, 204, answer.text);

      const sets = (await nodeRed.adminApi('GET', '/nodes')).json as { module: string }[];
      assert.deepEqual(
        sets.filter(({ module }) => module === PACKAGE_NAME),
        [],
      );
      assert.equal(existsSync(join(nodeRed.userDir, 'node_modules', PACKAGE_NAME)), false);
      const left = await settled();
      assert.ok(!left.sockets.includes(broker.port), 'no connection to the broker is left');
      assert.equal(left.children, 0);
      assert.ok(
        (left.resources.Timeout ?? 0) <= (idle.resources.Timeout ?? 0),
        `timers: ${JSON.stringify(idle)} before, ${JSON.stringify(left)} after`,
      );
      assertQuiet();
    });

    /** What keeps it busy once our own requests and npm are over. */
    async function settled(): Promise<Busy> {
      const deadline = Date.now() + SETTLE_WITHIN_MS;
      for (;;) {
        const now = await busy();
        const isCalm = (now.resources.Timeout ?? 0) <= (idle.resources.Timeout ?? 0);
        if ((isCalm && !now.sockets.includes(broker.port)) || Date.now() > deadline) return now;
        await sleep(250);
      }
    }
  });
}
