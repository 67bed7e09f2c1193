import assert from 'node:assert/strict';
import { NumberPool } from '../../../../src/alert/number-pool';
import { inEnglish } from '../../../../src/base/english';
import { AlertEngine } from '../../../../src/nodes/dinox-alert/alert-engine';
import { AlertInput } from '../../../../src/nodes/dinox-alert/alert-input';
import { ChatDispatcher } from '../../../../src/nodes/dinox-alert/chat-dispatcher';
import { alertConfig } from '../../../../src/nodes/dinox-alert/config';
import { type Message, MessageReader } from '../../../../src/nodes/dinox-alert/message-reader';
import { FakeClock } from '../../transport/fake-clock';
import { turns } from '../../xmpp/out-stanzas';

const translate = (key: string, values: object = {}): string => [key, ...Object.values(values)].join(' ');

function setUp(def: object = {}, before?: { engine: AlertEngine }, isAnswering = true) {
  const clock = new FakeClock();
  const config = alertConfig({ condition: 'above', limit: '25', confirm: 'wait', ...def });
  assert.deepEqual(config.problems, []);
  const sent: Message[] = [];
  const warnings: string[] = [];
  let ids = 0;
  const engine = new AlertEngine({
    ...{ config, clock, translate, read: inEnglish, name: 'Freezer', id: 'alert' },
    newId: () => `id${++ids}`,
    numbers: new NumberPool(),
    store: undefined,
    historyStore: undefined,
    send: (messages) => sent.push(...messages),
    predecessor: before?.engine.delivery,
    changed: () => {},
  });
  const dispatcher = new ChatDispatcher(clock, () => false);
  engine.start();
  const leave = dispatcher.add(engine);
  const passedOn: unknown[] = [];
  const answers: Message[] = [];
  const done: (string | undefined)[] = [];
  const input = new AlertInput({
    ...{ engine, dispatcher, clock, translate, read: inEnglish, name: 'Freezer' },
    reader: new MessageReader({} as never, {} as never, config, clock),
    passesOn: () => true,
    answers: () => isAnswering,
    warn: (text) => warnings.push(text),
  });
  const handle = (msg: Message): void =>
    input.handle(
      msg,
      (outputs) => {
        const [, second, third] = outputs as [null, Message | null, Message[] | null];
        if (second) passedOn.push((second.alert as Message).valid);
        answers.push(...(third ?? []));
      },
      (error) => done.push(error?.message),
    );
  const close = (comesBack: boolean): Promise<void> => {
    leave();
    return engine.close(comesBack);
  };
  return { engine, dispatcher, handle, close, sent, warnings, passedOn, answers, done };
}

const say = (text: string): Message => ({
  payload: text,
  xmpp: { from: 'anna@example.org/phone', id: text, listeners: ['in'] },
});

describe('dinox-alert: its input', () => {
  it('bad input ends in one done, with the reason', async () => {
    const { handle, done, warnings, passedOn, close } = setUp();
    handle({ alert: { cmd: 'fly' } });
    handle({ alert: { cmd: 'told' } });
    handle({ alert: { cmd: 'history', key: 'a', from: 'the day that never was' } });
    assert.match(done[0] ?? '', /^msg\.alert: I do not understand “fly”/);
    assert.match(done[1] ?? '', /^msg\.alert: .* needs an id/);
    assert.match(done[2] ?? '', /^There is no history for "?a/);
    handle({ topic: 'a', payload: 'warm' });
    handle({ topic: 'a', payload: 'warm' });
    assert.deepEqual(done.slice(3), [undefined, undefined], 'a value that is none is no error');
    assert.deepEqual(passedOn, [false, false]);
    assert.equal(warnings.length, 1);
    await close(false);
  });

  it('two messages at once: each sample has its alert, and each message its done', async () => {
    const { engine, handle, done, sent, passedOn, close } = setUp();
    engine.started();
    handle({ topic: 'a', payload: 30 });
    handle({ topic: 'b', payload: 31 });
    assert.deepEqual(
      sent.map(({ topic }) => topic),
      ['a', 'b'],
    );
    assert.deepEqual(done, [undefined, undefined]);
    assert.deepEqual(passedOn, [true, true]);
    await close(false);
  });

  it('a deploy: what nobody confirmed is with the successor, and goes out when the flow runs', async () => {
    const before = setUp();
    before.engine.started();
    before.handle({ topic: 'a', payload: 30 });
    const [{ alertId } = {}] = before.sent;
    await before.close(true);
    const after = setUp({}, before);
    assert.equal(after.engine.delivery.isWaiting, true);
    after.handle({ topic: 'b', payload: 30 });
    assert.equal(after.sent.length, 0, 'the deploy is not over');
    after.engine.started();
    assert.deepEqual(
      after.sent.map(({ topic }) => topic),
      ['b'],
    );
    after.handle({ alert: { cmd: 'told', id: alertId } });
    after.handle({ alert: { cmd: 'told', id: after.sent[0]?.alertId } });
    assert.equal(after.engine.delivery.isWaiting, false);
    await after.close(false);
  });

  it('closed while a command from a chat waits for its copies: answered, and done once', async () => {
    const { dispatcher, handle, done, answers, close } = setUp();
    const other = setUp();
    dispatcher.add(other.engine);
    handle(say('status'));
    assert.equal(done.length, 0);
    await close(false);
    await turns();
    assert.deepEqual(done, [undefined]);
    assert.equal(answers.length, 1);
    await other.close(false);
  });

  it('warns once if nothing is wired to output 3, and somebody who wrote waits for an answer', async () => {
    const { handle, warnings, close } = setUp({}, undefined, false);
    handle({ alert: { cmd: 'status' } });
    assert.deepEqual(warnings, [], 'a flow may do without answers');
    handle(say('help'));
    await turns();
    assert.deepEqual(warnings, ['warning.unanswered']);
    handle(say('status'));
    await turns();
    assert.deepEqual(warnings, ['warning.unanswered'], 'once');
    await close(false);
  });

  it('warns once of an answer that is wired back', async () => {
    const { handle, done, warnings, answers, close } = setUp();
    for (let n = 0; n < 2; n++) handle({ alert: { cmd: 'status', ok: true } });
    assert.deepEqual(warnings, ['warning.answer']);
    assert.deepEqual(answers, []);
    assert.deepEqual(done, [undefined, undefined]);
    await close(false);
  });

  it('says nothing to a question that the chat has answered, and warns of nothing', async () => {
    const { handle, done, warnings, answers, close } = setUp();
    const xmpp = { from: 'anna@example.org/phone', type: 'chat', id: '1' };
    handle({ payload: 'kitchen', answered: { kind: 'value', topics: [], text: '' }, xmpp });
    assert.deepEqual([warnings, answers], [[], []]);
    assert.deepEqual(done, [undefined]);
    await close(false);
  });
});
