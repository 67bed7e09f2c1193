import type { ValueZone, ZoneLevel } from '../../alert/value-zones';
import { plain } from '../../base/printable';

/** Readable as areas and as letters, on light and on dark. */
const COLORS: Readonly<Record<ZoneLevel, string>> = {
  normal: '#2e9e5b',
  warning: '#e08a00',
  critical: '#d63a2f',
};
/** Anybody who may publish writes the unit. */
const MAX_UNIT_LENGTH = 20;
/** Less than any value: a gauge counts its first segment from its own least value. */
const LEAST = Number.MIN_SAFE_INTEGER;

/** `msg.ui_update` for *ui-gauge* of Dashboard 2.0. A part that is absent stays as the gauge has it. */
export interface GaugeUpdate {
  /** In ascending order: the gauge does not sort them. */
  segments?: { from: number; color: string }[];
  units?: string;
}

export function gaugeUpdate(zones: readonly ValueZone[], unit: string): GaugeUpdate {
  const segments = zones.map(({ from, level }) => ({ from: Math.max(from, LEAST), color: COLORS[level] }));
  return {
    ...(segments.length > 0 && { segments }),
    ...(unit !== '' && { units: plain(unit, MAX_UNIT_LENGTH) }),
  };
}
