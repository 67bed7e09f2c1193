import type { NodeAPI } from 'node-red';
import { type NameIn, text } from '../../../base/catalogue';
import {
  type MetricFamily,
  type MetricSample,
  OPENMETRICS_TYPE,
  openMetricsText,
} from '../../../base/openmetrics';
import type { ReadText } from '../../../base/translate';
import { matcher } from '../../../recorder/upstream-topics';
import type { Routes } from '../../../runtime/admin/routes';
import { chosenTopics } from '../../../runtime/config/chosen-topics';
import { type KnownBroker, knownBrokers } from '../../../runtime/known-brokers';
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

/** Maximum numbers of one connection, and topics that are looked at for them: each is a time series of its own. */
const MAX_VALUES = 1_000;

/**
 * `GET dinox/metrics` (`dinox.metrics`): connections, queues and open alerts for Prometheus. Only where `settings.js`
 * says `dinox: {metrics: true}`; topics and values only where it says `dinox: {metrics: {topics: […]}}`.
 */
export function metricsRoute(RED: NodeAPI, routes: Routes, openAlerts: () => readonly CountedAlert[]): void {
  const chosen = chosenTopics(RED.settings as { dinox?: unknown }, 'metrics');
  if (!chosen) return;
  const read = textReader(RED);
  for (const problem of chosen.problems) RED.log.warn(`[dinox-metrics] ${read(problem)}`);
  const isChosen = matcher(new Set(chosen.filters));
  routes.get(
    '/dinox/metrics',
    (_, response) => {
      const known = knownBrokers(RED);
      const connections = known.map((one) => connectionView(RED, one));
      const values = chosen.filters.length === 0 ? [] : known.flatMap((one) => valuesOf(one, isChosen));
      response.set('Content-Type', OPENMETRICS_TYPE);
      response.send(openMetricsText(metricsOf(connections, openAlerts(), read, values)));
    },
    'dinox.metrics',
  );
}

export function metricsOf(
  connections: readonly ConnectionView[],
  alerts: readonly CountedAlert[],
  read: ReadText,
  values: MetricSample[] = [],
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
    family('value', 'gauge', 'value', values),
  ];
}

/** The last number of each topic, or the numbers in its JSON, of those that came last. */
export function valuesOf(
  {
    id,
    broker: { recorder, names },
  }: { id: string; broker: Pick<KnownBroker['broker'], 'recorder' | 'names'> },
  isChosen: (topic: string) => boolean,
  most = MAX_VALUES,
): MetricSample[] {
  const samples: MetricSample[] = [];
  for (const { topic, number, unit, fields = {} } of recorder.find(isChosen, most)) {
    const name = names.of(topic);
    if (number !== undefined)
      samples.push({ labels: { id, topic, unit: unit ?? name?.unit }, value: number });
    else
      for (const [field, value] of Object.entries(fields))
        samples.push({ labels: { id, topic, field, unit: name?.fields?.[field]?.unit }, value });
  }
  return samples.filter(({ value }) => Number.isFinite(value)).slice(0, most);
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
