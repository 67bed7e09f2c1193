/**
 * Suggests the fields of an alert: what is usual for what is measured, else from observed values, or nothing. Pure.
 */

/**
 * A limit a little outside of the observed values, so that it does not fire at once: a fifth of the range or a twentieth
 * of the size beyond, rounded away to a step that people would choose (1, 2 or 5 times a power of ten).
 */
export function suggestLimit({ min, max }: Seen, side: 'above' | 'below'): number {
  const edge = side === 'above' ? max : min;
  const room = Math.max((max - min) / 5, Math.abs(edge) / 20, 0.1);
  const power = 10 ** Math.floor(Math.log10(room));
  const step = power * ([5, 2, 1].find((factor) => factor * power <= room) ?? 1);
  const steps = (edge + (side === 'above' ? room : -room)) / step;
  const limit = (side === 'above' ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9)) * step;
  return Number(limit.toPrecision(6));
}

/** Distance from a limit by which a value has to come back: half of the room that {@link suggestLimit} leaves at least. */
export function suggestHysteresis({ min, max }: Seen, limit: number): number {
  const room = Math.max((max - min) / 10, Math.abs(limit) / 50, 0.1);
  const power = 10 ** Math.floor(Math.log10(room) + 1e-9);
  const step = [5, 2, 1].find((factor) => factor * power <= room * (1 + 1e-9)) ?? 1;
  return Number((step * power).toPrecision(6));
}

/** Shortest silence that is suggested, in minutes: a router that restarts is no alert. */
const SHORTEST_SILENCE = 5;

/** Three times the usual interval, at least five minutes, as a duration; empty for what does not come regularly. */
export function suggestNoDataAfter({
  every = 0,
  steady = true,
}: {
  every?: number;
  steady?: boolean;
}): string {
  if (every <= 0 || !steady) return '';
  const minutes = Math.max(SHORTEST_SILENCE, Math.ceil((every * 3) / 60_000));
  return minutes < 120 ? `${minutes}m` : `${Math.ceil(minutes / 60)}h`;
}

/** Observed range of a value; undefined if there is none. */
export interface Seen {
  min: number;
  max: number;
}

/** The range of a series' parts, and of the present value. */
export function seenOf(
  min: readonly (number | null)[],
  max: readonly (number | null)[],
  now: number | undefined,
): Seen | undefined {
  const values = [...min, ...max, now].filter((value): value is number => Number.isFinite(value));
  if (values.length === 0) return undefined;
  return { min: Math.min(...values), max: Math.max(...values) };
}

/** The property of a message that holds the number: `payload.power.phase1`. */
export function propertyOf(field: string | undefined): string {
  if (field === undefined) return 'payload';
  return /^[^.[\]'"\s]+(\.[^.[\]'"\s]+)*$/.test(field)
    ? `payload.${field}`
    : `payload["${field.replace(/"/g, '')}"]`;
}
