import type { PreviewAnswer } from '../../../../alert/preview-answer';
import { readDecimal } from '../../../../base/decimal';
import { parseDuration } from '../../../../base/duration';
import { breakable, el, setText } from '../../../../editor/dom';
import { number, visible, withUnit } from '../../../../editor/format';
import { hasLimit, type KnownValue, usualAlert } from '../../../../editor/measured';
import { seenOf, suggestHysteresis, suggestLimit, suggestNoDataAfter } from '../../../../editor/suggest';
import { select } from '../controls';
import type { Row } from '../rows';
import { chartField } from '../topics/row-painter';
import { LimitChart } from './limit-chart';
import { labelledField, primary, StatusLine } from './parts';
import type { GuideCondition, GuideState, GuideStep, KnownTopic, StepHost } from './state';
import { shortValue } from './topic-step';
import { presentValues } from './wildcard';

/** A field whose suggestion is replaced until somebody types another text. */
class OfferedField {
  private offered = '';

  constructor(
    readonly input: HTMLInputElement,
    readonly row: HTMLElement,
  ) {}

  offer(value: string): void {
    if (!this.isOffered) return;
    this.offered = value;
    this.input.value = value;
  }

  get isOffered(): boolean {
    return this.input.value === this.offered;
  }

  get value(): string {
    return this.input.value.trim();
  }
}

