import type { Content } from './content';
import type { Observation } from './observation';

/** What a message on one topic says about devices; undefined: the topic is none of this family after all. */
export type Route = (content: Content) => readonly Observation[] | undefined;

/** What messages told about bridges and nodes, without which topics cannot be understood. */
export interface KnownHome {
  /** Base topics of Zigbee2MQTT, with the ids of the devices that the bridge lists; undefined: no list came. */
  readonly bases: Map<string, ReadonlySet<string> | undefined>;
  /** Topics of ESPHome nodes: only they are told by their components. */
  readonly espNodes: Set<string>;
  /** Ids of devices by the topic under which they announced themselves. */
  readonly announced: Map<string, string>;
}

/** How a family understands a topic; undefined: it is none of its own. */
export type FamilyReader = (topic: string, levels: readonly string[], home: KnownHome) => Route | undefined;

/** Bridges, nodes and announcements that are remembered. */
export const MAX_KNOWN = 10_000;

export function before(levels: readonly string[], count: number): string {
  return levels.slice(0, levels.length - count).join('/');
}
