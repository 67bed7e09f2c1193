import type { NodeStatus } from 'node-red';
import type { Translate } from '../../base/translate';

/** What a connected node has to say of its entities. */
export interface EntityCounts {
  /** Announced entities that the node has. */
  entities: number;
  unavailable: number;
  /** Chosen entities that nobody announces; told only some time after the connection was made. */
  missing: number;
  /** The server does not take a filter or topic. */
  isRefused: boolean;
  /** Announcements may still come. */
  isReading: boolean;
  /** Name of the only entity, and its state with the unit; empty: not known. */
  name: string;
  value: string;
}

/** The status of a connected node. */
export function entityStatus(counts: EntityCounts, translate: Translate): NodeStatus {
  const { entities, unavailable, missing, isRefused, isReading, name, value } = counts;
  if (isRefused) return { fill: 'red', shape: 'ring', text: translate('status.refused') };
  if (missing > 0)
    return { fill: 'yellow', shape: 'ring', text: translate('status.missing', { count: missing }) };
  if (entities === 0)
    return { fill: 'grey', shape: 'ring', text: translate(isReading ? 'status.reading' : 'status.none') };
  const about = entities === 1 ? name : translate('status.entities', { count: entities });
  // The name stands on the node already.
  if (unavailable === 0) return { fill: 'green', shape: 'dot', text: (entities === 1 && value) || about };
  const text =
    entities === 1
      ? translate('status.oneUnavailable', { name })
      : translate('status.unavailable', { about, count: unavailable });
  return { fill: 'yellow', shape: 'dot', text };
}
