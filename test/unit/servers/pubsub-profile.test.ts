import assert from 'node:assert/strict';
import { pubsubProfile } from '../../../src/servers/pubsub-profile';

const SERVICE = 'pubsub.example.org';

describe('the profile of PubSub', () => {
  const mapping = (type = 'json') =>
    pubsubProfile('prosody', SERVICE, type).mapping({ payloadType: type, pubsubService: SERVICE });

  it('takes a plain topic for the node, and one in the form of the bridge too', () => {
    const { toWire, filterToWire, toPlain } = mapping();
    assert.equal(toWire('home/x'), 'home/x');
    assert.equal(toWire(`${SERVICE}/utf8/home/x`), `${SERVICE}/utf8/home/x`, 'the type counts');
    assert.equal(filterToWire(`${SERVICE}/utf8/home/#`), 'home/#', 'items of any type come');
    assert.equal(filterToWire('pubsub.other.org/json/x'), 'pubsub.other.org/json/x');
    assert.deepEqual(toPlain('home/x'), { topic: 'home/x' });
  });

  it('keeps one mapping as long as the link lives, so that subscriptions stay', () => {
    const profile = pubsubProfile('ejabberd', SERVICE, 'json');
    assert.equal(profile.mapping({ payloadType: 'json' }), profile.mapping({ payloadType: 'json' }));
  });

  it('refuses $share and a name that is too long', () => {
    const { toWire, filterToWire } = mapping();
    assert.throws(() => filterToWire('$share/g/x'), /no shared subscriptions/);
    assert.throws(() => filterToWire('x'.repeat(1_024)), /1024 bytes; a PubSub node may have 1023/);
    assert.throws(() => toWire('ü'.repeat(512)), /1024 bytes/);
    assert.equal(toWire(`${SERVICE}/json/${'x'.repeat(1_023)}`).length, SERVICE.length + 6 + 1_023);
  });

  it('checks a payload by the type of its topic, and lets an empty one clear', () => {
    const { checkPayload } = mapping();
    assert.throws(() => checkPayload('x', 'on'), /not valid JSON/);
    checkPayload(`${SERVICE}/utf8/x`, 'on');
    checkPayload('x', '');
    // The bridge has nothing to do with it.
    const ownWords = (words: RegExp) => (error: Error) =>
      words.test(error.message) && !/bridge/.test(error.message);
    assert.throws(() => checkPayload(`${SERVICE}/utf8/x`, '\u0007'), ownWords(/control character/));
    assert.throws(
      () => checkPayload(`${SERVICE}/utf8/x`, Buffer.from([0xff])),
      ownWords(/over PubSub.*base64/),
    );
    assert.throws(() => mapping('xml'), /one of json, utf8, atom_title/);
  });
});
