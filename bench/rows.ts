import type { Row } from './results';

/** Collects one value for each round, by case, variant and unit. */
export class Rows {
  private readonly rows = new Map<string, Row & { samples: number[] }>();

  add(what: Row['case'], variant: string, unit: Row['unit'], value: number): void {
    const key = JSON.stringify([what, variant, unit]);
    const row = this.rows.get(key) ?? { case: what, variant, unit, samples: [] };
    row.samples.push(Math.round(value * 1_000) / 1_000);
    this.rows.set(key, row);
  }

  get all(): Row[] {
    return [...this.rows.values()];
  }
}
