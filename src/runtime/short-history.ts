/** Placeholder until the alert's history is there. */
export interface Series {
  from: number;
  to: number;
  t: number[];
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
}
export interface StateChange {
  at: number;
  state: string;
}
export interface Histories {
  record(key: string, at: number, value: number): void;
  recordText(key: string, at: number, state: string): void;
  series(key: string, from: number, to: number, points: number): Series;
  states(key: string, from: number, to: number): StateChange[];
  delete(key: string): void;
}

const MOST = 1_000;

export class ShortHistory implements Histories {
  private readonly numbers = new Map<string, { at: number; value: number }[]>();
  private readonly texts = new Map<string, StateChange[]>();

  record(key: string, at: number, value: number): void {
    const list = this.numbers.get(key) ?? [];
    list.push({ at, value });
    if (list.length > MOST) list.shift();
    this.numbers.set(key, list);
  }

  recordText(key: string, at: number, state: string): void {
    const list = this.texts.get(key) ?? [];
    if (list.at(-1)?.state === state) return;
    list.push({ at, state });
    if (list.length > MOST) list.shift();
    this.texts.set(key, list);
  }

  series(key: string, from: number, to: number, points: number): Series {
    const step = (to - from) / points;
    const t = Array.from({ length: points }, (_, index) => from + (index + 0.5) * step);
    const min: (number | null)[] = t.map(() => null);
    const max: (number | null)[] = t.map(() => null);
    const last: (number | null)[] = t.map(() => null);
    for (const { at, value } of this.numbers.get(key) ?? []) {
      const index = Math.floor((at - from) / step);
      if (index < 0 || index >= points) continue;
      min[index] = Math.min(min[index] ?? value, value);
      max[index] = Math.max(max[index] ?? value, value);
      last[index] = value;
    }
    return { from, to, t, min, max, last };
  }

  states(key: string, from: number, to: number): StateChange[] {
    return (this.texts.get(key) ?? []).filter(({ at }) => at >= from && at <= to);
  }

  delete(key: string): void {
    this.numbers.delete(key);
    this.texts.delete(key);
  }
}
