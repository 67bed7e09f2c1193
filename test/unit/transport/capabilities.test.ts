import assert from 'node:assert/strict';
import { profileOf } from '../../../src/servers/profiles';
import { capabilitiesOf, LARGEST_PACKET } from '../../../src/transport/capabilities';

describe('what a connection can do', () => {
  const { capabilities } = profileOf('mosquitto');

  it('is the profile’s where the CONNACK says nothing', () => {
    const found = capabilitiesOf(capabilities, {} as never);
    assert.deepEqual(found, {
      ...capabilities,
      maximumPacketSize: LARGEST_PACKET,
      receiveMaximum: 1_000,
      topicAliasMaximum: 0,
      sessionExpiry: undefined,
    });
  });

  it('is what the CONNACK says', () => {
    const found = capabilitiesOf(capabilities, {
      properties: {
        maximumQoS: 1,
        retainAvailable: false,
        wildcardSubscriptionAvailable: false,
        sharedSubscriptionAvailable: false,
        subscriptionIdentifiersAvailable: false,
        maximumPacketSize: 1_000,
        receiveMaximum: 20,
        topicAliasMaximum: 10,
        sessionExpiryInterval: 300,
      },
    } as never);
    assert.deepEqual(found, {
      ...capabilities,
      maxQos: 1,
      retain: false,
      wildcards: false,
      shared: false,
      subscriptionIds: false,
      maximumPacketSize: 1_000,
      receiveMaximum: 20,
      topicAliasMaximum: 10,
      sessionExpiry: 300,
    });
  });

  it('is never more than the profile’s', () => {
    const said = {
      properties: {
        maximumQoS: 2,
        retainAvailable: true,
        wildcardSubscriptionAvailable: true,
        sharedSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: true,
      },
    };
    const prosody = profileOf('prosody').capabilities;
    const { maxQos, retain, wildcards, shared, subscriptionIds } = capabilitiesOf(prosody, said as never);
    assert.deepEqual(
      { maxQos, retain, wildcards, shared, subscriptionIds },
      { maxQos: 0, retain: false, wildcards: false, shared: false, subscriptionIds: false },
    );
  });
});
