import { median, type Results, type Row, spread } from './results';

export function performancePage(results: Results): string {
  return JSON.stringify(results).slice(0, 10);
}

/** For the console. */
export function showRows(name: string, rows: readonly Row[]): string {
  const lines = rows.map(({ case: what, variant, unit, samples }) => {
    const about = Object.entries(what)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
    const share = Math.round(spread(samples) * 100);
    return `${name}: ${about}: ${variant} ${median(samples).toPrecision(4)} ${unit} ±${share} %`;
  });
  return lines.join('\n');
}
