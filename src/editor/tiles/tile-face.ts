/** What a tile looks like. Pure: the page for phones and the widget of a dashboard draw it. */
import type { Tile, TileAlert } from '../../topics/tile';
import { pathsOf } from '../chart/curve';
import { rangeFor } from '../chart/scale';

/** Size of the drawing; it is stretched to that of the tile. */
export const WIDTH = 240;
export const HEIGHT = 48;
/** Room above and below, so that no line is cut. */
const EDGE = 3;
/** Usual times between two messages after which a value is old. */
const SILENT = 3;
/** Milliseconds for which no value is old. */
const SOON = 60_000;

export type Level = 'calm' | 'warning' | 'critical' | 'nodata';

export interface TileFace {
  level: Level;
  acked: boolean;
  /** Age of the value, in milliseconds; undefined: not known. */
  age: number | undefined;
  /** It is older than its usual times between messages. */
  isOld: boolean;
}

/** @param now milliseconds since the epoch, by the clock of Node-RED */
export function faceOf(tile: Tile, alert: TileAlert | undefined, now: number): TileFace {
  const age = tile.at > 0 ? Math.max(0, now - tile.at) : undefined;
  return {
    level: alert ? (alert.state === 'nodata' ? 'nodata' : alert.severity) : 'calm',
    acked: alert?.acked ?? false,
    age,
    isOld: age !== undefined && tile.every > 0 && age > Math.max(SOON, SILENT * tile.every),
  };
}

export interface DayDrawing {
  line: string;
  area: string;
  dots: string;
  /** Heights of the limits that are on the scale. */
  limits: number[];
}

/** SVG paths of the last 24 hours in a drawing of {@link WIDTH} by {@link HEIGHT}; undefined: nothing to draw. */
export function drawingOf({ day, every, limit, limit2 }: Tile): DayDrawing | undefined {
  if (!day) return undefined;
  const low = Math.min(...day.min.filter((value) => value !== null));
  const high = Math.max(...day.max.filter((value) => value !== null));
  if (!(low <= high)) return undefined;
  const limits = [limit, limit2].filter((one) => one !== undefined);
  const range = rangeFor({ low, high }, limits);
  const part = (day.to - day.from) / Math.max(1, day.last.length);
  const y = (value: number): number =>
    tenth(HEIGHT - EDGE - ((value - range.low) / (range.high - range.low)) * (HEIGHT - 2 * EDGE));
  return {
    ...pathsOf({ ...day, bridge: SILENT * Math.max(part, every) }, part, (share) => tenth(share * WIDTH), y),
    limits: limits.filter((one) => one > range.low && one < range.high).map(y),
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Decimals that a person reads, by the habits of a language. */
export function shownNumber(value: number, language: string): string {
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  return value.toLocaleString(language, {
    maximumSignificantDigits: size >= 1e6 ? 9 : 6,
    useGrouping: false,
  });
}
