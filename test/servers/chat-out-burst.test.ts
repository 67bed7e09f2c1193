/** A burst on the servers as they are packaged, which slow their clients down: 3 kB and 10 kB a second. */
import assert from 'node:assert/strict';
import { BROKER, type FlowNode } from '../support/flows';
import { forEachGeneration, startEjabberd, startProsody } from '../support/servers/index';
import { account, ChatPartner, chatFlow, chatOut, type Server, SLOW_MS, startChat } from './chat-out-support';
import { credentials, users } from './nodes-support';

const COUNT = 1_000;
const OTHER_BROKER = 'other-broker';

forEachGeneration('xmpp-out: a burst on packaged configurations', function (this: unknown, generation) {
  let servers: Server[];
  let bens: ChatPartner[];
  before(async function () {
    this.timeout(2 * SLOW_MS);
    const options = { generation, users, packageConfig: true };
    servers = await Promise.all([startEjabberd(options), startProsody(options)]);
    bens = await Promise.all(servers.map((server) => ChatPartner.connect(server)));
  });
  after(async () => {
    await Promise.all((bens ?? []).map((ben) => ben.end()));
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });

  it(`${COUNT} alerts arrive joined, in order, none lost and none twice, over one session`, async function () {
    this.timeout(4 * SLOW_MS);
    const [ejabberd, prosody] = servers.map(({ c2sPort }) => c2sPort);
    const other: FlowNode = { ...account(prosody ?? 0), id: OTHER_BROKER };
    const second = chatOut('second', { broker: OTHER_BROKER, rate: 60, receipts: false });
    const flow = await startChat(chatFlow(ejabberd ?? 0, { rate: 60, receipts: false }, [other, second]), {
      ...credentials,
      [OTHER_BROKER]: { ...credentials[BROKER] },
    });
    try {
      await flow.shows('second', 'green', SLOW_MS);
      const texts = Array.from({ length: COUNT }, (_, i) => `Cellar ${i}: ${30 + (i % 9)} °C is too warm`);
      const messages = ['out', 'second'].map((id) =>
        texts.map((payload, i) => {
          const msg = { payload, alertId: `alert-${i}` };
          flow.send(id, msg);
          return msg;
        }),
      );
      for (const ben of bens) {
        await ben.until('the last alert', () => ben.bodies.at(-1)?.endsWith(texts.at(-1) ?? ''), 3 * SLOW_MS);
        const lines = ben.bodies.flatMap((body) => body.split('\n'));
        // Texts are keys here, so that is what stands above what is joined.
        assert.deepEqual(
          lines.filter((line) => line !== 'xmpp-out.joined'),
          texts,
        );
        assert.ok(ben.bodies.length <= 60, `${ben.bodies.length} messages`);
      }
      await flow.until('all are done', () => flow.completions.length >= 2 * COUNT, SLOW_MS);
      for (const msg of messages.flat()) {
        const done = flow.completionsOf(msg);
        assert.deepEqual([done.length, done[0]?.error], [1, undefined]);
      }
      assert.equal(flow.logged.filter(({ text }) => /^Chat: logged in as /.test(text)).length, 2);
    } finally {
      await flow.stop();
    }
  });
});
