import assert from 'node:assert/strict';
import { upstreamOf } from '../../../../../src/editor/topics/upstream';

describe('wires before dinox-alert', () => {
  it('follows the wires back over links and junctions, and notices what may change values', () => {
    type Wired = Record<string, unknown> & { id: string; from?: string[] };
    const nodes: Wired[] = [
      { id: 'alert', type: 'dinox-alert', from: ['junction', 'in3', 'alert'] },
      { id: 'junction', type: 'junction', from: ['link'] },
      { id: 'link', type: 'link in', links: ['out', 'gone'] },
      { id: 'out', type: 'link out', from: ['in1', 'inject'] },
      { id: 'inject', type: 'inject' },
      { id: 'in1', type: 'dinox-mqtt-in', topic: 'home/+', broker: 'b', inputs: 0, from: ['alert'] },
      { id: 'in3', type: 'dinox-mqtt-in', topic: '', topicType: 'dynamic', broker: 'b', inputs: 1 },
      { id: 'other', type: 'dinox-alert', from: ['change'] },
      { id: 'change', type: 'change', from: ['in1'] },
      { id: 'alone', type: 'dinox-alert' },
      // Node-RED names the subflow itself as source behind its input, and as target before its output.
      { id: 'inside', type: 'dinox-alert', from: ['subflow'] },
      { id: 'subflow', type: 'subflow', from: ['in1'] },
    ];
    const node = (id: string) => nodes.find((one) => one.id === id);
    const stub = {
      nodes: {
        node,
        filterLinks: ({ target }: { target: { id: string } }) =>
          (node(target.id)?.from ?? []).map((id) => ({ source: node(id) })),
      },
    };
    const globals = globalThis as { RED?: unknown };
    globals.RED = stub;
    try {
      const of = (id: string) => upstreamOf(node(id) as never);
      const sources = [{ broker: 'b', filter: 'home/+' }];
      assert.deepEqual(of('alert'), { sources, wired: true, through: false });
      assert.deepEqual(of('other'), { sources, wired: true, through: true });
      assert.deepEqual(of('inside'), { sources: [], wired: true, through: true });
      assert.deepEqual(of('alone'), { sources: [], wired: false, through: false });
    } finally {
      globals.RED = undefined;
    }
  });
});
