/** Several alerts that hear the same: one numbering, one command, one answer. The kind: one bot, many voices. */

import assert from 'node:assert/strict';
import { showText } from '../../../src/alert/alert-text';
import { type Command, parseText } from '../../../src/alert/commands';
import { jointAnswers } from '../../../src/alert/joint-answers';
import { NumberPool } from '../../../src/alert/number-pool';
import { Harness, WallClock } from './support';

const ABOVE = { condition: 'above', limits: { limit: 25 } } as const;
const MINUTE = 60_000;

/** Three alerts in one Node-RED. */
function three(options: { chatControl?: boolean } = {}): Harness[] {
  const book = new NumberPool();
  const clock = new WallClock();
  return ['Freezer', 'Washer', 'Door'].map(
    (name) => new Harness(ABOVE, clock, undefined, { ...options, name, numbers: book.of(name) }),
  );
}

const ask = (benches: readonly Harness[], command: string | Command, others: readonly Harness[] = []) =>
  jointAnswers(
    benches.map(({ commands }) => commands),
    typeof command === 'string' ? parseText(command) : command,
    { by: 'anna', chat: true },
    others.map(({ commands }) => commands),
  ).map(({ commands, answer }): [string, boolean, string] => [commands.name, answer.ok, answer.text]);

describe('alert: one numbering', () => {
  it('a number is given once among all nodes, and is free again at the end', () => {
    const [freezer, washer] = three() as [Harness, Harness];
    freezer.sample('a', 30);
    washer.sample('a', 30);
    washer.sample('b', 30);
    freezer.sample('a', 20);
    freezer.sample('c', 30);
    const numbers = [freezer, washer].map(({ commands }) => commands.open().map(({ number }) => number));
    assert.deepEqual(numbers, [[1], [2, 3]]);
  });

  it('over a deploy a node keeps its own, and nobody else gets them meanwhile', () => {
    const book = new NumberPool();
    const old = book.of('x');
    const other = book.of('y');
    assert.deepEqual([old.take(), old.take(), other.take()], [1, 2, 3]);
    old.close(true);
    assert.equal(other.take(), 4);
    const heir = book.of('x');
    assert.equal(heir.occupy(1), true);
    assert.equal(heir.occupy(1), false, 'once');
    heir.begun();
    assert.equal(other.take(), 2, 'what it no longer has');
    heir.close(false);
    assert.equal(other.take(), 1);
  });

  it('at the start the one that people know keeps its number: the newer one, or that of a later node, gets another', () => {
    const book = new NumberPool();
    const moves: string[] = [];
    const harness = new Harness(ABOVE, undefined, undefined, {
      numbers: book.of('x', (from, to) => {
        moves.push(`${from} ${to}`);
        harness.machine.moved(from, to);
      }),
    });
    harness.sample('a', 30);
    assert.equal(book.of('y').occupy(1), true);
    assert.deepEqual(moves, ['1 2']);
    assert.equal(harness.commands.open()[0]?.number, 2);
    assert.match(showText(harness.machine.keys.map.get('a')?.notified?.text ?? []), /^🟠 #2 /);
    // Two nodes of an older version both had a #1.
    const [old] = three() as [Harness];
    old.sample('a', 30);
    const saved = old.saved();
    const later = new Harness(ABOVE, undefined, undefined, { numbers: book.of('z') });
    later.adopt(saved);
    assert.equal(later.commands.open()[0]?.number, 3);
    later.sample('a', 20);
    assert.match(showText(later.events.at(-1)?.text ?? []), /^🟠 #3 /);
  });
});

describe('alert: one voice', () => {
  it('a bare ok acknowledges the newest of all, once', () => {
    const all = three() as [Harness, Harness, Harness];
    all[0].sample('a', 30);
    all[1].wait(MINUTE);
    all[1].sample('b', 30);
    assert.deepEqual(ask(all, 'ok'), [['Washer', true, 'answer.ack(#2 b)']]);
    assert.deepEqual(ask(all, 'ok'), [['Freezer', true, 'answer.ack(#1 a)']]);
    assert.deepEqual(ask(three(), 'ok'), [['Freezer', false, 'answer.noneOpen']]);
  });

  it('undo takes back what the same person acknowledged within a minute, all of it; unack the newest of all', () => {
    const all = three() as [Harness, Harness, Harness];
    const say = (command: string, by: string, more: object = {}) =>
      jointAnswers(
        all.map(({ commands }) => commands),
        parseText(command),
        { by, chat: true, ...more },
      ).map(({ answer }) => answer.text);
    all[0].sample('a', 30);
    all[1].sample('b', 30);
    all[2].sample('c', 30);
    // Written long ago, and read from the archive at this moment.
    const at = all[0].clock.now();
    for (const one of [all[0], all[1], all[2]]) one.wait(10 * MINUTE);
    say('ok 1', 'anna', { at });
    assert.deepEqual(say('undo', 'anna'), ['answer.nothingToUndo']);
    say('ok 2', 'anna');
    say('ok 3', 'ben');
    assert.deepEqual(say('undo', 'anna'), ['answer.unack(#2 b)']);
    assert.deepEqual(say('undo', 'anna'), ['answer.nothingToUndo'], 'what ben acknowledged is his');
    // What was undone then, within a minute, was read with it.
    assert.deepEqual(say('undo', 'anna', { at: at + MINUTE / 2 }), ['answer.unack(#1 a)']);
    all[0].wait(2 * MINUTE);
    assert.deepEqual(say('undo', 'ben'), ['answer.nothingToUndo']);
    assert.deepEqual(say('unack', 'anna'), ['answer.unack(#3 c)']);
  });

  it('a number, a key, a part of a key: at the node that has it', () => {
    const all = three() as [Harness, Harness, Harness];
    all[1].sample('home/a', 30);
    all[2].sample('home/b', 30);
    assert.deepEqual(ask(all, 'ack 2'), [['Door', true, 'answer.ack(#2 home/b)']]);
    assert.deepEqual(ask(all, 'ack home/a'), [['Washer', true, 'answer.ack(#1 home/a)']]);
    assert.deepEqual(ask(all, 'unack b'), [['Door', true, 'answer.unack(#2 home/b)']]);
    assert.deepEqual(ask(all, 'ack home'), [['Freezer', false, 'answer.several(home|#1 home/a, #2 home/b)']]);
    assert.deepEqual(ask(all, 'ack 9'), [['Freezer', false, 'answer.unknown(#9)']]);
    assert.deepEqual(ask(all.slice(0, 1), 'ack 2', all), [['Freezer', false, 'answer.elsewhere(#2|Door)']]);
    assert.match(ask(all, 'silence home/b 1h')[0]?.join() ?? '', /^Door,true,.*home\/b \(1\)/);
    assert.deepEqual(ask(all, 'silence nothing 1h'), [['Freezer', false, 'answer.unknown(nothing)']]);
    assert.equal(
      all.reduce((sum, { machine }) => sum + machine.silences.all.length, 0),
      1,
    );
  });

  it('quiet for all is said once, and ends at once', () => {
    const all = three();
    const [one, ...more] = ask(all, 'silence 1h');
    assert.match(one?.[2] ?? '', /^answer.silence\(answer.all\|13:00\|1 unit.h\)$/);
    assert.deepEqual(more, []);
    assert.deepEqual(
      all.map(({ machine }) => machine.silences.all.length),
      [1, 1, 1],
    );
    const status = ask(all, 'status')[0]?.[2] ?? '';
    assert.equal(status.match(/silenceLine/g)?.length, 1);
    assert.deepEqual(ask(all, 'unsilence'), [['Freezer', true, 'answer.unsilence(1)']]);
  });

  it('status and help are those of all', () => {
    const all = three() as [Harness, Harness, Harness];
    all[0].sample('a', 30);
    all[1].sample('b', 20);
    all[2].sample('c', 30);
    all[1].commands.command({ cmd: 'disable' }, { by: 'x' });
    const [[name, ok, text] = []] = ask(all, 'status');
    assert.deepEqual([name, ok], ['Freezer', true]);
    assert.match(
      text ?? '',
      /^answer.openCount\(2\|2\)\nWasher: answer.disabled\n.*#1 \|a\|.*\n.*#2 \|c\|.*$/,
    );
    assert.match(ask(all, 'status b')[0]?.[2] ?? '', /\|b\|state.normal/);
    const help = ask(all, 'help')[0]?.[2] ?? '';
    assert.match(help, /answer.helpNames\(Freezer, Washer, Door\)/);
    assert.doesNotMatch(help, /helpControl/);
    assert.match(ask(three({ chatControl: true }), 'help')[0]?.[2] ?? '', /helpControl/);
  });

  it('a limit is set for one, and never for all', () => {
    const all = three({ chatControl: true }) as [Harness, Harness, Harness];
    assert.deepEqual(ask(all, 'set limit 40'), [
      ['Freezer', false, 'answer.whichNode(Freezer, Washer, Door)'],
    ]);
    assert.deepEqual(ask(all, 'set limit 40 washer'), [['Washer', true, 'answer.set(limit|40)']]);
    assert.deepEqual(ask(all, 'disable'), [
      ['Freezer', true, 'Freezer: answer.disable\nWasher: answer.disable\nDoor: answer.disable'],
    ]);
    assert.deepEqual(ask(three(), 'disable'), [['Freezer', false, 'answer.notFromChat(disable)']]);
  });

  it('charts are those of all, three at most', () => {
    const all = three() as [Harness, Harness, Harness];
    for (const [index, harness] of all.entries())
      for (const key of ['a', 'b']) harness.sample(`${key}${index}`, 20);
    const drawn = jointAnswers(
      all.map(({ commands }) => commands),
      { cmd: 'chart' },
      { by: 'x' },
    ).map(({ commands, answer }) => [commands.name, answer.chart]);
    assert.deepEqual(drawn, [
      ['Freezer', ['a0', 'b0']],
      ['Washer', ['a1']],
    ]);
  });
});
