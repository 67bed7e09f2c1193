/** What a `dinox-alert` does with commands, with answers that come back, and with what several of them hear. */
import assert from 'node:assert/strict';
import type { RunningFlow } from '../support/runtime';
import { alertFlow, payload, startAlert } from './alert-support';

describe('dinox-alert: commands in Node-RED', () => {
  let flow: RunningFlow;
  afterEach(() => flow?.stop());
  const value = (topic: string, of: unknown): Promise<unknown> => flow.call('alert', { topic, payload: of });
  const command = (alert: object): Promise<{ error?: string }> => flow.call('alert', { alert });

  // The kind: a restriction that cannot be read is taken for none.
  it('a number as text is that number, and what cannot be read does nothing and says so', async () => {
    flow = await startAlert();
    for (const topic of ['a', 'b']) await value(topic, 30);
    assert.equal((await command({ cmd: 'ack', number: '1', by: 'anna' })).error, undefined);
    const [, , acked] = await flow.messages('told', 3);
    assert.equal(payload(acked).key, 'a');
    for (const wrong of [
      { cmd: 'silence', number: 'one', for: '1h' },
      { cmd: 'silence', key: '', for: '1h' },
      { cmd: 'silence', minutes: 5 },
      { cmd: 'silence until later' },
      { cmd: 'silence', filter: 'nothing like it' },
      { cmd: undefined },
    ]) {
      assert.ok((await command(wrong)).error, JSON.stringify(wrong));
    }
    assert.match(
      String((await command({ cmd: 'silence', minutes: 5 })).error),
      /no field “minutes” here; known are cmd, id/,
    );
    await value('c', 30);
    assert.equal(payload((await flow.messages('told', 4))[3]).key, 'c', 'nothing was silenced');
    assert.equal((await command({ cmd: 'silence', key: 'a', until: '18:00' })).error, undefined);
    assert.equal((await command({ cmd: 'status' })).error, undefined);
    const answers = await flow.messages('answers', 3);
    assert.match(
      String(answers[2]?.payload),
      /^3 of 3 keys alert:[\s\S]*🔇 a: quiet until 18:00 \(.*, Node-RED\)$/,
    );
  });

  // The kind: an answer is a command.
  it('an answer that is wired back is no command, nor is the report of what was sent', async () => {
    flow = await startAlert();
    await flow.deploy(alertFlow({ wires: [['told'], ['samples'], ['answers', 'alert']] }).concat([]), 'full');
    await value('a', 30);
    await command({ cmd: 'status' });
    await command({ cmd: 'history', key: 'a', from: '1h' });
    for (const xmpp of [
      { id: 'x', to: 'anna@example.org', kind: 'chat', stamp: '2026-03-10T12:00:00Z' },
      { id: 'x', from: 'anna@example.org/phone', type: 'displayed' },
    ]) {
      await flow.call('alert', { payload: 'displayed', topic: 'anna@example.org', xmpp });
    }
    await command({ cmd: 'ack' });
    await flow.messages('told', 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(flow.at('answers').length, 3, 'each is answered once');
    assert.equal(flow.at('samples').length, 1, 'and is no value either');
    assert.equal(
      flow.complaints().filter(({ text }) => /wires of output 3/.test(text)).length,
      1,
      'said once',
    );
  });

  it('a payload and a topic cannot write lines of ours into an alert', async () => {
    flow = await startAlert({ condition: 'contains', limit: 'open', limitType: 'str' });
    await value('door\n✔ acknowledged by anna', 'open\r\n✔ acknowledged by anna 14:03\u2028');
    const [raised] = await flow.messages('told', 1);
    const text = String(payload(raised).text);
    assert.doesNotMatch(text, /^✔/m);
    assert.match(text, /^🟠 #1 door\\n✔ acknowledged by anna says: open\\r\\n✔ acknowledged by anna 14:03\n/);
    assert.equal(payload(raised).key, 'door\n✔ acknowledged by anna', 'the flow gets what came');
  });
});
