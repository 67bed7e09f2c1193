import { DAY, HOUR } from '../../../../base/time-units';
import { brokerPath, post } from '../../../../editor/admin-api';
import { Chart } from '../../../../editor/chart/chart';
import { clock, weekday } from '../../../../editor/chart/scale';
import { download, el, setText, toggle } from '../../../../editor/dom';
import { csvField, fileName, type Translate, time, visible, withUnit } from '../../../../editor/format';
import { button } from '../controls';
import type { SeriesAnswer } from '../rows';

/** Time spans to choose from, in hours: the week where the connection keeps one. */
const SPANS = [1 / 6, 1, 6, 24, 168] as const;
const LONGEST = 24;
const POINTS = 480;
/** Milliseconds between two updates of the chart. */
const FOLLOW = 5_000;

export interface WantedCurve {
  topic: string;
  field: string | undefined;
  /** Longest pause that is no gap, in milliseconds. */
  bridge: number;
  unit: string;
}

/** The chart of a topic with its time spans, comparison and export. */
export class ChartPanel {
  readonly element: HTMLElement;
  private readonly chart: Chart;
  private readonly legend = el('div', 'dxs-legend', { 'aria-live': 'off' });
  /** What line and band stand for. */
  private readonly band: HTMLElement;
  private readonly choice: HTMLElement;
  private readonly spans: HTMLButtonElement[];
  private wanted: WantedCurve[] = [];
  private broker = '';
  /** Time span in hours; undefined: everything recorded. */
  private span: number | undefined;
  private zoom: { from: number; to: number } | undefined;
  private asked = 0;
  private answer: SeriesAnswer | undefined;
  private limit: number | undefined;
  private timer: number | undefined;

  constructor(
    private readonly translate: Translate,
    private readonly limitPicked: (value: number) => void,
    more: readonly HTMLElement[] = [],
    height: () => number = () => 180,
  ) {
    this.chart = new Chart({
      height,
      room: 10,
      moved: (_field, value) => this.limitPicked(value),
      picked: (value) => this.limitPicked(value),
      zoomed: (from, to) => this.zoomTo(from, to),
      pointed: (at, values) => this.point(at, values),
    });
    this.band = el(
      'div',
      'dxs-legend dxs-band-legend',
      {},
      el('span', 'dxs-swatch-line'),
      translate('chart.line'),
      el('span', 'dxs-swatch-band'),
      translate('chart.band'),
    );
    this.band.hidden = true;
    this.spans = SPANS.map((hours) => button({ text: spanText(hours, translate) }, () => this.choose(hours)));
    this.choice = el('div', 'dxs-segment', { role: 'group', 'aria-label': translate('chart.span') });
    this.offer(LONGEST);
    this.element = el(
      'div',
      'dxs-chart-panel',
      {},
      el(
        'div',
        'dxs-bar',
        {},
        this.choice,
        el('span', 'dxs-grow'),
        ...more,
        button({ icon: 'table', label: translate('chart.csv') }, () => this.saveCsv()),
        button({ icon: 'picture-o', label: translate('chart.png') }, () => void this.savePng()),
      ),
      this.chart.element,
      this.legend,
      this.band,
    );
    this.element.title = translate('chart.help');
    this.markSpan();
  }

  show(broker: string, wanted: WantedCurve[]): void {
    const same = broker === this.broker && JSON.stringify(wanted) === JSON.stringify(this.wanted);
    this.broker = broker;
    this.wanted = wanted;
    if (!same) this.zoom = undefined;
    void this.load();
  }

