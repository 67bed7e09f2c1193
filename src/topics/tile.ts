import type { Openness } from '../base/opening';
import type { ValueKind } from './topic-row';

/** A topic as a page shows it. Anyone who may publish writes `topic`, `title` and `text`: shown as text only. */
export interface Tile {
  topic: string;
  /** Home Assistant's name, else made of the topic. */
  title: string;
  kind: ValueKind;
  /** The value: a number without its unit, a state, the numbers of a JSON object. At most 160 characters of a text. */
  text: string;
  /** What it says of a door or a window, which matters more than its numbers. */
  opening?: Openness;
  unit?: string;
  /** The number of a JSON object whose day is shown. */
  field?: string;
  /** Time of the value, in milliseconds since the epoch; 0: not known. */
  at: number;
  /** Usual time between two messages, in milliseconds; 0: not known yet. */
  every: number;
  /** The last 24 hours; only in a whole answer, if a number came in that time. */
  day?: TileDay;
  /** Limits of an alert about this topic, if they are numbers; only in a whole answer. */
  limit?: number;
  limit2?: number;
}

/** The last 24 hours, or as much of them as is known, in at most 48 equal parts; null: nothing came. */
export interface TileDay {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
}

/** An open alert whose key is the topic of a tile. */
export interface TileAlert {
  topic: string;
  severity: 'warning' | 'critical';
  /** `firing`, `recovering`, `nodata`, … */
  state: string;
  acked: boolean;
  /** When it began, in milliseconds since the epoch. */
  since: number;
}

/** The tiles of a connection, or what changed of them. */
export interface TileAnswer {
  /** True if this is all of them, with their days and limits; false: only those that have changed, without these. */
  whole: boolean;
  tiles: Tile[];
  /** All open alerts about the tiles, those that have not changed, too. */
  alerts: TileAlert[];
  /** Topics that match and have no tile, because there are too many. */
  leftOut: number;
  connected: boolean;
  /** Pass it on with the next question. */
  token: string;
}

/** A connection and its tiles. */
export interface HomeConnection extends TileAnswer {
  id: string;
  name: string;
}

/** `GET dinox/home/values`. */
export interface HomeAnswer {
  /** Milliseconds since the epoch. */
  now: number;
  /** False: `settings.js` names no topics. */
  chosen: boolean;
  /** False: everybody who reaches this address may see this. */
  login: boolean;
  connections: HomeConnection[];
}
