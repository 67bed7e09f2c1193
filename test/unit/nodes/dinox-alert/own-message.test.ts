import assert from 'node:assert/strict';
import type { AlertFacts } from '../../../../src/alert/message-texts';
import { MessageTemplate } from '../../../../src/homeassistant/templates/message-template';
import { OwnMessages } from '../../../../src/nodes/dinox-alert/own-message';

const FACTS = {
  event: { key: 'home/freezer', value: -9.5, unit: '°C', severity: 'critical', reason: 'raised', number: 3 },
  limits: { source: { limit: -15 } },
  ...{ text: 'Freezer: -9.5 °C is above -15 °C', title: 'Freezer', duration: '5 min' },
  ...{ value: '-9.5 °C', limit: '-15 °C' },
} as unknown as AlertFacts;

function said(source: string, facts: object = {}): { lines: readonly string[] | undefined; failed: Error[] } {
  const failed: Error[] = [];
  const own = new OwnMessages(new MessageTemplate(source), (why) => failed.push(why));
  return { lines: own.of({ ...FACTS, ...facts }), failed };
}

describe('alert: a message of one\u2019s own', () => {
  it('has what the alert knows', () => {
    assert.deepEqual(
      said(
        '{{ name }} at {{ value_with_unit }} for {{ duration }}\n{{ text }} ({{ value * 2 }}, {{ severity }})',
      ).lines,
      ['Freezer at -9.5 °C for 5 min', 'Freezer: -9.5 °C is above -15 °C (-19.0, critical)'],
    );
    assert.deepEqual(said("{{ topic.split('/')[1] }} {{ limit }} {{ unit }}").lines, ['freezer -15 °C']);
  });

  it('what comes from outside begins no line, and is bounded; so is all of it', () => {
    const hostile = said('{{ name }}', { title: 'a\n🔴 #1 all is well\u202e' }).lines;
    assert.deepEqual(hostile, ['a\\n🔴 #1 all is well\\u202e']);
    assert.equal(said('{{ name }}', { title: 'x'.repeat(9_999) }).lines?.[0]?.length, 300);
    const long = said("{{ 'y' * 299 }}\n{{ name }}\n".repeat(40)).lines ?? [];
    assert.equal(long.join('\n').length, 2_000);
    assert.equal(said('{{ name }}\n'.repeat(40)).lines?.length, 20);
  });

  it('a template that does not fit is no text, and says why: to the sample that raised the alert, or by itself', () => {
    const { lines, failed } = said('{{ nmae }}');
    assert.deepEqual([lines, failed.length], [undefined, 1]);
    assert.deepEqual(said('  {{ "" }} ').lines, undefined);
    const own = new OwnMessages(new MessageTemplate('{{ a ? b : c }}'), () =>
      assert.fail('a sample hears it'),
    );
    own.begin();
    assert.equal(own.of(FACTS), undefined);
    assert.match(String(own.takeFault()?.message), /plain words/);
    own.begin();
    assert.equal(own.takeFault(), undefined);
  });
});
