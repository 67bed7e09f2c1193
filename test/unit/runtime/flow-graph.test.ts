import assert from 'node:assert/strict';
import { FlowGraph, type FlowNode } from '../../../src/runtime/flow-graph';

const out = (id = 'out', more: Partial<FlowNode> = {}): FlowNode => ({ id, type: 'xmpp-out', ...more });
const alert = (wires: string[][], more: Partial<FlowNode> = {}): FlowNode => ({
  ...{ id: 'alert', type: 'dinox-alert', wires },
  ...more,
});
const reaches = (...nodes: FlowNode[]): boolean => new FlowGraph(nodes).reaches('alert', 0, 'xmpp-out');

describe('wires: where an output leads to', () => {
  it('directly, over other nodes, in circles; not from another output', () => {
    assert.equal(reaches(alert([['out']]), out()), true);
    assert.equal(
      reaches(alert([['f']]), { id: 'f', type: 'function', wires: [[], ['f', 'out']] }, out()),
      true,
    );
    assert.equal(
      reaches(alert([['f'], ['out']]), { id: 'f', type: 'function', wires: [['f', 'alert']] }, out()),
      true,
    );
    assert.equal(reaches(alert([[], ['out']]), out()), false);
    assert.equal(reaches(alert([['gone']]), out()), false);
    assert.equal(reaches(out()), false);
  });

  it('to one very node, past others of its type', () => {
    const graph = new FlowGraph([
      alert([['one']]),
      out('one', { wires: [['two']] }),
      out('two'),
      out('three'),
    ]);
    for (const [id, expected] of [
      ['one', true],
      ['two', true],
      ['three', false],
    ] as const)
      assert.equal(graph.reaches('alert', 0, 'xmpp-out', id), expected, id);
  });

  it('not to what is disabled, by itself or with its tab', () => {
    assert.equal(reaches(alert([['out']]), out('out', { d: true })), false);
    const off: FlowNode = { id: 't', type: 'tab', disabled: true };
    assert.equal(reaches(alert([['out']]), out('out', { z: 't' }), off), false);
  });

  it('over links, link calls and their way back', () => {
    const linkIn: FlowNode = { id: 'in', type: 'link in', wires: [['out']] };
    assert.equal(
      reaches(alert([['l']]), { id: 'l', type: 'link out', links: ['in'], wires: [] }, linkIn, out()),
      true,
    );
    const call: FlowNode = { id: 'c', type: 'link call', links: ['in'], wires: [['out']] };
    assert.equal(reaches(alert([['c']]), call, { ...linkIn, wires: [[]] }, out()), true);
  });

  it('into a subflow, through it, and out of the one that the node lies in, by the port it is wired to', () => {
    const instance: FlowNode = { id: 'i', type: 'subflow:s', wires: [['out'], []] };
    const inside: FlowNode = { id: 'x', type: 'xmpp-out', z: 's' };
    const into: FlowNode = { id: 's', type: 'subflow', in: [{ wires: [{ id: 'x' }] }], out: [] };
    assert.equal(reaches(alert([['i']]), { ...instance, wires: [] }, into, inside), true);
    const from = (port: number, wire = 0): FlowNode => ({
      ...{ id: 's', type: 'subflow', in: [] },
      out:
        port === 0
          ? [{ wires: [{ id: 'alert', port: wire }] }]
          : [{ wires: [] }, { wires: [{ id: 'alert', port: wire }] }],
    });
    assert.equal(reaches(alert([[]], { z: 's' }), instance, from(0), out()), true);
    assert.equal(reaches(alert([[]], { z: 's' }), instance, from(1), out()), false);
    assert.equal(
      reaches(alert([[]], { z: 's' }), instance, from(0, 1), out()),
      false,
      'that is its second output',
    );
  });
});
