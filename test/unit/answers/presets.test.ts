import assert from 'node:assert/strict';
import { type Preset, Presets, readPreset } from '../../../src/answers/presets';
import { Fault } from '../../../src/base/fault';

const raw = { name: 'Good night', topic: 'home/scene/set', payload: 'night' };
const made = (fields: object = {}): Preset => readPreset({ ...raw, ...fields }) as Preset;
const codeOf = (fault: unknown): string | undefined => (fault instanceof Fault ? fault.code : undefined);

describe('presets: publications that are saved by name', () => {
  it('reads one, and marks none for the chat by itself', () => {
    assert.deepEqual(made({ name: ' Good \n night ' }), {
      ...{ name: 'Good night', topic: 'home/scene/set', payload: 'night' },
      ...{ qos: 0, retain: false, chat: false },
    });
    assert.deepEqual(made({ chat: 'true', retain: 1 }), made());
    assert.equal(made({ chat: true }).chat, true);
  });

  it('says which field cannot be', () => {
    const wrong: [object, string][] = [
      [{ name: '' }, 'name'],
      [{ name: '!?' }, 'name'],
      [{ name: 'a\u202Eb' }, 'name'],
      [{ name: 'x'.repeat(61) }, 'name'],
      [{ topic: 'home/+' }, 'topic'],
      [{ topic: '' }, 'topic'],
      [{ payload: 'x'.repeat(16_385) }, 'payload'],
      [{ qos: 3 }, 'qos'],
    ];
    for (const [fields, code] of wrong) assert.equal(codeOf(readPreset({ ...raw, ...fields })), code);
    for (const none of [undefined, null, 'x', [], 5]) assert.equal(codeOf(readPreset(none)), 'name');
  });

  it('knows a name by its words, keeps 100, and tells each change', () => {
    const presets = new Presets();
    let changes = 0;
    presets.onChange(() => (changes += 1));
    assert.equal(presets.save(made()), undefined);
    assert.equal(codeOf(presets.save(made({ name: 'night good' }))), 'twin');
    assert.equal(presets.save(made({ name: 'Nighty', chat: true }), 'good NIGHT'), undefined);
    assert.deepEqual([presets.find('Good night'), presets.find('nighty')?.chat], [undefined, true]);
    assert.equal(codeOf(presets.save(made(), 'Good night')), 'unknown');
    assert.equal(presets.remove('no such'), false);
    assert.equal(changes, 2);
    for (let count = 1; count < 100; count++) presets.save(made({ name: `number ${count}` }));
    assert.equal(codeOf(presets.save(made({ name: 'one more' }))), 'many');
    assert.equal(presets.save(made({ name: 'one more' }), 'number 7'), undefined);
    assert.equal(presets.all.length, 100);
  });

  it('comes back from its file, without what somebody else wrote there', () => {
    const presets = new Presets();
    presets.save(made({ chat: true }));
    const stored = JSON.parse(JSON.stringify(presets));
    assert.deepEqual(Presets.from(stored).all, presets.all);
    stored.presets.push({ name: 'Bad', topic: '#' }, null, { ...raw }, { ...raw, name: '__proto__' });
    assert.deepEqual(
      Presets.from(stored).all.map(({ name }) => name),
      ['__proto__', 'Good night'],
    );
    for (const none of [undefined, null, [], { presets: 'x' }]) assert.deepEqual(Presets.from(none).all, []);
  });
});
