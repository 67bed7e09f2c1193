import assert from 'node:assert/strict';
import { ADDRESS_RULES as addresses } from '../../../src/editor/people/address-rules';
import * as rules from '../../../src/editor/validation';
import { recipientsOf } from '../../../src/runtime/chat/chat-request';
import { brokerConfig } from '../../../src/runtime/config/broker-config';
import { assertReadable } from '../../support/readable';

/** True if the node accepts a value of this field at run time. */
const runs = (field: string, value: string): boolean =>
  brokerConfig({ host: 'h', configVersion: 1, [field]: value }).problems.every(
    (problem) => problem.field !== field,
  );

/** Dialog and node read by the same grammars; here it is seen that a field has the same one on both sides. */
describe('fields of dinox-broker: the dialog takes what the node takes', () => {
  const fields: [field: string, rule: rules.Rule, good: string[], bad: string[]][] = [
    [
      'jid',
      rules.jid,
      ['a@b', ' a@b ', 'anna@müller.example/x', ''],
      ['@', 'b', 'a@b:5222', 'a@b\\c', 'a@①'],
    ],
    ['port', rules.whole('port'), ['1', '65535', ''], ['0', '65536', 'abc', '1.5']],
    ['host', rules.host, ['h', '::1', 'wss://h/mqtt', ''], ['h/mqtt', 'a b', 'h:1883', 'http://h', 'h#x']],
    [
      'xmppService',
      rules.xmppService,
      ['xmpp://h', 'xmpps://[::1]:5223/', ''],
      ['h', 'xmpp://', 'xmpp://h#x'],
    ],
    ['pubsubService', rules.pubsubService(''), ['pubsub.example.org', ''], ['a@b', 'a b', '-x', 'pubsub/x']],
    ['resource', rules.resource, ['node-red', ''], ['a\u0007', 'r'.repeat(1_024)]],
    ['trusted', rules.fingerprints, ['ab'.repeat(32), ''], ['ab', `${'ab'.repeat(32)}, x`]],
    ['queueTtl', rules.duration, ['30s', '1h30m', '1 h', '2D', '90', ''], ['1 week', '-5m', 'h', '1h,5m']],
    ['pubsubPoll', rules.poll, ['10s', '1h', '60', '1m30s', ''], ['0', 'abc', '1s', '9.9s', '61m']],
    ['nodeMaxItems', rules.whole('nodeMaxItems'), ['1', '10000'], ['0', '10001', '1.5']],
    ['queueMessages', rules.whole('queueMessages'), ['0', '1000000'], ['-1', '1000001']],
    ['queueBytes', rules.whole('queueBytes'), ['1099511627776'], ['-1', '1099511627777']],
    ['keepalive', rules.whole('keepalive'), ['0', '65535'], ['-1', '65536']],
    ['sessionExpiry', rules.whole('sessionExpiry'), ['4294967295'], ['-1', '4294967296']],
    ['priority', rules.whole('priority'), ['-128', '127'], ['-129', '128']],
    ['birthTopic', rules.topic, ['a/b', '', 'größe'], ['a/+', '#', 'a\u0000']],
  ];
  for (const [field, rule, good, bad] of fields) {
    it(field, () => {
      for (const value of good) {
        assert.equal(rule(value), undefined, `the dialog takes ${JSON.stringify(value)}`);
        assert.ok(runs(field, value), `the node takes ${JSON.stringify(value)}`);
      }
      for (const value of bad) {
        const reason = rule(value);
        assert.ok(reason, `the dialog refuses ${JSON.stringify(value)}`);
        assertReadable(reason);
        assert.ok(!runs(field, value), `the node refuses ${JSON.stringify(value)}`);
      }
    });
  }
});

describe('fields that list several', () => {
  it('names the first filter that cannot be subscribed to', () => {
    assert.equal(rules.filters('a/#\n\n  b/+  \n'), undefined);
    assert.match(JSON.stringify(rules.filters('a/#\nb/#/c\n+d')), /"b\/#\/c"/);
  });

  it('takes recipients that the node takes, but no name without its server', () => {
    for (const good of ['', 'anna@b', 'anna@b, ben@c\nroom@c/ni ck', 'xmpp:room@c?join', 'xmpp:a@b/x%2Cy']) {
      assert.equal(addresses.recipients(good), undefined, good);
      if (good !== '') assert.doesNotThrow(() => recipientsOf(good), good);
    }
    for (const bad of ['anna', 'anna@b ben@c', 'a@b,@c', 'a@b/']) assert.ok(addresses.recipients(bad), bad);
    assert.deepEqual(recipientsOf('gateway.b'), ['gateway.b']);
    assert.deepEqual(addresses.recipients(Array(101).fill('a@b').join()), {
      key: 'problem.receiversMany',
      params: { most: 100 },
    });
  });

  it('sees the own account among recipients', () => {
    assert.ok(addresses.names('Anna@B/phone, ben@c', 'anna@b'));
    assert.ok(!addresses.names('ben@c', 'anna@b'));
    assert.ok(!addresses.names('anna@b', ''));
  });
});

describe('rules of single fields', () => {
  it('an account is a bare JID, also copied as a URI', () => {
    assert.deepEqual(['a@b', ' xmpp:a@b?message;body=x ', 'a@b/c', 'b', ''].map(addresses.accountIn), [
      'a@b',
      'a@b',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('user properties are a JSON object', () => {
    for (const good of ['', '{"a": "b"}', '\n{}']) assert.equal(rules.userProperties(good), undefined, good);
    for (const bad of ['[]', '1', '{', 'null']) assert.ok(rules.userProperties(bad), bad);
  });
});
