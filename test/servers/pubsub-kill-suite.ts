/**
 * Node-RED is killed with SIGKILL while a flow publishes over PubSub with `queuePersist`, and the line is cut and
 * refused: what was handed over is in its node, once. Part of lasting-pubsub.test.ts.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeRed, startNodeRed } from '../support/node-red';
import type { Proxy as Line } from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { Record, SOURCE_NODE, SOURCE_PAGE } from './lasting-kill-node';
import { figure, LONG, shake, until } from './lasting-support';
import { credentials, dinoxBroker, dinoxOut, flowOf, PASSWORD, TLS, USER } from './nodes-support';
import { XmppPartner } from './nodes-xmpp';

const KILLS = LONG ? 20 : 3;
/** Few enough for a node of each run to keep all: Prosody keeps 256 at most. */
const LOAD = { every: 100, burst: 1 };
const MAX_ITEMS = 250;

export function pubsubKillSuite(open: () => { c2sTlsPort: number; line: Line }): void {
  it(`over ${KILLS} kills of Node-RED with queuePersist: all that was handed over is in its node, once`, async function () {
    this.timeout(90_000 + KILLS * 30_000);
    const { line, c2sTlsPort } = open();
    const userDir = ownFolder(tmpdir());
    mkdirSync(join(userDir, 'nodes'));
    writeFileSync(join(userDir, 'nodes', 'source.js'), SOURCE_NODE);
    writeFileSync(join(userDir, 'nodes', 'source.html'), SOURCE_PAGE);
    const record = new Record(join(userDir, 'record.txt'));
    const how = { topicPerRun: true, retain: true, ...LOAD };
    const source = { id: 'source', type: 'lasting-source', z: 'tab', x: 1, y: 1, wires: [['out']], ...how };
    const broker = dinoxBroker({
      jid: `${USER}@localhost`,
      xmppService: `xmpp://localhost:${line.port}`,
      tls: TLS,
      transport: 'pubsub',
      payloadType: 'utf8',
      nodeMaxItems: MAX_ITEMS,
      queuePersist: true,
    });
    const nodeRed: NodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      userDir,
      env: { LASTING_RECORD: record.file },
      settings: { mqttReconnectTime: 20 },
      credentials,
      flows: flowOf(broker, source, dinoxOut('out', { qos: '1' })),
    });
    try {
      for (let run = 0; run < KILLS; run++) {
        const before = record.read().ended;
        // Some are confirmed before the line is lost for the first time.
        await until('some are done', () => record.read().ended > before + 5, 30_000);
        await shake(line);
        await nodeRed.kill();
        await line.refuse(false);
        await nodeRed.restart();
      }
      // The last run is left in peace; what it hands over is no longer counted.
      const fates = [...record.read().fates];
      const me = await XmppPartner.connect(c2sTlsPort, USER, PASSWORD);
      const runs = new Set(fates.map(([id]) => id.split('-')[0]));
      const kept = new Map<string, number>();
      const look = async (): Promise<boolean> => {
        kept.clear();
        for (const run of runs) {
          const found = (await me.pubsub('get', `<items node='kill/${run}'/>`)).matchAll(
            /<data[^>]*>([^<]*)</g,
          );
          for (const [, id = ''] of found) kept.set(id, (kept.get(id) ?? 0) + 1);
        }
        return fates.every(([id, { turned }]) => !turned || kept.has(id));
      };
      for (let tries = 0; tries < 40 && !(await look()); tries++) await sleep(500);
      await me.end();
      const missing = fates.filter(([id, { turned, done }]) => (turned || done > 0) && !kept.has(id));
      assert.deepEqual(missing, [], 'handed over or done, and not in the node');
      assert.deepEqual(
        [...kept].filter(([, count]) => count > 1),
        [],
        'in the node twice',
      );
      assert.deepEqual(
        fates.flatMap(([, { errors }]) => errors),
        [],
      );
      const after = fates.filter(([, { done }]) => done === 0);
      figure(`PubSub, ${KILLS} kills`, {
        'handed over': fates.length,
        'without a done before the kill': after.length,
      });
      assert.ok(after.length > 0, 'the journal had nothing to do: this run proves nothing');
    } finally {
      await nodeRed.kill();
    }
  });
}
