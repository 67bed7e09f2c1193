import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { profileOf } from '../../../../src/servers/profiles';
import { VersionChoice } from '../../../../src/transport/connection/version-choice';
import { LinkError } from '../../../../src/transport/errors';

const mosquitto = profileOf('mosquitto');
const reset = new LinkError('network', words('reset'), false, {
  cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
});
const nobody = new LinkError('network', words('nobody'), false, {
  cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
});

describe('which MQTT version', () => {
  for (const [name, reason, next] of [
    ['refused as a version', new LinkError('version', words('refused')), 4],
    ['closed without a word', new LinkError('closed', words('closed')), 4],
    ['reset', reset, 4],
    ['not reached at all', nobody, 5],
    ['refused as a login', new LinkError('login', words('wrong'), true), 5],
  ] as const) {
    it(`after 5 was ${name}: ${next}`, () => {
      const choice = new VersionChoice('auto');
      assert.equal(choice.fallsBack(mosquitto, 5, reason), next === 4);
      assert.equal(choice.choose(mosquitto, undefined), next);
    });
  }

  it('a typed version is kept, whatever comes', () => {
    const choice = new VersionChoice(5);
    assert.equal(choice.fallsBack(mosquitto, 5, new LinkError('version', words('refused'))), false);
    assert.equal(choice.choose(mosquitto, 4), 5);
  });

  it('what worked once is not given up for a reset', () => {
    const choice = new VersionChoice('auto');
    choice.works(5);
    assert.equal(choice.fallsBack(mosquitto, 5, reset), false);
  });
});

describe('the MQTT version', () => {
  const mosquitto = profileOf('mosquitto');
  const refused = new LinkError('version', words('no'));

  it('is 5, then 3.1.1 after a refusal, which is remembered', () => {
    const versions = new VersionChoice('auto');
    assert.equal(versions.choose(mosquitto, undefined), 5);
    assert.equal(versions.fallsBack(mosquitto, 5, refused), true);
    assert.equal(versions.choose(mosquitto, undefined), 4);
    versions.works(4);
    assert.equal(versions.choose(mosquitto, 5), 4);
  });

  it('is what was probed', () => {
    assert.equal(new VersionChoice('auto').choose(mosquitto, 4), 4);
  });

  it('falls back where the server just closes, but not where it was reached before', () => {
    const closed = new LinkError('closed', words('no'));
    assert.equal(new VersionChoice('auto').fallsBack(mosquitto, 5, closed), true);
    const versions = new VersionChoice('auto');
    versions.works(5);
    assert.equal(versions.fallsBack(mosquitto, 5, closed), false);
    assert.equal(
      new VersionChoice('auto').fallsBack(mosquitto, 5, new LinkError('network', words('no'))),
      false,
    );
  });

  it('has an end: when all were refused it starts over', () => {
    const versions = new VersionChoice('auto');
    assert.equal(versions.fallsBack(mosquitto, 5, refused), true);
    assert.equal(versions.fallsBack(mosquitto, 4, refused), false);
    assert.equal(versions.anyRefused, true);
    versions.startOver();
    assert.equal(versions.anyRefused, false);
    assert.equal(versions.choose(mosquitto, undefined), 5);
  });

  it('is never another than the one typed', () => {
    const versions = new VersionChoice(5);
    assert.equal(versions.fallsBack(mosquitto, 5, refused), false);
    assert.equal(versions.choose(profileOf('prosody'), 4), 5);
  });
});
