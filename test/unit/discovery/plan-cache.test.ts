import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/base/english';
import {
  ageText,
  isStillFor,
  parsePlan,
  questionKey,
  serialisePlan,
} from '../../../src/discovery/plan-cache';
import { resolve } from '../../../src/discovery/resolve';
import { ask, fakeNetwork, online, secure } from './fake-network';

const secrets = { password: 'correct horse' };

async function plan() {
  const lookups = fakeNetwork({
    xmpp: { 'xmpp://example.org:5222': online('ejabberd 24.12') },
    mqtt: { 'mqtts://example.org:8883': secure('ejabberd', 'example.org') },
  });
  return resolve(ask(), secrets, lookups);
}

describe('a remembered plan', () => {
  it('comes back as it was, without a secret', async () => {
    const remembered = { key: questionKey(ask(), secrets), plan: await plan() };
    const text = serialisePlan(remembered);
    assert.deepEqual(parsePlan(text), remembered);
    assert.doesNotMatch(text, /correct|horse/);
    assert.match(remembered.key, /^[0-9a-f]{32}$/);
  });

  it('is for its own question only', async () => {
    const remembered = { key: questionKey(ask(), secrets), plan: await plan() };
    const { jid, ...rest } = ask();
    assert.equal(
      isStillFor({ ...rest, ...(jid && { jid }) }, secrets, remembered),
      true,
      'in whatever order',
    );
    assert.equal(
      isStillFor(ask(), { password: 'another one' }, remembered),
      true,
      'a new password is the same way',
    );
    assert.equal(isStillFor(ask({ port: 8884 }), secrets, remembered), false);
    assert.equal(isStillFor(ask({ jid: 'bert@example.org' }), secrets, remembered), false);
    assert.equal(isStillFor(ask({ usetls: false }), secrets, remembered), false);
    assert.equal(isStillFor(ask(), { ...secrets, user: 'u' }, remembered), false);
    assert.equal(isStillFor(ask(), secrets, remembered, 'tls1'), false);
  });

  it('is not taken from a file that is broken or of another time', async () => {
    const text = serialisePlan({ key: 'k', plan: await plan() });
    const broken = [
      undefined,
      '',
      'null',
      '[]',
      '{}',
      text.slice(0, -5),
      text.replace('"format":3', '"format":2'),
      text.replace('"serverType":"ejabberd"', '"serverType":"x"'),
      text.replace('"protocol":"mqtts"', '"protocol":"http"'),
      text.replace('"login":"account"', '"login":"all"'),
      text.replace(/"at":"[^"]*"/, '"at":"yesterday"'),
      text.replace('"port":8883', '"port":"8883"'),
    ];
    for (const entry of broken) assert.equal(parsePlan(entry), undefined, entry);
    assert.ok(parsePlan(text));
  });

  it('says its age', () => {
    const now = Date.parse('2026-06-01T12:00:00Z');
    const age = (ms: number) => inEnglish(ageText({ at: new Date(now - ms).toISOString() }, now));
    assert.equal(age(0), 'less than a minute ago');
    assert.equal(age(-5_000), 'less than a minute ago');
    assert.equal(age(60_000), '1 min ago');
    assert.equal(age(3 * 3_600_000 + 1), '3 h ago');
    assert.equal(age(50 * 3_600_000), '2 d ago');
  });
});
