import assert from 'node:assert/strict';
import type { DeviceRow, EntityRow } from '../../../../../src/plugins/dinox-sidebar/device-row';
import {
  deviceLines,
  mainOf,
  sortDevices,
} from '../../../../../src/plugins/dinox-sidebar/editor/devices/device-lines';
import { searchFor } from '../../../../../src/plugins/dinox-sidebar/editor/topics/topic-search';

function entity(name: string, more: Partial<EntityRow> = {}): EntityRow {
  const topic = `t/${name}`;
  return {
    key: `sensor.${name}`,
    name,
    entityId: `sensor.${name}`,
    ...{ deviceClass: '', category: '', unit: '', topic },
    ...more,
  };
}

function device(name: string, area: string, ...entities: EntityRow[]): DeviceRow {
  return { id: name, name, area, entities };
}

describe('devices in the sidebar', () => {
  const words = (
    devices: DeviceRow[],
    text = '',
    isOpen: (path: string) => boolean | undefined = () => undefined,
  ) =>
    deviceLines(sortDevices(devices), searchFor(text), isOpen, 'No area').items.map(({ value }) =>
      value.kind === 'heading'
        ? `== ${value.text}`
        : value.kind === 'line'
          ? `${'  '.repeat(value.line.depth)}${value.line.label}`
          : '',
    );

  it('stand below their areas, those without one last, as people count', () => {
    const devices = [
      device('Lamp 10', '', entity('a')),
      device('Lamp 2', 'Hall', entity('b')),
      device('Lamp 9', '', entity('c')),
    ];
    assert.deepEqual(words(devices), [
      '== Hall',
      'Lamp 2',
      '  b',
      '== No area',
      'Lamp 9',
      '  c',
      'Lamp 10',
      '  a',
    ]);
  });

  it('have no headings where no device suggests an area', () => {
    assert.deepEqual(words([device('B', '', entity('x')), device('A', '', entity('y'))]), [
      'A',
      '  y',
      'B',
      '  x',
    ]);
  });

  it('name first what people look at, last what is about the device itself', () => {
    const one = device(
      'Sensor',
      '',
      entity('Link', { category: 'diagnostic' }),
      entity('Battery', { deviceClass: 'battery' }),
      entity('Restart', { topic: undefined } as never),
      entity('Humidity', { deviceClass: 'humidity' }),
      entity('Level'),
      entity('Temperature', { deviceClass: 'temperature' }),
    );
    const [sorted] = sortDevices([one]);
    assert.deepEqual(
      sorted?.entities.map(({ name }) => name),
      ['Temperature', 'Humidity', 'Level', 'Restart', 'Battery', 'Link'],
    );
    assert.deepEqual(
      mainOf(sorted as DeviceRow).map(({ name }) => name),
      ['Temperature', 'Humidity', 'Level'],
    );
  });

  it('are found by words of device, entity and area, and by a filter of topics', () => {
    const devices = [
      device('Kitchen', 'Ground', entity('Window'), entity('Door')),
      device('Bath', 'Ground', entity('Window')),
    ];
    assert.deepEqual(words(devices, 'kit win'), ['== Ground', 'Kitchen', '  Window']);
    assert.deepEqual(words(devices, 't/Door'), ['== Ground', 'Kitchen', '  Door']);
    assert.deepEqual(words(devices, 't/+').length, 6);
    assert.deepEqual(words(devices, 'attic'), []);
  });

  it('are closed where there are many, but for those that somebody opened', () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      device(`D${i}`, '', ...['a', 'b', 'c', 'd', 'e'].map((name) => entity(`${name}${i}`))),
    );
    assert.equal(words(many).length, 400);
    assert.equal(words(many, '', (path) => (path === '\0D7' ? true : undefined)).length, 405);
    assert.deepEqual(words(many, 'D399'), [
      'D399',
      ...['a', 'b', 'c', 'd', 'e'].map((name) => `  ${name}399`),
    ]);
  });
});
