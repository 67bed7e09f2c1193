import assert from 'node:assert/strict';
import { Entities } from '../../../src/homeassistant/entities';
import { type EntityFilter, entityMatcher } from '../../../src/homeassistant/entity-filter';

describe('home assistant: all of a kind', () => {
  const entities = new Entities();
  const announce = (component: string, id: string, config: object): void => {
    entities.take(
      `homeassistant/${component}/${id}/config`,
      Buffer.from(JSON.stringify({ uniq_id: id, stat_t: 't', ...config })),
    );
  };
  const door = { ids: 'door', name: 'Front door', sa: 'Hall' };
  announce('sensor', 'b1', { dev_cla: 'battery', dev: door });
  announce('binary_sensor', 'c1', { dev_cla: 'door', name: 'Contact', dev: door });
  announce('sensor', 'b2', { dev_cla: 'battery', dev: { ids: 'w', name: 'Küche Fenster', sa: 'Küche' } });
  announce('tag', 'x', { name: 'Tag', topic: 'x' });

  const found = (filter: EntityFilter): string[] =>
    [...entities.all()].filter(entityMatcher(filter)).map(({ uniqueId }) => uniqueId);

  it('wants what is typed, all of it, and nothing else', () => {
    assert.deepEqual(found({}), ['b1', 'c1', 'b2']);
    assert.deepEqual(found({ deviceClass: 'Battery' }), ['b1', 'b2']);
    assert.deepEqual(found({ component: 'sensor', device: 'front door' }), ['b1']);
    assert.deepEqual(found({ device: 'front' }), []);
    assert.deepEqual(found({ device: 'front*' }), ['b1', 'c1']);
    assert.deepEqual(found({ area: 'KÜCHE' }), ['b2']);
    assert.deepEqual(found({ pattern: '*fenster*' }), ['b2']);
    assert.deepEqual(found({ pattern: 'sensor.*_battery' }), ['b1', 'b2']);
    assert.deepEqual(found({ pattern: 'front*door*battery' }), ['b1']);
    assert.deepEqual(found({ pattern: 'front door*front door battery' }), []);
    assert.deepEqual(found({ pattern: ' ' }), ['b1', 'c1', 'b2']);
  });

  it('takes no longer for a pattern made to take long', () => {
    const begin = performance.now();
    assert.deepEqual(found({ pattern: '*a'.repeat(90) }), []);
    assert.ok(performance.now() - begin < 1_000);
  });
});
