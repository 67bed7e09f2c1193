/** The example as it is shipped, with the account typed, beside the suite's own nodes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BROKER, type Flow } from '../support/flows';
import { BEN, type ChatContext, SLOW_MS } from './chat-out-support';

const EXAMPLE = JSON.parse(
  readFileSync(join(__dirname, '../../examples/value-to-chat.json'), 'utf8'),
) as Flow;

/** Nodes of the example that go into the suite's flow; they use its connection. */
export const exampleNodes: Flow = EXAMPLE.filter(
  ({ type }) => !['comment', 'debug', 'dinox-broker', 'dinox-mqtt-in', 'tab'].includes(type),
).map((one) => ({
  ...one,
  z: 'tab',
  ...(one.type === 'xmpp-out' && { broker: BROKER, to: BEN, wires: [['sent'], ['receipts']] }),
}));

export function exampleSuite(context: () => ChatContext): void {
  it('24 °C says nothing; 27.5 °C says so, and sends a picture behind it', async () => {
    const { ben, flow } = context();
    const before = ben.said.length;
    for (const id of ['dinox-value-cool', 'dinox-value-warm']) flow.send(id, {});
    await ben.heard(before + 2, SLOW_MS);
    const [text, url, ...more] = ben.bodies.slice(before);
    assert.deepEqual([text, more], ['Living room: 27.5 °C is too warm', []]);
    const response = await fetch(String(url));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
    assert.match(String(url), /thermometer\.png$/);
  });
}
