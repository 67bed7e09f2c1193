import assert from 'node:assert/strict';
import { type FlowDefinition, runningNodes } from '../../../src/runtime/running-nodes';

const shown = (...nodes: FlowDefinition[]): string[] =>
  runningNodes(nodes).map(({ id, name = '' }) => (name === '' ? id : `${id} ${name}`));
const alert = (id: string, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  id,
  type: 'dinox-alert',
  ...more,
});

describe('nodes that run', () => {
  it('those of a subflow run once for each instance, in subflows too, with the names that lead there', () => {
    assert.deepEqual(
      shown(
        alert('a', { z: 'tab' }),
        { id: 'outer', type: 'subflow', name: 'Outer' },
        { id: 'inner', type: 'subflow', name: 'Inner' },
        alert('b', { z: 'inner', name: 'Oven' }),
        { id: 'n', type: 'subflow:inner', z: 'outer' },
        { id: 'i', type: 'subflow:outer', name: 'Kitchen' },
        { id: 'j', type: 'subflow:inner' },
      ),
      ['a', 'i Kitchen', 'i-n Kitchen', 'i-n-b Kitchen / Inner / Oven', 'j', 'j-b Inner / Oven'],
    );
  });

  it('not those that are disabled, nor those of a subflow that nobody uses, nor a circle without end', () => {
    assert.deepEqual(
      shown(
        alert('a', { d: true }),
        { id: 'tab', type: 'tab', disabled: true },
        alert('b', { z: 'tab' }),
        { id: 's', type: 'subflow' },
        alert('c', { z: 's' }),
        { id: 'i', type: 'subflow:s', d: true },
      ),
      [],
    );
    const circle = shown(
      { id: 's', type: 'subflow' },
      { id: 'x', type: 'subflow:s', z: 's' },
      { id: 'i', type: 'subflow:s' },
    );
    assert.equal(circle.length, 21);
  });
});
