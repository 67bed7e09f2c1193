import assert from 'node:assert/strict';
import { inEnglish } from '../../../../../src/base/english';
import { openMetricsText } from '../../../../../src/base/openmetrics';
import type { ConnectionView } from '../../../../../src/plugins/dinox-sidebar/routes/brokers';
import { metricsOf, metricsRoute, valuesOf } from '../../../../../src/plugins/dinox-sidebar/routes/metrics';
import type { Routes } from '../../../../../src/runtime/admin/routes';

const loss = (times: number) => ({ at: 0, code: 'x', text: { key: 'x' }, times, broke: true });
const HOUSE: ConnectionView = {
  ...{ id: 'a', name: 'House "1"\\\n', phase: 'connected', losses: [loss(2), loss(1)], queued: 3 },
  held: [{ name: 'q', server: 's', count: 7 }],
  ...{ received: 10, published: 4, topics: 5, explore: { phase: 'off' }, watch: [] },
  bot: { account: 'bot@example.org', phase: 'away', since: 0, losses: [], queued: 2, nodes: [] },
};
const { bot: _, ...ALONE } = HOUSE;

describe('metrics', () => {
  it('counts connections, queues, losses and alerts', () => {
    const alert = { node: 'n', name: 'Freezer', severity: 'warning' };
    const alerts = [alert, alert, { ...alert, acked: {} }];
    const text = openMetricsText(
      metricsOf([HOUSE, { ...ALONE, id: 'b', name: 'B', phase: 'away' }], alerts, inEnglish),
    );
    const lines = text.split('\n').filter((line) => !line.startsWith('# HELP'));
    const labels = '{id="a",connection="House \\"1\\"\\\\\\n"}';
    for (const line of [
      `dinox_connection_up${labels} 1`,
      'dinox_connection_up{id="b",connection="B"} 0',
      '# TYPE dinox_messages_received counter',
      `dinox_messages_received_total${labels} 10`,
      `dinox_queue_messages${labels} 3`,
      `dinox_queue_held_messages${labels} 7`,
      `dinox_connection_losses${labels} 3`,
      `dinox_chat_up${labels} 0`,
      'dinox_alerts_open{id="n",alert="Freezer",severity="warning",acked="false"} 2',
      'dinox_alerts_open{id="n",alert="Freezer",severity="warning",acked="true"} 1',
    ])
      assert.ok(lines.includes(line), line);
    assert.equal(lines.filter((line) => line.startsWith('dinox_chat_up')).length, 1, 'no account, no line');
    assert.equal(openMetricsText(metricsOf([], [], inEnglish)), '# EOF\n');
  });

  it('have the values of chosen topics, with unit and field, and as many as there is room for', () => {
    const rows = [
      { topic: 'home/"a"', number: 21.5, unit: '°C' },
      { topic: 'home/b', fields: { 'power.l1': 3, battery: 80 } },
      { topic: 'home/text' },
      { topic: 'home/named', number: 7 },
    ];
    const broker = {
      recorder: { find: (wanted: (topic: string) => boolean) => rows.filter(({ topic }) => wanted(topic)) },
      names: {
        of: (topic: string) =>
          ({ 'home/named': { unit: 'W' }, 'home/b': { fields: { battery: { unit: '%' } } } })[topic],
      },
    } as never;
    const lines = (most?: number): string[] => {
      const values = valuesOf({ id: 'a', broker }, (topic) => topic !== 'home/other', most);
      return openMetricsText(metricsOf([], [], inEnglish, values))
        .split('\n')
        .slice(2, -2);
    };
    assert.deepEqual(lines(), [
      'dinox_value{id="a",topic="home/\\"a\\"",unit="°C"} 21.5',
      'dinox_value{id="a",topic="home/b",field="power.l1"} 3',
      'dinox_value{id="a",topic="home/b",field="battery",unit="%"} 80',
      'dinox_value{id="a",topic="home/named",unit="W"} 7',
    ]);
    assert.equal(lines(2).length, 2);
  });

  it('are there only if settings.js says so', () => {
    for (const dinox of [undefined, null, {}, { metrics: null }, { metrics: false }]) {
      metricsRoute({ settings: { dinox } } as never, { get: assert.fail } as unknown as Routes, () => []);
    }
  });
});
