import type { PreviewAnswer } from '../../../../alert/preview-answer';
import { readDecimal } from '../../../../base/decimal';
import { brokerPath, post } from '../../../../editor/admin-api';
import { DayChart } from '../../../../editor/chart/day-chart';
import { el, setText } from '../../../../editor/dom';
import { visible } from '../../../../editor/format';
import { askPreview } from './rule';
import type { GuideState, StepHost } from './state';

/** Pixels: the whole step has to fit beside a small editor. */
const HEIGHT = 120;
const POINTS = 144;
/** Milliseconds after the last key until it asks, and between two questions while somebody looks. */
const TYPED = 250;
const AGAIN = 10_000;
const AGAIN_EMPTY = 1_500;

export interface LimitChartOptions {
  /** The choices as they are now. */
  state(): GuideState;
  /** Called when the limit is dragged. */
  moved(value: number): void;
  answered(answer: PreviewAnswer): void;
}

/** The last day of the value with its limit, and how often the alert would have fired. */
export class LimitChart {
  readonly element: HTMLElement;
  private readonly verdict = el('p', 'dxs-note dxg-verdict', { role: 'status' });
  private readonly chart: DayChart;
  private timer: number | undefined;
  private running = false;
  private asked = 0;

  constructor(
    private readonly host: StepHost,
    private readonly options: LimitChartOptions,
  ) {
    this.chart = new DayChart((_field, value) => options.moved(value), HEIGHT);
    this.chart.element.hidden = true;
    this.element = el('div', 'dxg-day', {}, this.chart.element, this.verdict);
  }

  run(on: boolean): void {
    this.running = on;
    this.ask(on ? 0 : undefined);
  }

  changed(): void {
    // An answer that is under way is about other choices.
    this.asked += 1;
    if (this.running) this.ask(TYPED);
  }

  destroy(): void {
    this.run(false);
    this.explore(false);
    this.chart.destroy();
  }

  private explore(on: boolean): void {
    const { broker } = this.host.state;
    void post(brokerPath(broker, 'explore'), { on }).catch(() => {});
  }

  private ask(after: number | undefined): void {
    window.clearTimeout(this.timer);
    this.timer = after === undefined ? undefined : window.setTimeout(() => void this.fetch(), after);
  }

  private async fetch(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const { options } = this;
    // No flow receives the topic yet, and the values of this minute are to be seen.
    this.explore(true);
    try {
      const answer = await askPreview(options.state(), '', POINTS);
      if (mine !== this.asked || !this.running) return;
      options.answered(answer);
      this.paint(answer);
      // It changed what is suggested, and is asked anew.
      if (mine !== this.asked) return;
    } catch {
      // Without it the present value is known, and the guide goes on.
      if (mine !== this.asked || !this.running) return;
      this.chart.element.hidden = true;
      setText(this.verdict, '');
    }
    this.ask(this.chart.element.hidden ? AGAIN_EMPTY : AGAIN);
  }

  private paint(answer: PreviewAnswer): void {
    const { translate } = this.host;
    const { condition, hysteresis, limit: typed } = this.options.state();
    const isDrawn = answer.series !== undefined || answer.states !== undefined;
    this.chart.element.hidden = !isDrawn;
    const verdict = isDrawn ? this.verdictOf(answer) : '';
    setText(this.verdict, verdict);
    if (!isDrawn) return;
    const limit = readDecimal(typed);
    const isNumeric = condition === 'above' || condition === 'below';
    const band = readDecimal(hysteresis) ?? 0;
    this.chart.draw(answer, {
      limits: isNumeric
        ? [
            {
              ...{ field: 'limit', label: translate('alert.limit'), value: limit, severe: false },
              ...{ least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY },
            },
          ]
        : [],
      bands:
        isNumeric && limit !== undefined && band > 0
          ? [[limit, limit + (condition === 'above' ? -band : band)]]
          : [],
      unit: visible(answer.unit, 12),
      about: [visible(answer.key ?? '', 200), translate('guide.limit.day'), verdict].join('. '),
    });
  }

  private verdictOf({ alerts, total, spans, to, why }: PreviewAnswer): string {
    const { translate } = this.host;
    if (why !== undefined || alerts === undefined) return '';
    if (total && total.keys > 1)
      return translate('guide.limit.of', { fired: total.firedKeys, keys: total.keys, count: total.alerts });
    const key = alerts === 0 ? 'never' : alerts === 1 ? 'once' : 'times';
    const isOpen = spans?.some((span) => (span[1] ?? 0) >= to);
    const said = translate(`guide.limit.${key}`, { count: alerts });
    return isOpen ? `${said} ${translate('guide.limit.now')}` : said;
  }
}
