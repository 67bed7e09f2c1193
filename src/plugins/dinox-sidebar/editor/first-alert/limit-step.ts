import { readDecimal } from '../../../../base/decimal';
import { parseDuration } from '../../../../base/duration';
import { brokerPath, post } from '../../../../editor/admin-api';
import { el, setText } from '../../../../editor/dom';
import { number, visible } from '../../../../editor/format';
import { seenOf, suggestLimit, suggestNoDataAfter } from '../../../../editor/suggest';
import { select } from '../controls';
import type { Row, SeriesAnswer } from '../rows';
import { chartField } from '../topics/row-painter';
import { labelledField, primary, StatusLine } from './parts';
import type { GuideCondition, GuideStep, StepHost } from './state';
import { shortValue } from './topic-step';

/** Chooses the limit, suggested from observed values, or how long nothing may come. */
export class LimitStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly condition: HTMLSelectElement;
  private readonly limit: HTMLInputElement;
  private readonly noDataAfter: HTMLInputElement;
  private readonly limitRow: HTMLElement;
  private readonly noDataAfterRow: HTMLElement;
  private readonly seen = el('p', 'dxs-note', { role: 'status' });
  private readonly status: StatusLine;
  private readonly fields: readonly string[];
  private picked: string | undefined;
  /** The suggested limit; a typed one is not replaced. */
  private suggested = '';
  private range: ReturnType<typeof seenOf>;

  constructor(private readonly host: StepHost) {
    const { translate, state } = host;
    const { topic } = state;
    this.status = new StatusLine(translate('guide.details'));
    this.fields = Object.keys(topic.fields ?? {});
    this.picked = chartField(topic as Row, undefined);
    const isNumeric = topic.number !== undefined || this.fields.length > 0;
    // A door that is open or closed has no limit between the two.
    const isState = topic.kind === 'boolean';
    const names: GuideCondition[] = isNumeric && !isState ? ['above', 'below', 'nodata'] : ['nodata'];
    // Nothing is known of a topic that was typed.
    if (topic.kind === undefined) names.unshift('above', 'below');
    this.condition = select<GuideCondition>(
      translate('alert.condition'),
      names.map((name) => [name, translate(`alert.${name}`)] as const),
      names[0] ?? 'nodata',
      () => this.changed(),
    );
    const limit = labelledField(translate('alert.limit'), {
      name: 'limit',
      inputmode: 'decimal',
      autocomplete: 'off',
    });
    const noDataAfter = labelledField(
      translate('alert.noDataAfter'),
      { name: 'noDataAfter', autocomplete: 'off' },
      translate('guide.limit.duration'),
    );
    [this.limit, this.limitRow, this.noDataAfter, this.noDataAfterRow] = [
      limit.input,
      limit.row,
      noDataAfter.input,
      noDataAfter.row,
    ];
    this.noDataAfter.value = suggestNoDataAfter(topic);
    const form = el(
      'form',
      'dxs-form',
      { 'aria-label': translate('guide.limit.title'), novalidate: true },
      this.fieldChoice(),
      el('div', 'dxg-field', {}, el('span', 'dxg-label', {}, translate('alert.condition')), this.condition),
      limit.row,
      noDataAfter.row,
      this.seen,
      this.status.element,
      el('div', 'dxs-bar', {}, this.nextButton()),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.done();
    });
    this.element = el(
      'div',
      'dxg-step',
      {},
      el(
        'p',
        'dxg-topic',
        {},
        el('strong', '', {}, visible(topic.topic, 300)),
        el('span', 'dxg-now', {}, shortValue(topic)),
      ),
      form,
    );
    this.changed();
    void this.look();
  }

  focus(): void {
    (this.limitRow.hidden ? this.noDataAfter : this.limit).focus();
  }

  private nextButton(): HTMLButtonElement {
    const next = primary(this.host.translate('guide.next'), 'arrow-right', () => {});
    next.type = 'submit';
    return next;
  }

  /** Chooses a number of a JSON payload. */
  private fieldChoice(): HTMLElement | undefined {
    if (this.picked === undefined || this.fields.length < 2) return undefined;
    const { translate } = this.host;
    const list = select(
      translate('detail.field'),
      this.fields.map((name) => [name, visible(name, 60)] as const),
      this.picked,
      (name) => {
        this.picked = name;
        void this.look();
      },
    );
    return el('div', 'dxg-field', {}, el('span', 'dxg-label', {}, translate('detail.field')), list);
  }

  /** Asks for the observed values, and suggests a limit. */
  private async look(): Promise<void> {
    const { state } = this.host;
    const { topic } = state;
    const now = this.picked === undefined ? topic.number : topic.fields?.[this.picked];
    this.range = seenOf([], [], now);
    this.suggest();
    try {
      const wanted = [{ topic: topic.topic, field: this.picked }];
      const { series } = await post<SeriesAnswer>(brokerPath(state.broker, 'series'), { wanted, points: 96 });
      this.range = seenOf(series[0]?.min ?? [], series[0]?.max ?? [], now);
      this.suggest();
    } catch {
      // Then only the present value is known.
    }
  }

  private suggest(): void {
    const { translate, state } = this.host;
    const { condition, range } = this;
    const side = condition.value;
    const unit = visible(state.topic.unit ?? '', 12);
    const text = range
      ? translate('guide.limit.seen', { min: number(range.min), max: number(range.max), unit }).trim()
      : '';
    setText(this.seen, side === 'nodata' ? '' : text);
    if (side === 'nodata' || !range || this.limit.value !== this.suggested) return;
    this.suggested = String(suggestLimit(range, side === 'below' ? 'below' : 'above'));
    this.limit.value = this.suggested;
  }

  private changed(): void {
    const isNoData = this.condition.value === 'nodata';
    this.limitRow.hidden = isNoData;
    this.noDataAfterRow.hidden = !isNoData;
    this.status.clear();
    this.suggest();
  }

  private done(): void {
    const { translate, state } = this.host;
    const condition = this.condition.value as GuideCondition;
    const input = condition === 'nodata' ? this.noDataAfter : this.limit;
    const isFine =
      condition === 'nodata' ? Boolean(parseDuration(input.value)) : readDecimal(input.value) !== undefined;
    input.toggleAttribute('aria-invalid', false);
    if (!isFine) {
      input.setAttribute('aria-invalid', 'true');
      this.status.show(translate(condition === 'nodata' ? 'guide.limit.noDuration' : 'alert.noLimit'), true);
      input.focus();
      return;
    }
    Object.assign(state, {
      condition,
      limit: this.limit.value,
      noDataAfter: this.noDataAfter.value.trim(),
      field: this.picked,
    });
    this.host.next();
  }
}

/** The rule as a sentence. */
export function ruleSentence({ translate, state }: StepHost): string {
  const { topic, condition, limit, noDataAfter, field: name } = state;
  const what = visible(name === undefined ? topic.topic : `${topic.topic} (${name})`, 200);
  if (condition === 'nodata') return translate('guide.sentence.nodata', { what, noDataAfter });
  const value = `${number(readDecimal(limit) ?? Number.NaN)} ${visible(topic.unit ?? '', 12)}`.trim();
  return translate(`guide.sentence.${condition}`, { what, value });
}
