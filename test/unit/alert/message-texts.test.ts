import assert from 'node:assert/strict';
import { MessageTexts, showDuration, showValue } from '../../../src/alert/message-texts';
import { Harness, NOON, plainTranslate } from './support';

describe('alert: words', () => {
  it('durations in their two largest parts', () => {
    const shown = (seconds: number): string =>
      showDuration(seconds * 1_000, plainTranslate).replace(/unit\./g, '');
    assert.deepEqual([0, 5, 65, 1_260, 3_600, 11_100, 187_200].map(shown), [
      '0 s',
      '5 s',
      '1 min',
      '21 min',
      '1 h',
      '3 h 5 min',
      '2 d 4 h',
    ]);
  });
  it('numbers as people read them', () => {
    const values = [0, 0.1 + 0.2, 21.456, -18.4, 1234.56, 1e12, 0.00001, true, undefined];
    assert.deepEqual(
      values.map((value) => showValue(value)),
      ['0', '0.3', '21.46', '-18.4', '1234.6', '1.000e+12', '0.00001000', 'true', '–'],
    );
    assert.deepEqual([showValue(5, '%'), showValue(5, '°C')], ['5 %', '5 °C']);
  });

  it('a door is closed in the end; what it depends on has said its own word', () => {
    const { rules } = new Harness({ condition: 'equals', limits: { limit: 'false' } });
    const texts = new MessageTexts(rules, plainTranslate, {
      ...{ timeZone: 'UTC', name: 'doors' },
      opening: (key) => ({ name: key, is: 'closed' }),
    });
    const said = (entry: object): string =>
      texts.ended(
        { key: 'front', unit: '', subject: undefined, parent: undefined, ...entry },
        { startedAt: NOON } as never,
        { at: NOON + 60_000, reason: 'cleared', value: 'true' },
      );
    assert.match(said({}), /text\.opening\.closed/);
    assert.match(said({ parent: 'topic' }), /\|true/);
    assert.match(said({ subject: { check: 'update' } }), /\|true/);
    const front = { key: 'front', unit: '', subject: undefined, parent: undefined };
    assert.equal(texts.valueText(front, 'true'), 'text.opening.closed');
    assert.equal(texts.stateText('front', 'true'), 'text.opening.closed');
    assert.equal(texts.valueText({ ...front, parent: 'topic' }, 'true'), 'true');
  });
});
