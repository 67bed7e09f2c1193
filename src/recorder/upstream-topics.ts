import { hasWildcard, isFilter, matches } from '../topics/filter';
import type { Recorder } from './recorder';

const MAX_SOURCES = 50;
const MAX_FILTER_LENGTH = 65_535;
/** Topics of one connection that are looked at: pictures of cameras are often newer than what words can be made of. */
const MAX_LOOKED = 50;

/** A `dinox-mqtt-in` that the wires of a node lead back to. */
export interface UpstreamNode {
  broker: string;
  filter: string;
}

/** Filters by connection, so that its topics are searched once, however many wires lead there. */
export function byConnection(
  sources: readonly UpstreamNode[],
  recorder: (broker: string) => Recorder | undefined,
): Map<Recorder, Set<string>> {
  const connections = new Map<Recorder, Set<string>>();
  for (const { broker, filter } of sources) {
    const recorded = recorder(broker);
    if (!recorded) continue;
    const filters = connections.get(recorded) ?? new Set<string>();
    connections.set(recorded, filters.add(unshared(filter)));
  }
  return connections;
}

/** The filter of a shared subscription (MQTT 5 §4.8.2), or the filter itself. */
export const unshared = (filter: string): string => filter.replace(/^\$share\/[^/]*\//, '');

/** True if one of the filters matches a topic. A filter that is still being typed, and not yet valid, matches none. */
export function matcher(filters: ReadonlySet<string>): (topic: string) => boolean {
  const wild = [...filters].filter((filter) => hasWildcard(filter) && isFilter(filter));
  const levels = wild.map((filter) => filter.split('/'));
  return (topic) => {
    if (filters.has(topic)) return true;
    const parts = levels.length > 0 ? topic.split('/') : [];
    return levels.some((one) => matches(one, parts));
  };
}

/** Those that a dialog names; what is none is left out. */
export function sourcesOf(raw: unknown): UpstreamNode[] {
  if (!Array.isArray(raw)) return [];
  return raw.slice(0, MAX_SOURCES).filter((one): one is UpstreamNode => {
    const { broker, filter } = (typeof one === 'object' && one !== null ? one : {}) as Partial<UpstreamNode>;
    return typeof broker === 'string' && typeof filter === 'string' && filter.length <= MAX_FILTER_LENGTH;
  });
}

/** The last message that came on one of these topics. */
export interface UpstreamMessage {
  topic: string;
  payload: Buffer;
  /** Milliseconds since the epoch; 0: not known. */
  at: number;
}

/** The newest message of all sources that was kept whole; undefined: there is none. */
export function lastUpstream(
  sources: readonly UpstreamNode[],
  recorder: (broker: string) => Recorder | undefined,
): UpstreamMessage | undefined {
  let newest: UpstreamMessage | undefined;
  for (const [recorded, filters] of byConnection(sources, recorder)) {
    for (const { topic } of recorded.find(matcher(filters), MAX_LOOKED)) {
      const last = recorded.last(topic);
      if (!last?.complete || last.bytes === 0) continue;
      if (!newest || last.at > newest.at) newest = { topic, payload: last.payload, at: last.at };
      break;
    }
  }
  return newest;
}
