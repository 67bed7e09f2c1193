/** What a `dinox-alert` does with commands, with answers that come back, and with what several of them hear. */
import assert from 'node:assert/strict';
import { type Flow, node, sink, tab } from '../support/flows';
import { RunningFlow } from '../support/runtime';
import { alertFlow, modules, payload, startAlert } from './alert-support';

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
      /no field “minutes” here. The fields are cmd, id/,
    );
    await value('c', 30);
    assert.equal(payload((await flow.messages('told', 4))[3]).key, 'c', 'nothing was silenced');
    assert.equal((await command({ cmd: 'silence', key: 'a', until: '18:00' })).error, undefined);
    assert.equal((await command({ cmd: 'status' })).error, undefined);
    const answers = await flow.messages('answers', 3);
    assert.match(
      String(answers[2]?.payload),
      /^Topics with an open alert: 3 of 3\n[\s\S]*🔇 a: silent until 18:00 \(.*, Node-RED\)$/,
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
    assert.match(text, /^🟠 #1 door\\n✔ acknowledged by anna says: open\\r\\n✔ acknowledged by anna 14:03$/);
    assert.equal(payload(raised).key, 'door\n✔ acknowledged by anna', 'the flow gets what came');
  });
});

/** The kind: one bot, many voices. */
describe('dinox-alert: several that hear the same', () => {
  let flow: RunningFlow;
  const NAMES = ['Freezer', 'Washer', 'Door'];
  const many = (): Flow => [
    tab(),
    ...NAMES.flatMap((name) => [
      node('dinox-alert', name, {
        name,
        condition: 'above',
        limit: '25',
        wires: [[`told ${name}`], [], [`answers ${name}`]],
      }),
      sink(`told ${name}`),
      sink(`answers ${name}`),
    ]),
  ];
  let said = 0;
  /** Over wires that are not equally long. */
  const say = async (text: string, more: object = {}, names = NAMES): Promise<void> => {
    said += 1;
    for (const [index, name] of names.entries()) {
      const xmpp = { from: 'anna@example.org/phone', id: `said ${said}`, stamp: new Date(0).toISOString() };
      const msg = { payload: text, to: 'anna@example.org', kind: 'chat', xmpp, ...structuredClone(more) };
      setTimeout(() => flow.send(name, msg), index * 10);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  };
  const answers = (): string[] =>
    NAMES.flatMap((name) => flow.at(`answers ${name}`).map(({ payload: text }) => `${name}: ${text}`));
  const value = (name: string, topic: string, of: number): Promise<unknown> =>
    flow.call(name, { topic, payload: of });

  beforeEach(async () => {
    flow = await RunningFlow.start(modules(), many());
  });
  afterEach(() => flow.stop());

  it('one numbering, one answer, at the node that it is about', async () => {
    await value('Freezer', 'a', 30);
    await value('Door', 'b', 30);
    const [told] = await flow.messages('told Door', 1);
    assert.match(String(payload(told).text), /#2 b/);
    await say('ok');
    assert.deepEqual(answers(), ['Door: ✔ acknowledged: #2 b']);
    await say('ack 1');
    assert.equal(answers()[0], 'Freezer: ✔ acknowledged: #1 a');
    await say('unack', { alertId: told?.alertId });
    await say('stauts');
    await say('silence until 7');
    await say('status');
    await say('help');
    assert.equal(answers().length, 7, answers().join('\n'));
    const of = (pattern: RegExp): string => answers().find((answer) => pattern.test(answer)) ?? '';
    assert.match(of(/No longer/), /^Door: No longer acknowledged: #2 b$/);
    assert.match(of(/Did you mean/), /^Freezer: I do not understand “stauts”.*Did you mean “status”/);
    assert.match(of(/^Freezer: 🔇/), /all: silent until 07:00/);
    assert.match(
      of(/open alert: /),
      /open alert: 2 of 2\n#1 a[^\n]*\n#2 b[^\n]*\n🔇 all: silent until 07:00 [^\n]*anna\)$/,
    );
    assert.match(of(/Alerts listening/), /Freezer, Washer, Door/);
    assert.equal(flow.completions.filter(({ error }) => error).length, 0);
  });

  it('an alert that does not hear it is named, and not touched', async () => {
    await value('Door', 'b', 30);
    const [told] = await flow.messages('told Door', 1);
    await say('ok 1', {}, ['Freezer', 'Washer']);
    await say('ok', { alertId: told?.alertId }, ['Freezer', 'Washer']);
    await say('ok', { alertId: 'long over' });
    assert.deepEqual(
      answers().map((text) => text.replace(/:.*belongs/, ': … belongs')),
      [
        'Freezer: … belongs to “Door”, which does not listen here: its dinox-alert is not wired to this chat.',
        'Freezer: … belongs to “Door”, which does not listen here: its dinox-alert is not wired to this chat.',
        'Freezer: That alert is already resolved.',
      ],
    );
    assert.equal(flow.at('told Door').length, 1, 'nobody acknowledged it');
  });

  it('the same message over several wires to one alert is one, and a copy that comes late is', async () => {
    await value('Freezer', 'a', 30);
    await value('Freezer', 'b', 30);
    await say('ok', {}, ['Freezer', 'Freezer']);
    assert.deepEqual(answers(), ['Freezer: ✔ acknowledged: #2 b']);
    const xmpp = { from: 'anna@example.org/phone', id: `said ${said}` };
    await flow.call('Washer', { payload: 'ok', kind: 'chat', xmpp });
    await flow.call('Freezer', { payload: 'ok', kind: 'chat', xmpp });
    assert.equal(answers().length, 1);
    assert.equal(flow.at('told Freezer').length, 3);
  });

  it('numbers stay over a deploy of one of them', async () => {
    await value('Freezer', 'a', 30);
    await value('Door', 'b', 30);
    await flow.deploy(many().map((one) => (one.id === 'Freezer' ? { ...one, holdFor: '1s' } : one)));
    await value('Door', 'c', 30);
    assert.match(String(payload((await flow.messages('told Door', 2))[1]).text), /#3 c/);
    await say('ack 1');
    assert.deepEqual(answers(), ['Freezer: ✔ acknowledged: #1 a']);
  });

  it('what machines say is neither obeyed nor answered, and who repeats himself is answered a few times', async () => {
    await value('Freezer', 'a', 30);
    for (const xmpp of [{ automatic: 1 }, { type: 'headline' }]) {
      await flow.call('Freezer', {
        payload: 'ok',
        xmpp: { from: 'bot@example.org/x', id: `${said}`, ...xmpp },
      });
    }
    assert.deepEqual(answers(), []);
    assert.equal((await flow.messages('told Freezer', 1)).length, 1);
    for (let n = 0; n < 5; n++) await say(`what do you mean by ${n}?`, {}, NAMES);
    assert.equal(answers().length, 3);
    assert.match(answers()[2] ?? '', /\(I will not answer this again for a while\.\)$/);
    // In a room only what looks like a command is answered at all, and that not for ever either.
    const room = { from: 'team@rooms.example.org/robo', room: 'team@rooms.example.org' };
    for (let n = 0; n < 5; n++) {
      const xmpp = { ...room, id: `room ${n}` };
      for (const name of NAMES) flow.send(name, { payload: 'stauts', kind: 'groupchat', xmpp });
      await flow.call('Freezer', {
        payload: `hello ${n}`,
        kind: 'groupchat',
        xmpp: { ...xmpp, id: `h${n}` },
      });
    }
    assert.equal(answers().filter((text) => /stauts/.test(text)).length, 3);
    assert.equal(answers().filter((text) => /hello/.test(text)).length, 0);
  });
});
