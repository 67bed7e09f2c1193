import { readDecimal } from '../../../../base/decimal';
import { parseDuration } from '../../../../base/duration';
import { el } from '../../../../editor/dom';
import { number, type Translate } from '../../../../editor/format';
import { type UsualAlert, usualAlert } from '../../../../editor/measured';
import { suggestNoDataAfter } from '../../../../editor/suggest';
import { button, select } from '../controls';
import { note } from '../notes';
import { isStale, type Row } from '../rows';
import { placeAlert } from './flow-nodes';

type Condition = 'above' | 'below' | 'nodata';
type UsualLimit = UsualAlert & { condition: 'above' | 'below' };

export interface WatchedTopic {
  row: Row;
  /** The number of its JSON that is shown. */
  field: string | undefined;
  /** The name and the unit that its device announces; empty where there are none. */
  name: string;
  unit: string;
  now: number;
}

/** The form below a chart that places an alert with its limit. */
export class AlertForm {
  readonly element = el('div', 'dxs-form');
  private readonly limit: HTMLInputElement;

  /**
   * @param watched what the alert is to watch.
   * @param place the connection and the topic as a flow names it.
   * @param limited called with the limit that is shown; undefined: none is.
   */
  constructor(
    private readonly translate: Translate,
    private readonly watched: () => WatchedTopic | undefined,
    private readonly place: () => { broker: string; topic: string },
    private readonly limited: (limit: number | undefined) => void,
  ) {
    this.limit = el('input', 'dxs-input dxs-short', {
      type: 'text',
      inputmode: 'decimal',
      'aria-label': translate('alert.limit'),
    });
    this.limit.addEventListener('input', () => this.showLimit());
    this.element.hidden = true;
  }

  toggle(): void {
    const open = this.element.hidden;
    this.element.hidden = !open;
    if (open) this.fill();
    this.showLimit();
  }

  /** Takes a limit that was picked in the chart. */
  pick(value: number): void {
    if (this.element.hidden) this.toggle();
    this.limit.value = String(value);
    this.showLimit();
  }

  private fill(): void {
    const { translate } = this;
    const watched = this.watched();
    if (!watched) return;
    const { row, field } = watched;
    const value = field === undefined ? row.number : row.fields?.[field];
    const stale = value === undefined || isStale(row, watched.now);
    const usual = usualLimit(watched);
    if (this.limit.value === '' && value !== undefined)
      this.limit.value = usual?.limit ?? number(value + Math.max(1, Math.abs(value) * 0.1));
    const known = value === undefined ? [] : (['above', 'below'] as const);
    const condition = select<Condition>(
      translate('alert.condition'),
      [...known, 'nodata' as const].map((one) => [one, translate(`alert.${one}`)] as const),
      stale ? 'nodata' : (usual?.condition ?? 'above'),
      () => update(),
    );
    const noDataAfter = el('input', 'dxs-input dxs-short', {
      type: 'text',
      'aria-label': translate('alert.noDataAfter'),
    });
    noDataAfter.value = suggestNoDataAfter(row);
    const update = (): void => {
      const nodata = condition.value === 'nodata';
      this.limit.hidden = nodata;
      noDataAfter.hidden = !nodata;
      this.showLimit();
    };
    const make = button({ icon: 'bell-o', text: translate('alert.place'), class: 'dxs-primary' }, () =>
      this.make(condition.value as Condition, noDataAfter.value, field, usual),
    );
    this.element.replaceChildren(
      el('div', 'dxs-bar', {}, condition, this.limit, noDataAfter, make),
      el('span', 'dxs-note', {}, translate('alert.help')),
    );
    for (const input of [this.limit, noDataAfter])
      input.addEventListener('keydown', (event) => event.stopPropagation());
    update();
  }

  private make(
    condition: Condition,
    noDataAfter: string,
    field: string | undefined,
    usual: UsualLimit | undefined,
  ): void {
    const limit = readDecimal(this.limit.value);
    const isMissing = condition === 'nodata';
    if (isMissing ? !parseDuration(noDataAfter) : limit === undefined) {
      note(this.translate(isMissing ? 'guide.limit.noDuration' : 'alert.noLimit'), 'error');
      return;
    }
    // The nodes then hang on the pointer, and the flow has to be visible.
    this.element.closest('dialog')?.close();
    const { broker, topic } = this.place();
    placeAlert(broker, topic, {
      condition,
      limit: isMissing ? undefined : limit,
      ...(isMissing ? { noDataAfter } : {}),
      // However the limit was moved: a battery recovers a little, and a freezer is opened for a minute.
      ...(usual?.condition === condition && { hysteresis: usual.hysteresis, holdFor: usual.holdFor }),
      field,
    });
  }

  private showLimit(): void {
    const isShown = !this.element.hidden && !this.limit.hidden;
    this.limited(isShown ? readDecimal(this.limit.value) : undefined);
  }
}

/** What is usual for the number, as far as a limit says it. */
function usualLimit({ row, field, name, unit }: WatchedTopic): UsualLimit | undefined {
  const usual = usualAlert({ topic: row.topic, field, name, unit });
  const condition = usual?.condition;
  return usual && (condition === 'above' || condition === 'below') ? { ...usual, condition } : undefined;
}
