import type { NodeAPI } from 'node-red';
import { type NameIn, text } from '../../../base/catalogue';
import {
  type MetricFamily,
  type MetricSample,
  OPENMETRICS_TYPE,
  openMetricsText,
} from '../../../base/openmetrics';
import type { ReadText } from '../../../base/translate';
import { asObject, type Routes } from '../../../runtime/admin/routes';
import { knownBrokers } from '../../../runtime/known-brokers';
import { textReader } from '../../../runtime/translator';
import { type ConnectionView, connectionView } from './brokers';

/** An open alert, as far as it is counted. */
export interface CountedAlert {
  /** Id and name of its node. */
  node: string;
  name: string;
  severity?: unknown;
  acked?: unknown;
}

/**
 * `GET dinox/metrics` (`dinox.metrics`): connections, queues and open alerts for Prometheus, without topics or values.
 * Only where `settings.js` says `dinox: {metrics: true}`.
 */
export function metricsRoute(RED: NodeAPI, routes: Routes, openAlerts: () => readonly CountedAlert[]): void {
  const { metrics } = asObject((RED.settings as { dinox?: unknown }).dinox);
  if (metrics !== true) return;
  routes.get(
    '/dinox/metrics',
    (_, response) => {
      const connections = knownBrokers(RED).map((known) => connectionView(RED, known));
      response.set('Content-Type', OPENMETRICS_TYPE);
      response.send(openMetricsText(metricsOf(connections, openAlerts(), textReader(RED))));
    },
    'dinox.metrics',
  );
}

export function metricsOf(
  connections: readonly ConnectionView[],
  alerts: readonly CountedAlert[],
  read: ReadText,
): MetricFamily[] {
  const each = (count: (view: ConnectionView) => number | undefined): MetricSample[] =>
    connections.flatMap((view) => {
      const value = count(view);
      return value === undefined ? [] : [{ labels: { id: view.id, connection: view.name }, value }];
    });
  const family = (
    name: string,
    type: MetricFamily['type'],
    help: NameIn<'metric'>,
    samples: MetricSample[],
  ): MetricFamily => ({ name: `dinox_${name}`, type, help: read(text(`metric.${help}`)), samples });
  return [
    family(
      'connection_up',
      'gauge',
      'connection-up',
      each((one) => Number(one.phase === 'connected')),
    ),
    family(
      'messages_received',
      'counter',
      'received',
      each(({ received }) => received),
    ),
    family(
      'messages_published',
      'counter',
      'published',
      each(({ published }) => published),
    ),
    family(
      'queue_messages',
      'gauge',
      'queued',
      each(({ queued }) => queued),
    ),
    family(
      'queue_held_messages',
      'gauge',
      'held',
      each(({ held }) => held.reduce((sum, { count }) => sum + count, 0)),
    ),
    family(
      'connection_losses',
      'gauge',
      'losses',
      each(({ losses }) => losses.reduce((sum, { times }) => sum + times, 0)),
    ),
    family(
      'topics',
      'gauge',
      'topics',
      each(({ topics }) => topics),
    ),
    family(
      'chat_up',
      'gauge',
      'chat-up',
      each(({ bot }) => bot && Number(bot.phase === 'online')),
    ),
    family(
      'chat_queue_messages',
      'gauge',
      'chat-queued',
      each(({ bot }) => bot?.queued),
    ),
    family('alerts_open', 'gauge', 'alerts', alertSamples(alerts)),
  ];
}

function alertSamples(alerts: readonly CountedAlert[]): MetricSample[] {
  const counts = new Map<string, MetricSample>();
  for (const { node, name, severity, acked } of alerts) {
    const labels = {
      id: node,
      alert: name,
      severity: String(severity ?? ''),
      acked: String(acked !== undefined),
    };
    const key = JSON.stringify(labels);
    counts.set(key, { labels, value: (counts.get(key)?.value ?? 0) + 1 });
  }
  return [...counts.values()];
}