  /** Follows new values while `on`. */
  follow(on: boolean): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
    if (on) this.timer = window.setInterval(() => !this.zoom && void this.load(), FOLLOW);
  }

  /** Sets the limit of an alert, which can be dragged; undefined: none is shown. */
  setLimit(limit: number | undefined): void {
    if (this.limit === limit) return;
    this.limit = limit;
    this.draw();
  }

  destroy(): void {
    this.follow(false);
    this.chart.destroy();
  }

  private choose(hours: number): void {
    this.span = hours;
    this.zoom = undefined;
    this.markSpan();
    void this.load();
  }

  /** The spans up to this one, in hours; a deploy may end the week. */
  private offer(longest: number): void {
    for (const [i, element] of this.spans.entries()) {
      const isKept = (SPANS[i] ?? 0) <= longest;
      if (isKept !== this.choice.contains(element)) isKept ? this.choice.append(element) : element.remove();
    }
    if (this.span !== undefined && this.span > longest) this.choose(longest);
  }

  private markSpan(): void {
    for (const [i, element] of this.spans.entries()) {
      const on = !this.zoom && SPANS[i] === this.span;
      toggle(element, 'dxs-on', on);
      element.setAttribute('aria-pressed', String(on));
    }
  }

  private zoomTo(from: number, to: number): void {
    this.zoom = to > from ? { from, to } : undefined;
    this.markSpan();
    void this.load();
  }

  private async load(): Promise<void> {
    if (this.wanted.length === 0) return;
    this.asked += 1;
    const mine = this.asked;
    const body = { points: POINTS, wanted: this.wanted, aligned: true, fit: !this.zoom, ...this.range() };
    try {
      const answer = await post<SeriesAnswer>(brokerPath(this.broker, 'series'), body);
      if (mine !== this.asked || !this.element.isConnected) return;
      this.answer = answer;
      this.offer(Math.max(LONGEST, answer.reach / HOUR));
      if (this.span === undefined) {
        const hours = (answer.to - answer.from) / HOUR;
        this.choose(SPANS.find((span) => span >= hours) ?? LONGEST);
        return;
      }
      this.draw();
    } catch {
      // The list shows the fault.
    }
  }

  private range(): { from?: number; to?: number } {
    if (this.zoom) return this.zoom;
    return this.span === undefined ? {} : { from: Date.now() - this.span * HOUR };
  }

  private draw(): void {
    const { answer, limit, translate } = this;
    if (!answer) return;
    const { from, to, series } = answer;
    this.band.hidden = !series.some(({ min, max }) => min.some((low, i) => low !== null && low !== max[i]));
    const bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
    this.chart.draw({
      ...{ from, to, unit: this.wanted.length === 1 ? (this.wanted[0]?.unit ?? '') : '' },
      curves: series.map((one, place) => ({ ...one, bridge: this.wanted[place]?.bridge ?? HOUR })),
      limits:
        limit === undefined
          ? []
          : [{ field: 'limit', label: translate('alert.limit'), value: limit, severe: true, ...bounds }],
      about: `${this.wanted.map((one) => visible(labelOf(one), 100)).join(', ')}. ${this.rangesOf(answer)}`,
    });
  }

  /** Shows the values at the pointer; without one, the range of the shown values. */
  private point(at: number | undefined, values: readonly (number | null)[]): void {
    const { answer } = this;
    if (!answer) return;
    const words = values.map((value, place) =>
      this.named(place, value === null ? '–' : withUnit(value, this.wanted[place]?.unit ?? '')),
    );
    const isLong = answer.to - answer.from > 2 * DAY;
    const when = (moment: number): string =>
      isLong ? `${weekday(moment)} ${clock(moment)}` : time(moment, answer.now);
    setText(this.legend, at === undefined ? this.rangesOf(answer) : `${when(at)}  ${words.join('   ')}`);
  }

  private rangesOf({ series }: SeriesAnswer): string {
    const words = series.map(({ min, max, mean }, place) => {
      const low = Math.min(...min.filter((value) => value !== null));
      const high = Math.max(...max.filter((value) => value !== null));
      if (low > high) return this.named(place, this.translate('chart.nothing'));
      const unit = this.wanted[place]?.unit ?? '';
      const values = {
        min: withUnit(low, unit),
        mean: withUnit(rounded(mean ?? low, low, high), unit),
        max: withUnit(high, unit),
      };
      return this.named(place, this.translate('chart.summary', values));
    });
    return words.join('   ');
  }

  /** Adds the curve's name, if there are several. */
  private named(place: number, words: string): string {
    return this.wanted.length > 1 ? `${visible(labelOf(this.wanted[place]), 60)}: ${words}` : words;
  }

  /** Saves all recorded values of the shown curves, one line per point in time. */
  private saveCsv(): void {
    const { answer } = this;
    if (!answer) return;
    const names = answer.series.flatMap((_, i) => {
      const label = labelOf(this.wanted[i]);
      return [label, `${label} min`, `${label} max`].map(csvField);
    });
    const rows = [['time', ...names].join(',')];
    const points = answer.series[0]?.last.length ?? 0;
    for (let i = 0; i < points; i++) {
      const at = new Date(answer.from + ((i + 0.5) / points) * (answer.to - answer.from)).toISOString();
      const values = answer.series.flatMap(({ min, max, last }) => [last[i], min[i], max[i]]);
      if (values.every((value) => value === null || value === undefined)) continue;
      rows.push([at, ...values.map((value) => csvField(value ?? null))].join(','));
    }
    download(
      fileName(this.wanted[0]?.topic ?? '', 'csv'),
      new Blob([`${rows.join('\r\n')}\r\n`], { type: 'text/csv' }),
    );
  }

  private async savePng(): Promise<void> {
    const blob = await this.chart.toBlob();
    if (blob) download(fileName(this.wanted[0]?.topic ?? '', 'png'), blob);
  }
}

function spanText(hours: number, translate: Translate): string {
  if (hours < 1) return translate('chart.minutes', { n: 60 * hours });
  return hours > LONGEST
    ? translate('chart.days', { n: hours / 24 })
    : translate('chart.hours', { n: hours });
}

function labelOf(one: WantedCurve | undefined): string {
  return one ? one.topic + (one.field ? ` · ${one.field}` : '') : '';
}

/** A mean with as many digits as tell it from its neighbours. */
function rounded(mean: number, low: number, high: number): number {
  const span = high - low;
  return span > 0 ? Number(mean.toFixed(Math.min(9, Math.max(0, 2 - Math.floor(Math.log10(span)))))) : mean;
}
