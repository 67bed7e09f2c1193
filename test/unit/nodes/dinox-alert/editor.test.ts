/** The dialog of `dinox-alert`, as far as it needs no browser. */
import assert from 'node:assert/strict';
import { duration } from '../../../../src/editor/validation';
import {
  hysteresis,
  type Look,
  limitFault,
  quietHours,
  span,
} from '../../../../src/nodes/dinox-alert/editor/fields';
import { conditionLabel } from '../../../../src/nodes/dinox-alert/editor/label';
import { bandOf, limitOf } from '../../../../src/nodes/dinox-alert/editor/limit-values';
import { spelled } from '../../../../src/nodes/dinox-alert/editor/sentence';
import { upstreamOf } from '../../../../src/nodes/dinox-alert/editor/sources';
import { suggest } from '../../../../src/nodes/dinox-alert/editor/suggest';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('dialog of dinox-alert, pure', () => {
  it('reads what is typed', () => {
    assert.equal(limitOf(looking({ limit: ' 21,5 ' }), 'limit'), 21.5);
    assert.equal(limitOf(looking({ limit: '−3' }), 'limit'), -3);
    assert.equal(limitOf(looking({ limit: '3', limitType: 'flow' }), 'limit'), undefined);
    assert.equal(limitOf(looking({}), 'limit'), undefined);
    assert.equal(bandOf(looking({ hysteresis: '10%' }), -20), 2);
    assert.equal(bandOf(looking({ hysteresis: '0.5' }), -20), 0.5);
    const say = (key: string) => key.replace('unit.', '');
    assert.equal(spelled('1h30m', say), '1\u00a0h 30\u00a0min');
    assert.equal(spelled('90', say), '90\u00a0s');
    assert.equal(spelled('1,5h', say), '1,5\u00a0h');
    assert.equal(spelled('5x', say), '5x');
  });

  it('takes a number with a comma in every field, and the hours that the node takes', () => {
    const limits = looking({ condition: 'above', limit: '25,5', critical: ',5' });
    assert.equal(limitFault('25,5', 'limit', limits), undefined);
    for (const text of ['0,5', ',5', '2,5 %', '.5']) assert.equal(hysteresis(text), undefined, text);
    assert.equal(span(() => true)('1,5h', looking({})), undefined);
    assert.equal(duration('1,5h'), undefined);
    for (const text of ['00:00-24:00', '20:07-20:06']) assert.equal(quietHours(text), undefined, text);
    for (const text of ['22:00-22:00', '22:00-24:30']) assert.ok(quietHours(text), text);
    assert.ok(hysteresis('1,2,3'));
  });

  it('says on the node what it does', () => {
    const of = (fields: Record<string, string>) =>
      conditionLabel(looking(fields), (key) => key).replaceAll('\u00a0', ' ');
    assert.equal(of({ condition: 'above', limit: '25', unit: '°C' }), '> 25 °C');
    assert.equal(of({ condition: 'below', limit: 'x', limitType: 'flow' }), '< flow.x');
    assert.equal(of({ condition: 'outside', limit: '18', limit2: '24' }), '< 18 … > 24');
    assert.equal(of({ condition: 'inside', limit: '18', limit2: '24' }), '18 … 24');
    assert.equal(of({ condition: 'rate', limit: '-2', unit: 'W' }), '↓ -2 W/min');
    assert.equal(of({ condition: 'equals', limit: '007', limitType: 'str' }), '= 007');
    assert.equal(of({ condition: 'nodata', noDataAfter: '5m' }), 'label.noDataAfter 5m');
    assert.equal(of({ condition: 'above' }), '');
  });

  it('suggests by condition, and not what stands there already', () => {
    const seen = { min: 20, max: 26 };
    const of = (fields: Record<string, string>, known: object = { seen }) => {
      const found = suggest(looking(fields), known);
      return found?.choices.map((choice) =>
        choice.map(({ property, value }) => `${property} ${value}`).join(),
      );
    };
    assert.deepEqual(of({ condition: 'above' }), ['limit 28']);
    assert.deepEqual(of({ condition: 'above', limit: '28' }), []);
    assert.deepEqual(of({ condition: 'below' }), ['limit 18']);
    assert.deepEqual(of({ condition: 'rate', limit: '-1' }), ['limit 18'], 'who watches for falling');
    assert.deepEqual(of({ condition: 'outside' }), ['limit 18,limit2 28']);
    assert.equal(of({ condition: 'inside' }), undefined);
    assert.equal(of({ condition: 'above', limitType: 'flow' }), undefined, 'it comes from elsewhere');
    assert.equal(of({ condition: 'above' }, {}), undefined);
    const states = ['open', 'closed', 'open'].map((state, at) => ({ at, state }));
    assert.deepEqual(of({ condition: 'equals', limit: 'OPEN' }, { states }), ['limit closed']);
    assert.deepEqual(of({ condition: 'nodata' }, { every: 60_000 }), ['noDataAfter 10m']);
    assert.deepEqual(of({ condition: 'nodata', noDataAfter: '1h' }, { every: 60_000 }), []);
  });

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
