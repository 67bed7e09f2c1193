/** How often one person is answered. The kind: two bots that hear each other. */
import assert from 'node:assert/strict';
import { AnswerLimit } from '../../../src/alert/answer-limit';
import { chatInputOf } from '../../../src/nodes/dinox-alert/chat-input';

const MINUTE = 60_000;

describe('alert: answer limit', () => {
  const admit = (limit: AnswerLimit, said: string, text: string, understood: boolean, now: number): string =>
    limit.admit('anna@example.org', said, { text, understood }, now);

  it('what is not understood is answered three times in a row', () => {
    const limit = new AnswerLimit();
    const decisions = [...Array(6).keys()].map((n) => admit(limit, `${n}`, `${n}?`, false, n * 30_000));
    assert.deepEqual(decisions, ['answer', 'answer', 'last', 'none', 'none', 'none']);
    assert.equal(admit(limit, 'status', 'well', true, 200_000), 'answer', 'until something is');
    assert.equal(admit(limit, 'x', 'x?', false, 210_000), 'answer');
    assert.equal(limit.admit('other', 'x', { text: 'x?', understood: false }, 210_000), 'answer');
  });

  it('the same again and again is answered three times, later it is a new question', () => {
    const limit = new AnswerLimit();
    const decisions = [0, 1, 2, 3, 4].map((n) => admit(limit, 'ok', 'none', true, n * 1_000));
    assert.deepEqual(decisions, ['answer', 'answer', 'last', 'none', 'none']);
    assert.equal(admit(limit, 'ok', 'none', true, 65_000), 'answer');
  });

  it('what goes on and on ends, until it was quiet for ten minutes', () => {
    const limit = new AnswerLimit();
    let answered = 0;
    for (let at = 0; at < 24 * 60 * MINUTE; at += 5_000) {
      if (admit(limit, `${at}`, `${at}!`, true, at) !== 'none') answered += 1;
    }
    assert.equal(answered, 90);
    assert.equal(admit(limit, 'status', 'well', true, 24 * 60 * MINUTE + 10 * MINUTE), 'answer');
    const often = new AnswerLimit();
    for (let n = 0; n < 5_000; n++) often.admit(`chat ${n}`, 'x', { text: 'y', understood: false }, n);
    assert.ok((often as unknown as { people: Map<string, unknown> }).people.size <= 1_000);
  });

  // The kind: one who is loud silences what others need.
  it('an occupant of a room silences nobody else in it', () => {
    const person = (nick: string): string =>
      chatInputOf({
        payload: 'x',
        xmpp: { from: `team@rooms.example.org/${nick}`, room: 'team@rooms.example.org' },
      }).person;
    const limit = new AnswerLimit();
    for (let n = 0; n < 200; n++)
      limit.admit(person('mallory'), `${n}`, { text: `${n}`, understood: n < 100 }, n);
    assert.equal(limit.admit(person('anna'), 'status', { text: 'well', understood: true }, 1_000), 'answer');
    assert.equal(limit.admit(person('mallory'), 'status', { text: 'well', understood: true }, 1_000), 'none');
  });

  it('a full stretch ends by its rate: one command now and then afterwards is answered', () => {
    const limit = new AnswerLimit();
    let now = 0;
    for (; now < 200 * 1_000; now += 1_000) admit(limit, `${now}`, `${now}!`, true, now);
    const later = (minutes: number): string =>
      admit(limit, `later ${minutes}`, 'well', true, now + minutes * MINUTE);
    assert.deepEqual([1, 10, 19, 28].map(later), ['none', 'answer', 'answer', 'answer']);
  });

  it('an alarm storm is acknowledged one by one, each with an answer', () => {
    const limit = new AnswerLimit();
    for (let n = 1; n <= 60; n++) {
      assert.equal(admit(limit, `ok #${n}`, `acknowledged: #${n}`, true, n * 3_000), 'answer');
    }
  });

  it('what is not understood counts three times, also where a command stands in between', () => {
    const limit = new AnswerLimit();
    let answered = 0;
    for (let n = 0; n < 300; n++) {
      if (admit(limit, `${n}`, `${n}?`, n % 2 === 0, n * 1_000) !== 'none') answered += 1;
    }
    assert.equal(answered, 46);
  });

  it('who asks now and then is always answered', () => {
    const limit = new AnswerLimit();
    for (let at = 0; at < 24 * 60 * MINUTE; at += 2 * MINUTE) {
      assert.equal(admit(limit, 'status', 'well', true, at), 'answer');
    }
  });
});

it('alert: of what was heard little is remembered, however long it is', () => {
  const long = 'x'.repeat(1_000_000);
  const heard = chatInputOf({
    payload: long,
    xmpp: {
      from: long,
      id: long,
      room: long,
      listeners: Array(10_000).fill('x'),
      reaction: { added: [long] },
    },
  });
  assert.ok(JSON.stringify(heard).length < 20_000);
});
