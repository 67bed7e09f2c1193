import assert from 'node:assert/strict';
import { profileOf } from '../../../../src/servers/profiles';
import { VersionChoice } from '../../../../src/transport/connection/version-choice';
import { LinkError } from '../../../../src/transport/errors';

const mosquitto = profileOf('mosquitto');
const reset = new LinkError('network', 'reset', false, {
  cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
});
const nobody = new LinkError('network', 'nobody', false, {
  cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
});

describe('which MQTT version', () => {
  for (const [name, reason, next] of [
    ['refused as a version', new LinkError('version', 'refused'), 4],
    ['closed without a word', new LinkError('closed', 'closed'), 4],
    ['reset', reset, 4],
    ['not reached at all', nobody, 5],
    ['refused as a login', new LinkError('login', 'wrong', true), 5],
  ] as const) {
    it(`after 5 was ${name}: ${next}`, () => {
      const choice = new VersionChoice('auto');
      assert.equal(choice.fallsBack(mosquitto, 5, reason), next === 4);
      assert.equal(choice.choose(mosquitto, undefined), next);
    });
  }

  it('a typed version is kept, whatever comes', () => {
    const choice = new VersionChoice(5);
    assert.equal(choice.fallsBack(mosquitto, 5, new LinkError('version', 'refused')), false);
    assert.equal(choice.choose(mosquitto, 4), 5);
  });

  it('what worked once is not given up for a reset', () => {
    const choice = new VersionChoice('auto');
    choice.works(5);
    assert.equal(choice.fallsBack(mosquitto, 5, reset), false);
  });
});
