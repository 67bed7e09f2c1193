import assert from 'node:assert/strict';
import { originalOf, type SentEntry, SentMessages } from '../../../src/xmpp/sent-messages';

const ANNA = 'anna@example.org';
const BEN = 'ben@example.org';
const ROOM = 'team@rooms.example.org';

const entry = (id: string, more: Partial<SentEntry> = {}): SentEntry => ({
  id,
  to: ANNA,
  kind: 'chat',
  at: 1_000,
  ...more,
});

describe('sent memory', () => {
  it('finds the alert of a message by its id, its origin id and its stanza id', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A', originId: 'o', stanzaId: 's' }));
    assert.deepEqual(
      ['a', 'o', 's', 'x'].map((id) => memory.alertOf(id)),
      ['A', 'A', 'A', undefined],
    );
  });

  it('knows whom something was sent to, those of last first, each once', () => {
    const memory = new SentMessages();
    const note = (id: string, to: string, kind: 'chat' | 'groupchat', at: number, alertId?: string) =>
      memory.remember({ id, to, kind, at, alertId });
    note('1', 'anna@x', 'chat', 1, 'a1');
    note('2', 'ben@x', 'chat', 2);
    note('3', 'room@x', 'groupchat', 3);
    note('4', 'anna@x', 'chat', 4);
    note('5', 'cleo@x', 'chat', 3);
    assert.deepEqual(memory.persons(2), ['anna@x', 'cleo@x']);
    assert.deepEqual(memory.persons(9), ['anna@x', 'cleo@x', 'ben@x']);
  });

  it('does not take an id for that of a message to somebody else', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A' }));
    memory.remember(entry('a', { alertId: 'B', to: BEN, at: 1_001 }));
    assert.equal(memory.alertOf('a', ANNA), 'A');
    assert.equal(memory.alertOf('a', BEN), 'B');
    assert.equal(memory.alertOf('a'), 'B', 'the newest, where nobody asks for a recipient');
    assert.equal(memory.find('a', ROOM), undefined);
  });

  it('knows to whom messages went, also of an earlier process', () => {
    const memory = new SentMessages();
    for (const to of [ANNA, ANNA, `${ROOM}/Ben, x`, BEN]) memory.remember(entry(to, { to, alertId: to }));
    const read = SentMessages.from(JSON.parse(JSON.stringify(memory)));
    assert.deepEqual([...read.recipients].sort(), [ANNA, BEN, ROOM].sort());
  });

  it('learns how a room named a message', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A', to: ROOM, kind: 'groupchat' }));
    memory.learnStanzaId('a', BEN, 'wrong');
    memory.learnStanzaId('a', ROOM, 'named');
    assert.equal(memory.alertOf('wrong'), undefined);
    assert.equal(memory.alertOf('named', ROOM), 'A');
  });

  it('gives the newest message about an alert, and the id that a correction names', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A' }));
    memory.remember(entry('b', { alertId: 'A', to: BEN }));
    memory.remember(entry('c', { alertId: 'A', original: 'a' }));
    const latest = memory.latest('A', ANNA);
    assert.equal(latest?.id, 'c');
    assert.equal(latest && originalOf(latest), 'a');
    assert.equal(memory.latest('A', BEN)?.id, 'b');
    assert.equal(memory.latest('A')?.id, 'c');
    assert.equal(memory.latest('B'), undefined);
    memory.remember(entry('picture', { alertId: 'A', file: true }));
    assert.equal(memory.latest('A', ANNA)?.id, latest?.id, 'a picture that came later is not corrected');
    assert.equal(memory.alertOf('picture', ANNA), 'A', 'and a reaction to it finds the alert');
  });

  it('finds what is quoted, however the client broke its lines', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { text: '🔥 Boiler  81 °C\nlimit 80', at: 1 }));
    memory.remember(entry('b', { text: '🔥 Boiler 81 °C limit 80', to: BEN, at: 2 }));
    assert.equal(memory.findQuoted('🔥 Boiler 81 °C limit 80', ANNA)?.id, 'a');
    assert.equal(memory.findQuoted('> 🔥 Boiler 81 °C', ANNA)?.id, 'a', 'the beginning alone');
    assert.equal(memory.findQuoted('Boiler', ANNA), undefined);
    assert.equal(memory.findQuoted('', ANNA), undefined);
    memory.remember(entry('c', { text: '🔥 Boiler 81 °C limit 80', at: 3 }));
    assert.equal(memory.findQuoted('🔥 Boiler 81 °C limit 80', ANNA)?.id, 'c', 'of equal ones the newest');
  });

  it('tells what a reaction added and what it took back, for the original and its correction together', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A' }));
    memory.remember(entry('b', { alertId: 'A', original: 'a' }));
    assert.deepEqual(memory.react('a', ANNA, ANNA, ['👍']), { added: ['👍'], removed: [] });
    assert.deepEqual(memory.react('b', ANNA, ANNA, ['👍', '🎉']), { added: ['🎉'], removed: [] });
    assert.deepEqual(memory.react('a', ANNA, BEN, ['👍']), { added: ['👍'], removed: [] });
    assert.deepEqual(memory.react('b', ANNA, ANNA, []), { added: [], removed: ['👍', '🎉'] });
  });

  it('stays within its bounds, and chatter pushes no alert out', () => {
    const memory = new SentMessages({ limit: 100 });
    for (let n = 0; n < 80; n++) memory.remember(entry(`a${n}`, { alertId: `A${n}`, at: n }));
    for (let n = 0; n < 1_000; n++) memory.remember(entry(`c${n}`, { at: 100 + n }));
    assert.equal(memory.size, 100);
    assert.equal(memory.alertOf('a0'), 'A0');
    for (let n = 80; n < 500; n++) memory.remember(entry(`a${n}`, { alertId: `A${n}`, at: n }));
    assert.equal(memory.size, 100);
    assert.equal(memory.alertOf('a499'), 'A499');
    assert.equal(memory.alertOf('a0'), undefined);
    assert.equal(memory.latest('A0'), undefined);
    for (let n = 0; n < 5_000; n++) memory.react(`r${n}`, ANNA, ANNA, ['👍']);
    assert.ok(JSON.stringify(memory).length < 300_000);
  });

  it('comes back from JSON as it was, reactions too', () => {
    const memory = new SentMessages();
    memory.remember(entry('a', { alertId: 'A', stanzaId: 's', text: 'hot' }));
    memory.react('a', ANNA, ANNA, ['👍']);
    const copy = SentMessages.from(JSON.parse(JSON.stringify(memory)));
    assert.equal(copy.alertOf('s', ANNA), 'A');
    assert.equal(copy.findQuoted('hot', ANNA)?.id, 'a');
    assert.deepEqual(copy.react('a', ANNA, ANNA, []), { added: [], removed: ['👍'] });
  });

  it('takes of a damaged file what is whole', () => {
    const whole = entry('a', { alertId: 'A' });
    const sent = [null, 7, {}, { ...whole, id: 7 }, { ...whole, kind: 'x' }, { ...whole, text: 7 }, whole];
    const memory = SentMessages.from({ format: 1, sent, reactions: [7, ['k'], ['k', [7]]] });
    assert.equal(memory.size, 1);
    for (const json of [undefined, null, 'x', 7, [], { format: 2, sent: [whole] }, { format: 1, sent: 7 }]) {
      assert.equal(SentMessages.from(json).size, 0);
    }
  });

  it('tells of every change', () => {
    let changes = 0;
    const memory = new SentMessages();
    const end = memory.onChange(() => changes++);
    memory.remember(entry('a'));
    memory.learnStanzaId('a', ANNA, 's');
    memory.learnStanzaId('a', ANNA, 's');
    assert.equal(changes, 2);
    end();
    memory.remember(entry('b'));
    assert.equal(changes, 2);
  });
});
