import type { NodeAPI } from 'node-red';
import type { Tile, TileAlert } from '../../topics/tile';
import { alertRecordings } from '../alert-recordings';
import { nodesOfType } from '../nodes-of-type';
import { deskOf } from '../open-alerts';

/** The open alerts about these topics, the worst of each. */
export function alertsAbout(RED: NodeAPI, topics: ReadonlySet<string>): TileAlert[] {
  const found = new Map<string, TileAlert>();
  // By topic: thousands of others may be open, which neither hide these nor cost their time.
  for (const { topic, alert } of openAbout(RED, topics)) {
    const one: TileAlert = {
      topic,
      severity: alert.severity === 'critical' ? 'critical' : 'warning',
      state: String(alert.state),
      acked: alert.acked !== undefined,
      since: Number(alert.startedAt ?? alert.since),
    };
    const known = found.get(topic);
    if (!known || rank(one) > rank(known)) found.set(topic, one);
  }
  return [...found.values()];
}

function* openAbout(
  RED: NodeAPI,
  topics: ReadonlySet<string>,
): Iterable<{ topic: string; alert: Readonly<Record<string, unknown>> }> {
  for (const { id } of nodesOfType(RED, 'dinox-alert')) {
    const desk = deskOf(RED, id);
    if (!desk) continue;
    for (const topic of topics) {
      const alert = desk.of(topic) as Readonly<Record<string, unknown>> | undefined;
      if (alert?.id !== undefined) yield { topic, alert };
    }
  }
}

const rank = ({ severity, acked }: TileAlert): number => (severity === 'critical' ? 2 : 0) + (acked ? 0 : 1);

/** The limits that alerts have for a topic; of several alerts those of the first that has one. */
export function limitsFor(RED: NodeAPI): (topic: string) => Pick<Tile, 'limit' | 'limit2'> {
  const recordings = nodesOfType(RED, 'dinox-alert').flatMap(({ id }) => alertRecordings(RED, id) ?? []);
  return (topic) => {
    for (const one of recordings) {
      if (!one.history?.has(topic)) continue;
      const { limit, limit2 } = one.about(topic).looks;
      if (limit !== undefined) return { limit, ...(limit2 !== undefined && { limit2 }) };
    }
    return {};
  };
}
