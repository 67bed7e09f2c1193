/** What the browser keeps of what was published: payloads may be the codes of doors. */
import assert from 'node:assert/strict';
import { Preferences } from '../../../../../src/plugins/dinox-sidebar/editor/prefs';

describe('sidebar: what is kept of what was published', () => {
  const whole = globalThis as { RED?: unknown };
  const before = whole.RED;
  let stored: string | null = null;
  const code = { topic: 'door/code', payload: '4711', qos: 0, retain: false };

  beforeEach(() => {
    stored = null;
    const settings = {
      getLocal: () => stored,
      setLocal: (_: string, text: string) => {
        stored = text;
      },
    };
    whole.RED = { settings };
  });
  after(() => {
    whole.RED = before;
  });

  it('the topic, and the payload only where a person ticked that', () => {
    const prefs = new Preferences();
    prefs.addSent(code);
    prefs.addSent({ ...code, payload: '4712' });
    assert.deepEqual([prefs.values.sent.length, stored?.includes('door/code')], [1, true]);
    assert.doesNotMatch(stored ?? '', /471/);
    prefs.setKeepSent(true);
    prefs.addSent(code);
    assert.match(stored ?? '', /4711/);
    assert.match(JSON.stringify(new Preferences().values.sent), /4711/, 'it outlives the page');
    prefs.setKeepSent(false);
    assert.doesNotMatch(stored ?? '', /4711/);
  });

  it('what an earlier version kept without being asked is forgotten', () => {
    stored = JSON.stringify({ sent: [code, { ...code, payload: '4712' }, { ...code, topic: 'b' }] });
    const { sent } = new Preferences().values;
    assert.deepEqual(
      sent.map(({ topic, payload }) => [topic, payload]),
      [
        ['door/code', undefined],
        ['b', undefined],
      ],
    );
    assert.doesNotMatch(stored ?? '', /471/);
  });
});
