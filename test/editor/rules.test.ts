import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as rules from '../../src/editor/validation';
import { brokerConfig } from '../../src/runtime/config/broker-config';
import { checkFilter, checkTopic } from '../../src/topics/filter';

/** True if the node accepts a value of this field at run time. */
const runs = (field: string, value: string): boolean =>
  brokerConfig({ host: 'h', configVersion: 1, [field]: value }).problems.every(
    (problem) => problem.field !== field,
  );

function passes(check: (value: unknown) => void, value: string): boolean {
  try {
    check(value);
    return true;
  } catch {
    return false;
  }
}

/** Where the dialog and the node look at the same value, a person should not hear two opinions. */
describe('what the dialogs accept, the nodes accept', () => {
  const fields: Record<string, { rule: rules.Rule; good: string[]; bad: string[] }> = {
    jid: {
      rule: rules.jid,
      good: [
        'a@b',
        'anna@example.org',
        'anna@example.org/node-red',
        'anna@müller.example',
        'a@[::1]',
        'a@127.0.0.1',
        'jörg@b.c',
      ],
      bad: [
        '@',
        'a@',
        'a@b/',
        'a b@c',
        'a@b@c',
        'a@b c',
        'a&b@c',
        'a@b..c',
        'a@-b',
        'a@b:5222',
        'a@1.2',
        '\u0000@b',
        // Where a URL's host ends, or is decoded.
        'a@b#c',
        'a@b?c',
        'a@b\\c',
        'a@b%65',
        'a@b\u00ADc',
        'a@①',
      ],
    },
    port: { rule: rules.port, good: ['1', '1883', '65535', ''], bad: ['0', '70000', 'abc', '-1', '1.5'] },
    host: {
      rule: rules.host,
      good: [
        'h',
        'mqtt.example.org',
        '10.0.0.1',
        '::1',
        '[::1]',
        'wss://h/mqtt',
        'ws://h:8080/x/y',
        'mqtts://h:8883',
      ],
      bad: [
        'h/mqtt',
        'a b',
        'h:1883',
        'http://h',
        'mqtt://u:p@h',
        'wss://',
        'wss://h:99999/mqtt',
        'h#x',
        'h%65',
      ],
    },
    queueTtl: {
      rule: rules.duration,
      good: ['30s', '1h30m', '1 h', '500ms', '2D', '90', ''],
      bad: ['1 week', '-5m', 'h', '1h,5m'],
    },
    queueMessages: {
      rule: rules.integer(0, 1_000_000),
      good: ['0', '10000', ''],
      bad: ['-1', '1.5', 'x', '1000001'],
    },
    queueBytes: { rule: rules.integer(0, 2 ** 40), good: ['16777216'], bad: ['-1', '1.5', '1099511627777'] },
    keepalive: { rule: rules.integer(0, 65_535), good: ['0', '60'], bad: ['-1', '65536', 'x'] },
    sessionExpiry: {
      rule: rules.integer(0, 4_294_967_295),
      good: ['0', '4294967295'],
      bad: ['-1', '4294967296'],
    },
    xmppService: {
      rule: rules.xmppService,
      good: ['xmpp://h', 'xmpp://h:5222', 'xmpps://[::1]:5223/', ''],
      bad: [
        'h',
        'http://h',
        'xmpp://',
        'xmpp://h:0',
        'xmpp://h:99999',
        'xmpp://h/x',
        'xmpp://h#x',
        'xmpp://h%65',
      ],
    },
    birthTopic: { rule: rules.topic, good: ['a/b', '', 'größe'], bad: ['a/+', '#', 'a\u0000'] },
  };

  for (const [field, { rule, good, bad }] of Object.entries(fields)) {
    it(field, () => {
      for (const value of good) {
        assert.equal(rule(value), undefined, `the dialog takes ${JSON.stringify(value)}`);
        assert.ok(runs(field, value), `the node takes ${JSON.stringify(value)}`);
      }
      for (const value of bad) {
        assert.ok(rule(value), `the dialog refuses ${JSON.stringify(value)}`);
        assert.ok(!runs(field, value), `the node refuses ${JSON.stringify(value)}`);
      }
    });
  }

  const piece = fc.oneof(
    fc.constantFrom('+', '#', '/', '$share', '$share/g', 'a', 'ü', '\u0000', '\n', ''),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  it('topic filters, whatever they hold', () => {
    fc.assert(
      fc.property(text, (filter) => (rules.filter(filter) === undefined) === passes(checkFilter, filter)),
      { numRuns: 2_000 },
    );
  });

  it('topics to publish to, whatever they hold', () => {
    const same = (topic: string) =>
      topic === '' || (rules.topic(topic) === undefined) === passes(checkTopic, topic);
    fc.assert(fc.property(text, same), { numRuns: 2_000 });
  });

  it('what the dialog takes as a JID, the node takes', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.constantFrom('a', 'b.c', '[::1]', '1.2.3', '-', '..'),
    );
    const jid = fc
      .tuple(part, part, fc.option(part))
      .map(([local, domain, rest]) => `${local}@${domain}${rest === null ? '' : `/${rest}`}`);
    fc.assert(
      fc.property(jid, (typed) => rules.jid(typed) !== undefined || runs('jid', typed)),
      { numRuns: 5_000 },
    );
  });

  it('length: a topic of 65,535 bytes is the longest', () => {
    assert.equal(rules.filter('ü'.repeat(32_767)), undefined);
    assert.deepEqual(rules.filter('ü'.repeat(32_768)), { key: 'topicLong' });
    assert.deepEqual(rules.topic(`${'a'.repeat(65_536)}`), { key: 'topicLong' });
  });
});
