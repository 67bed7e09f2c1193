/// <reference path="../../../editor/red.d.ts" />
import type { PreviewAnswer } from '../../../alert/preview-answer';
import { el } from '../../../editor/dom';
import { type Translate, visible, withUnit } from '../../../editor/format';
import { spelled } from '../../../editor/spelled';
import { propertyOf } from '../../../editor/suggest';
import { isOnText, type Look } from './fields';
import type { Offer, Suggestion } from './suggest';

/** The dialog's fields, as far as suggestions need them. */
export interface OfferFields {
  look: Look;
  write(property: string, value: string, type?: string): void;
  label(property: string): string;
  offer(property: string, text: string): void;
}

interface OfferButton {
  words: string;
  title: string;
  press(): void;
}

/** The buttons below the chart: what would fit, and what else the messages contain. */
export class Offers {
  readonly element = el('div', 'dal-offers');
  private drawn = '';

  constructor(
    private readonly fields: OfferFields,
    private readonly translate: Translate,
  ) {}

  paint(found: Suggestion | undefined, answer: PreviewAnswer | undefined, unit: string): void {
    const { translate } = this;
    for (const property of ['limit', 'limit2']) {
      this.fields.offer(property, found?.values.find((value) => value.property === property)?.value ?? '');
    }
    const others = answer?.key === undefined ? (answer?.fields ?? []) : [];
    const choices = found?.choices.map((choice) => this.choice(choice, found, unit)) ?? [];
    const fields = others.map((name) => this.field(propertyOf(name)));
    const note = found && choices.length > 0 ? this.reasonOf(found, answer?.seen, unit) : '';
    this.element.hidden = choices.length + fields.length === 0;
    const drawn = JSON.stringify([[...choices, ...fields].map(({ title }) => title), note]);
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    const line = (lead: string, buttons: readonly OfferButton[]): HTMLElement[] =>
      buttons.length === 0 ? [] : [el('span', 'dal-lead', {}, translate(lead)), ...buttons.map(shown)];
    this.element.replaceChildren(
      ...line('suggest.lead', choices),
      ...(note ? [el('span', 'dal-reason', {}, note)] : []),
      ...line('suggest.fields', fields),
    );
  }

  private field(property: string): OfferButton {
    const words = visible(property, 80);
    return {
      words,
      title: this.translate('suggest.takeValue', { value: words }),
      press: () => this.fields.write('property', property, 'msg'),
    };
  }

  private choice(choice: readonly Offer[], found: Suggestion, unit: string): OfferButton {
    const words = found.usual ? this.usualWords(found, unit) : this.plainWords(choice, found, unit);
    const about = found.usual ? 'condition' : (choice[0]?.property ?? '');
    return {
      words,
      title: this.translate('suggest.take', { value: words, field: this.fields.label(about) }),
      press: () => {
        for (const { property, value, type } of choice) this.fields.write(property, value, type);
      },
    };
  }

  private plainWords(choice: readonly Offer[], { rate }: Suggestion, unit: string): string {
    return choice
      .filter(({ property }) => property !== 'condition')
      .map(({ value, property, type }) => {
        if (property === 'noDataAfter') return spelled(value, this.translate);
        return type === 'str'
          ? this.translate('suggest.quoted', { text: visible(value, 30) })
          : withUnit(Number(value), rate && unit ? `${unit}/min` : unit);
      })
      .join(' … ');
  }

  /** `above -15 °C for 5 min` */
  private usualWords({ usual, field }: Suggestion, unit: string): string {
    const { translate } = this;
    if (!usual) return '';
    const { condition, limit, holdFor } = usual;
    const value = isOnText(condition)
      ? translate('suggest.quoted', { text: limit })
      : withUnit(Number(limit), unit);
    const hold = holdFor ? translate('sentence.hold', { time: spelled(holdFor, translate) }) : '';
    const words = translate(`suggest.usual.${condition}`, { value, hold }).replace(/ +/g, ' ').trim();
    return field === undefined ? words : `${visible(propertyOf(field), 60)} ${words}`;
  }

  private reasonOf(
    { why, values, rate, usual }: Suggestion,
    seen: PreviewAnswer['seen'],
    unit: string,
  ): string {
    const { translate } = this;
    if (usual) return translate(`suggest.${why}`);
    const written = rate && unit ? `${unit}/min` : unit;
    if (!seen || values.length === 0) return why === 'pause' ? translate('suggest.pause') : '';
    return translate(`suggest.${why}`, {
      min: withUnit(seen.min, written),
      max: withUnit(seen.max, written),
    });
  }
}

function shown({ words, title, press }: OfferButton): HTMLElement {
  const look = 'red-ui-button red-ui-button-small';
  const button = el('button', look, { type: 'button', title, 'aria-label': title }, words);
  button.addEventListener('click', press);
  return button;
}
