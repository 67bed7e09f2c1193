/** Several Node-REDs and one user directory: other flow files, a second process, and a copy. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type SidebarPlace, sidebarFlow } from './sidebar-support';

/** The last suite of its place: it ends the Node-RED. */
export function userDirectorySuite(place: SidebarPlace): void {
  it('kind: identity without its context. Another flow file in the same user directory has files of its own', async () => {
    const dinox = join(place.nodeRed.userDir, 'dinox');
    const states = readFileSync(join(dinox, 'alerts/kitchen-inner.log'), 'utf8');
    writeFileSync(
      join(place.nodeRed.userDir, 'other.json'),
      JSON.stringify(sidebarFlow(place.mosquitto.port)),
    );
    const other = await startNodeRed({
      version: '4',
      userDir: place.nodeRed.userDir,
      settings: { flowFile: 'other.json' },
      flows: sidebarFlow(place.mosquitto.port),
    });
    try {
      await other.inject('hot');
      await place.until(
        'an alert',
        async () => (await other.adminApi('GET', '/dinox/alerts')).json?.alerts[0],
      );
      const own = join(dinox, 'flows/file%3Aother.json');
      assert.ok(existsSync(join(own, 'alerts/kitchen-inner.log')));
      assert.equal(readFileSync(join(dinox, 'alerts/kitchen-inner.log'), 'utf8'), states);
      assert.ok(!other.logs().includes('Another Node-RED'), 'each writes its own');
      // The two are connected at the same time: their generated client ids differ.
      const client = (of: string): string | undefined => / as client (dinox-\w+)/.exec(of)?.[1];
      await other.until('connected', () => client(other.logs()) !== undefined);
      assert.equal((await place.get('/dinox/brokers')).json.brokers[0].phase, 'connected');
    } finally {
      await other.kill();
    }
  });

  it('kind: two writers of one file. A second Node-RED on the same user directory says so and works in memory, until the first was killed', async () => {
    const states = join(place.nodeRed.userDir, 'dinox/alerts/kitchen-inner.log');
    const before = readFileSync(states, 'utf8');
    const second = await startNodeRed({
      version: '4',
      userDir: place.nodeRed.userDir,
      flows: sidebarFlow(place.mosquitto.port),
    });
    try {
      const warned = (of: string): boolean =>
        second
          .logLines('warn')
          .some(({ text }) => text.includes(`[${of}] Another Node-RED (process ${place.nodeRed.pid} on `));
      assert.ok(warned('dinox-alert') && warned('dinox-broker'), second.logs());
      await second.inject('hot');
      await place.until(
        'the alert of the second',
        async () => (await second.adminApi('GET', '/dinox/alerts')).json?.alerts[0],
      );
      assert.equal(readFileSync(states, 'utf8'), before);
      await place.nodeRed.kill();
      await second.restart();
      assert.ok(!warned('dinox-alert') && !warned('dinox-broker'), second.logs());
      const { json } = await second.adminApi('GET', '/dinox/alerts');
      assert.ok(json.alerts[0].acked, 'what the first had kept');
    } finally {
      await second.kill();
    }
  });

  it('kind: identity without its context. A copied user directory takes client ids of its own, and says so', async () => {
    const copy = `${place.nodeRed.userDir}-copy`;
    // Sockets are not copied by everybody.
    const filter = (from: string): boolean => !from.endsWith('.live');
    cpSync(place.nodeRed.userDir, copy, { recursive: true, verbatimSymlinks: true, filter });
    const both = await Promise.all(
      [place.nodeRed.userDir, copy].map((userDir) =>
        startNodeRed({ version: '4', userDir, flows: sidebarFlow(place.mosquitto.port) }),
      ),
    );
    try {
      const connected = (from: NodeRed) =>
        place.until('connected', async () =>
          (await from.adminApi('GET', '/dinox/brokers')).json?.brokers?.find(
            ({ id, phase }: { id: string; phase: string }) => id === 'house' && phase === 'connected',
          ),
        );
      const [original, copied] = await Promise.all(both.map(connected));
      assert.notEqual(original.client, copied.client);
      const told = both.map(
        (one) => one.logLines('info').filter(({ text }) => /was copied/.test(text)).length,
      );
      assert.deepEqual(told, [0, 1], both[1]?.logs());
      // Two of one id throw each other out at once.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const later = await Promise.all(both.map(connected));
      assert.deepEqual(
        later.map(({ losses }) => losses.length),
        [original, copied].map(({ losses }) => losses.length),
      );
    } finally {
      await Promise.all(both.map((one) => one.kill()));
      rmSync(copy, { recursive: true, force: true });
    }
  });
}