/** Chooses the limit and for how long, suggested by what is measured or what was seen, or how long nothing may come. */
export class LimitStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly condition: HTMLSelectElement;
  private readonly limit: OfferedField;
  private readonly holdFor: OfferedField;
  private readonly noDataAfter: OfferedField;
  private readonly now = el('span', 'dxg-now');
  private readonly seen = el('p', 'dxs-note', { role: 'status' });
  private readonly status: StatusLine;
  private readonly fields: readonly string[];
  private readonly chart: LimitChart;
  private picked: string | undefined;
  /** True once somebody chose the condition. */
  private isChosen = false;
  private hysteresis = '';
  private called = '';
  private unit: string;
  private range: ReturnType<typeof seenOf>;

  constructor(private readonly host: StepHost) {
    const { translate, state } = host;
    const { topic } = state;
    this.status = new StatusLine(translate('guide.details'));
    this.fields = [...(topic.states?.keys() ?? []), ...Object.keys(topic.fields ?? {})];
    // A door is chosen for the door, and not for its battery.
    this.picked =
      this.fields.find((field) => this.stateOf(field) !== undefined && usualAlert(this.knownOf(field))) ??
      chartField(topic as Row, undefined) ??
      this.fields[0];
    this.unit = topic.unit ?? '';
    this.condition = select<GuideCondition>(translate('alert.condition'), [], 'nodata', () => {
      this.isChosen = true;
      this.changed();
    });
    this.offerConditions();
    this.limit = this.field('limit', translate('alert.limit'));
    this.holdFor = this.field('holdFor', translate('guide.limit.holdFor'), translate('guide.limit.hold'));
    this.noDataAfter = this.field(
      'noDataAfter',
      translate('alert.noDataAfter'),
      translate('guide.limit.duration'),
    );
    this.noDataAfter.offer(suggestNoDataAfter(topic));
    this.chart = new LimitChart(host, {
      state: () => ({ ...state, ...this.choices }),
      moved: (value) => {
        this.limit.input.value = String(value);
        this.changed();
      },
      answered: (answer) => this.take(answer),
    });
    const form = el(
      'form',
      'dxs-form',
      { 'aria-label': translate('guide.limit.title'), novalidate: true },
      el(
        'div',
        'dxg-pair',
        {},
        this.fieldChoice(),
        el('div', 'dxg-field', {}, el('span', 'dxg-label', {}, translate('alert.condition')), this.condition),
        this.limit.row,
        this.noDataAfter.row,
        this.holdFor.row,
      ),
      this.seen,
      this.chart.element,
      this.status.element,
      el('div', 'dxs-bar dxg-foot', {}, this.nextButton()),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.done();
    });
    this.element = el(
      'div',
      'dxg-step',
      {},
      el('p', 'dxg-topic', {}, el('strong', '', {}, ...breakable(visible(topic.topic, 300))), this.now),
      form,
    );
    this.look();
  }

  focus(): void {
    (this.limit.row.hidden ? this.noDataAfter : this.limit).input.focus();
  }

  run(on: boolean): void {
    this.chart.run(on);
  }

  destroy(): void {
    this.chart.destroy();
  }

  private field(name: string, label: string, help?: string): OfferedField {
    const attributes = { name, autocomplete: 'off', ...(name === 'limit' && { inputmode: 'decimal' }) };
    const { input, row } = labelledField(label, attributes, help);
    input.addEventListener('input', () => this.changed());
    return new OfferedField(input, row);
  }

  private nextButton(): HTMLButtonElement {
    const next = primary(this.host.translate('guide.next'), 'arrow-right', () => {});
    next.type = 'submit';
    return next;
  }

  /** Chooses a value of a JSON payload. */
  private fieldChoice(): HTMLElement | undefined {
    if (this.picked === undefined || this.fields.length < 2) return undefined;
    const { translate } = this.host;
    const list = select(
      translate('detail.field'),
      this.fields.map((name) => [name, visible(name, 60)] as const),
      this.picked,
      (name) => {
        this.picked = name;
        this.called = '';
        this.unit = '';
        this.offerConditions();
        this.look();
      },
    );
    return el('div', 'dxg-field', {}, el('span', 'dxg-label', {}, translate('detail.field')), list);
  }

  /** The conditions that the value can meet; the chosen one stays if it can. */
  private offerConditions(): void {
    const { translate, state } = this.host;
    const before = this.isChosen ? this.chosen : undefined;
    const names = conditionsOf(state.topic, this.picked);
    this.condition.replaceChildren(
      ...names.map((name) => el('option', '', { value: name }, translate(`alert.${name}`))),
    );
    this.isChosen = before !== undefined && names.includes(before);
    this.condition.value = (this.isChosen && before) || names[0] || 'nodata';
  }

  /** The text of what is on or off, open or closed; undefined for a number. */
  private stateOf(field: string | undefined): string | undefined {
    const { kind, states, text } = this.host.state.topic;
    if (field !== undefined) return states?.get(field);
    return kind === 'boolean' || kind === 'text' ? text : undefined;
  }

  /** What is chosen says, and not the JSON around it. */
  private paintNow(): void {
    const { topic } = this.host.state;
    const number = this.picked === undefined ? undefined : topic.fields?.[this.picked];
    const shown = number === undefined ? this.stateOf(this.picked) : withUnit(number, this.unit);
    setText(this.now, visible(shown ?? shortValue(topic), 80));
  }

  /** Begins with the present value; the recorded ones come with the chart. */
  private look(): void {
    this.paintNow();
    this.range = seenOf(presentValues(this.host.state.topic, this.picked), [], undefined);
    this.changed();
  }

  private take(answer: PreviewAnswer): void {
    const { topic } = this.host.state;
    this.called = answer.called ?? '';
    this.unit = answer.unit || this.unit;
    this.paintNow();
    const present = presentValues(topic, this.picked);
    this.range = seenOf(present, answer.seen ? [answer.seen.min, answer.seen.max] : [], undefined);
    const before = JSON.stringify(this.choices);
    this.suggest();
    if (JSON.stringify(this.choices) !== before) this.chart.changed();
  }

  private knownOf(field: string | undefined): KnownValue {
    const { topic } = this.host.state;
    return {
      topic: topic.topic,
      field,
      // The first one of several devices says nothing about the others.
      name: topic.others ? undefined : this.called,
      unit: this.unit,
      state: this.stateOf(field),
    };
  }

  private get chosen(): GuideCondition {
    return this.condition.value as GuideCondition;
  }

  private get choices(): Pick<
    GuideState,
    'condition' | 'limit' | 'holdFor' | 'hysteresis' | 'noDataAfter' | 'field' | 'called' | 'unit'
  > {
    return {
      condition: this.chosen,
      limit: this.limit.value,
      holdFor: this.holdFor.value,
      hysteresis: this.hysteresis,
      noDataAfter: this.noDataAfter.value,
      field: this.picked,
      called: this.called,
      unit: this.unit,
    };
  }

  private suggest(): void {
    const { translate } = this.host;
    const { range } = this;
    const known = this.knownOf(this.picked);
    const usual = usualAlert(known);
    const options = [...this.condition.options].map(({ value }) => value);
    // A limit that somebody typed belongs to the condition that was seen then.
    const isFree = !this.isChosen && this.limit.isOffered;
    if (isFree && usual && options.includes(usual.condition)) this.condition.value = usual.condition;
    const condition = this.chosen;
    const isNumeric = condition === 'above' || condition === 'below';
    const isUsual = usual?.condition === condition;
    if (usual && isUsual) {
      this.limit.offer(usual.limit);
      this.holdFor.offer(usual.holdFor);
    } else {
      const isKnown = isNumeric && range && hasLimit(known);
      this.limit.offer(isKnown ? String(suggestLimit(range, condition)) : '');
      this.holdFor.offer('');
    }
    const limit = readDecimal(this.limit.value);
    if (usual && isUsual) this.hysteresis = usual.hysteresis;
    else if (isNumeric && range && limit !== undefined) {
      this.hysteresis = String(suggestHysteresis(range, limit));
    } else this.hysteresis = '';
    this.limit.row.hidden = condition === 'nodata';
    // A door has no limit.
    const label = this.limit.row.querySelector('label');
    if (label) setText(label, translate(condition === 'equals' ? 'guide.limit.state' : 'alert.limit'));
    this.holdFor.row.hidden = condition === 'nodata';
    this.noDataAfter.row.hidden = condition !== 'nodata';
    const unit = visible(this.unit, 12);
    const seen =
      isNumeric && range
        ? translate('guide.limit.seen', { min: number(range.min), max: number(range.max), unit }).trim()
        : '';
    const why = usual && isUsual ? translate(`guide.limit.usual.${usual.measured}`) : '';
    setText(this.seen, [seen, why].filter(Boolean).join(' · '));
  }

  private changed(): void {
    this.status.clear();
    this.suggest();
    this.chart.changed();
  }

  /** The field that cannot work, and why. */
  private get fault(): { field: OfferedField; why: string } | undefined {
    const isDuration = (text: string): boolean => Boolean(parseDuration(text));
    switch (this.chosen) {
      case 'nodata':
        return isDuration(this.noDataAfter.value)
          ? undefined
          : { field: this.noDataAfter, why: 'guide.limit.noDuration' };
      case 'equals':
        if (this.limit.value === '') return { field: this.limit, why: 'guide.limit.noState' };
        break;
      default:
        if (readDecimal(this.limit.value) === undefined) return { field: this.limit, why: 'alert.noLimit' };
    }
    return this.holdFor.value === '' || parseDuration(this.holdFor.value) !== undefined
      ? undefined
      : { field: this.holdFor, why: 'guide.limit.noDuration' };
  }

  private done(): void {
    const { fault } = this;
    for (const { input } of [this.limit, this.holdFor, this.noDataAfter])
      input.toggleAttribute('aria-invalid', false);
    if (fault) {
      fault.field.input.setAttribute('aria-invalid', 'true');
      this.status.show(this.host.translate(fault.why), true);
      fault.field.input.focus();
      return;
    }
    Object.assign(this.host.state, this.choices);
    this.host.next();
  }
}

/** The conditions that a value can meet, the first one chosen. */
function conditionsOf(
  { kind, number: value, fields, states }: KnownTopic,
  field: string | undefined,
): GuideCondition[] {
  if (field !== undefined && states?.has(field)) return ['equals', 'nodata'];
  // Nothing is known of a topic that was typed.
  if (kind === undefined) return ['above', 'below', 'equals', 'nodata'];
  // A door that is open or closed has no limit between the two.
  if (kind === 'boolean' || kind === 'text') return ['nodata', 'equals'];
  return value !== undefined || fields !== undefined ? ['above', 'below', 'nodata'] : ['nodata'];
}
