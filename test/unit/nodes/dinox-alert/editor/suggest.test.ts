import assert from 'node:assert/strict';
import type { Look } from '../../../../../src/nodes/dinox-alert/editor/fields';
import { suggest } from '../../../../../src/nodes/dinox-alert/editor/suggest';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('suggestions of dinox-alert', () => {
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
    assert.deepEqual(of({ condition: 'nodata' }, { every: 60_000 }), ['noDataAfter 5m']);
    assert.deepEqual(of({ condition: 'nodata', noDataAfter: '1h' }, { every: 60_000 }), []);
  });

  it('suggests what is usual for what is measured, whole, or nothing', () => {
    const of = (fields: Record<string, string>, known: object) => {
      const found = suggest(looking({ property: 'payload', propertyType: 'msg', ...fields }), known);
      return [
        found?.choices.map((choice) => choice.map(({ property, value }) => `${property} ${value}`).join()),
        found?.values.map(({ value }) => value),
        found?.why,
      ];
    };
    const seen = { min: -22, max: -18 };
    const freezer = { key: 'home/freezer', unit: '°C', seen };
    const whole = 'condition above,limit -15,hysteresis 1,holdFor 5m';
    assert.deepEqual(of({ condition: 'above' }, freezer), [[whole], ['-15'], 'freezer']);
    assert.deepEqual(of({ condition: 'below' }, freezer)[2], 'below', 'chosen by somebody');
    const taken = { condition: 'above', limit: '-15', hysteresis: '1', holdFor: '5m' };
    assert.deepEqual(of(taken, freezer), [[], ['-15'], 'freezer']);
    assert.deepEqual(of({ condition: 'outside' }, freezer)[2], 'outside', 'for who wants something else');
    const json = { key: 'zigbee2mqtt/hall', seen: { min: 40, max: 100 } };
    assert.deepEqual(of({ condition: 'above', property: 'payload.battery' }, json), [
      ['condition below,limit 20,hysteresis 5'],
      [],
      'battery',
    ]);
    assert.deepEqual(of({ condition: 'above', property: 'payload.linkquality' }, json), [
      undefined,
      undefined,
      undefined,
    ]);
    assert.equal(of({ condition: 'above', property: 'payload.temperature' }, json)[2], 'above');
    const named = { key: 'z/0x1', called: 'Gefrierschrank temperature', seen };
    assert.equal(of({ condition: 'above', property: 'payload.temperature' }, named)[2], 'freezer');
    assert.equal(
      of({ condition: 'above', limitType: 'flow' }, freezer)[2],
      undefined,
      'it comes from elsewhere',
    );
    const door = { key: 'home/door', states: ['open', 'closed'].map((state, at) => ({ at, state })) };
    assert.deepEqual(of({ condition: 'equals' }, door), [
      ['condition equals,limit open,holdFor 10m'],
      [],
      'open',
    ]);
    // In JSON no day of it is known: of a door that is chosen, of any, and of what is no door.
    const contact = { field: 'contact', topic: 'z/hall', words: ['true', 'false'] as const };
    const onOff = [{ field: 'occupancy', topic: 'z/hall', words: ['false', 'true'] as const }, contact];
    const open = 'property payload.contact,condition equals,limit false,holdFor 10m';
    assert.deepEqual(of({ condition: 'above' }, { onOff }), [[open], [], 'open']);
    assert.deepEqual(of({ condition: 'equals', property: 'payload.contact' }, { onOff })[0], [
      'condition equals,limit false,holdFor 10m',
    ]);
    assert.deepEqual(of({ condition: 'above', property: 'payload.occupancy' }, { onOff })[0], [
      'condition equals,limit false',
      'condition equals,limit true',
    ]);
    const occupied = { condition: 'equals', property: 'payload.occupancy', limit: 'true' };
    assert.deepEqual(of(occupied, { onOff })[0], ['limit false']);
    assert.deepEqual(of({ condition: 'nodata' }, { onOff })[0], undefined, 'silence has no word');
    assert.deepEqual(of({ condition: 'above', limitType: 'flow' }, { onOff })[0], undefined);
  });
});
