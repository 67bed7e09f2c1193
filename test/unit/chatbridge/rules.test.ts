import assert from 'node:assert/strict';
import { feedsItself } from '../../../src/chatbridge/crossing';
import { readRules } from '../../../src/chatbridge/rules';

const rule = (more: object = {}) => ({ to: 'house@rooms.example.org', filter: 'home/#', ...more });
const faults = (...rules: unknown[]) =>
  readRules(rules).problems.map(({ number, field }) => `${number} ${field}`);

describe('rules of a bridge', () => {
  it('have defaults', () => {
    const { rules, problems } = readRules([rule({ to: ' House@rooms.example.org ' })]);
    assert.deepEqual(problems, []);
    assert.deepEqual(rules, [
      {
        ...{ number: 1, filter: 'home/#', to: 'house@rooms.example.org', kind: 'auto', direction: 'both' },
        ...{ format: 'short', alias: '', rate: 20, topic: '', allow: '' },
      },
    ]);
  });

  it('that cannot work are named, and the others run', () => {
    const bad = [
      { filter: 'a' },
      rule({ filter: 'a#' }),
      rule({ filter: '' }),
      rule({ topic: 'a/+' }),
      rule({ rate: '0' }),
      rule({ direction: 'up' }),
      rule({ format: 'xml' }),
      rule({ to: 'a@b/nick' }),
      rule({ topic: 'dinox/bridge/x/in' }),
      null,
      'text',
    ];
    const { rules, problems } = readRules([...bad, rule({ filter: 'ok' })]);
    assert.deepEqual(
      rules.map(({ filter }) => filter),
      ['ok'],
    );
    assert.deepEqual(
      [...new Set(problems.map(({ number }) => number))],
      bad.map((_, index) => index + 1),
    );
  });

  it('need no filter towards MQTT, and no topic towards the chat', () => {
    assert.deepEqual(faults(rule({ filter: '', direction: 'toMqtt', topic: 'said' })), []);
    assert.deepEqual(faults(rule({ topic: 'a/#', direction: 'toChat' })), []);
  });

  it('of the same pair are refused, those of other directions are not', () => {
    assert.deepEqual(faults(rule(), rule()), ['2 filter']);
    assert.deepEqual(faults(rule({ direction: 'toChat' }), rule({ direction: 'toMqtt', topic: 't' })), []);
    assert.deepEqual(
      faults(rule({ filter: 'a', topic: 't' }), rule({ filter: 'b', topic: 't' })),
      ['2 filter'],
      'what is said would be published twice',
    );
    assert.deepEqual(faults(rule(), rule({ to: 'ben@example.org' })), []);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 60 }, (_, n) => rule({ filter: `t${n}` }));
    const { rules, problems } = readRules(many);
    assert.deepEqual([rules.length, problems.length], [50, 1]);
    assert.deepEqual(readRules('x'), { rules: [], problems: [] });
  });

  it('that feed themselves are recognised', () => {
    const of = (...all: object[]) => {
      const { rules } = readRules(all);
      return rules.map((one) => feedsItself(one, rules));
    };
    assert.deepEqual(of(rule({ topic: 'home/said' }), rule({ filter: 'b', topic: 'said' })), [true, false]);
    assert.deepEqual(of(rule({ topic: 'home/said', direction: 'toMqtt' })), [false]);
    assert.deepEqual(of(rule({ topic: 'home/said', direction: 'toMqtt' }), rule({ direction: 'toChat' })), [
      true,
      false,
    ]);
  });
});
