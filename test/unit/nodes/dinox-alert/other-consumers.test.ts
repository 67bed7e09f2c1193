import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { answersBesides } from '../../../../src/nodes/dinox-alert/other-consumers';

const LAMP = { name: 'lamp', topic: 'home/lamp/set' };

/** A Node-RED with these nodes. */
function runtime(
  nodes: { id: string; type: string; wires?: string[][]; [property: string]: unknown }[],
): NodeAPI {
  const found = {
    eachNode: (visit: (definition: unknown) => void) => nodes.forEach(visit),
    getNode: (id: string) => nodes.find((node) => node.id === id) ?? null,
  };
  return { nodes: found } as unknown as NodeAPI;
}

describe('an xmpp-in that answers by itself beside an alert', () => {
  const alert = { id: 'alert', type: 'dinox-alert', wires: [[], [], []] };
  const asked = { id: 'asked', type: 'xmpp-in', wires: [['alert'], []] };
  const own = (fields: object, to = 'seen') => ({ id: 'own', type: 'xmpp-in', wires: [[to], []], ...fields });
  const seen = { id: 'seen', type: 'debug', wires: [] };
  const heard = (node: ReturnType<typeof own>, listeners = ['asked', 'own']) =>
    answersBesides(runtime([alert, asked, node, seen]), listeners);

  it('may have understood what the alert does not', () => {
    assert.equal(heard(own({ actuators: [LAMP] })), true);
    assert.equal(heard(own({ answerTopics: 'home/#' })), true);
    assert.equal(heard(own({ publishAllow: 'anna@example.org' })), true);
  });
  it('is none without topics, devices and saved messages', () => {
    assert.equal(heard(own({})), false);
    assert.equal(heard(own({ actuators: [], answerTopics: ' ', publishAllow: ' ' })), false);
  });
  it('speaks through the alert that it leads to', () =>
    assert.equal(heard(own({ actuators: [LAMP] }, 'alert')), false));
  it('does not count where it did not get the message', () =>
    assert.equal(heard(own({ actuators: [LAMP] }), ['asked']), false));
});
