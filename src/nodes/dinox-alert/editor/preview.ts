/// <reference path="../../../editor/red.d.ts" />
import './preview.css';
import type { PreviewAnswer } from '../../../alert/preview-answer';
import { type ApiError, post } from '../../../editor/admin-api';
import { DayChart } from '../../../editor/chart/day-chart';
import { clock } from '../../../editor/chart/scale';
import { el, setText } from '../../../editor/dom';
import { visible, visibleLines, withUnit } from '../../../editor/format';
import { MessageField } from '../../../editor/message-field';
import { readText } from '../../../editor/texts';
import { type Upstream, upstreamOf } from '../../../editor/topics/upstream';
import { ALERT_PLACEHOLDERS } from '../message-placeholders';
import { RULE_FIELDS } from '../rule-fields';
import { isForDevices, isOnText, type Look } from './fields';
import { bandsOf, limitsOf } from './limit-lines';
import { Offers } from './offers';
import { sentence } from './sentence';
import { type Suggestion, suggest, wordOf } from './suggest';
import { TestButton } from './test-button';

export interface DayPreviewOptions {
  node: EditorNode;
  place: HTMLElement;
  /** Reads the fields. */
  look: Look;
  write(property: string, value: string, type?: string): void;
  /** The name of a field. */
  label(property: string): string;
  /** The text area with the template, and the place for what it says. */
  message: JQuery;
  said: HTMLElement | null;
  /** Offers a text for an empty field. */
  offer(property: string, text: string): void;
  /** True if something was typed since the dialog was opened. */
  isChanged(): boolean;
}

const POINTS = 288;
/** Milliseconds after the last key until it asks, and between two questions. */
const TYPED = 200;
const AGAIN = 60_000;
const AGAIN_EMPTY = 5_000;
const MAX_NAMED = 3;
const PLACEHOLDERS = ALERT_PLACEHOLDERS.map((name) => ({ name, insert: `{{ ${name} }}` }));

/** The last day of the watched values, with the limits as typed and the times at which the node would have fired. */
export class DayPreview {
  private readonly sentence = el('p', 'dal-sentence');
  private readonly keys = el('select', 'dal-keys');
  private readonly head = el('div', 'dal-head');
  private readonly title = el('span', 'dal-title');
  private readonly summary = el('p', 'dal-verdict', { role: 'status' });
  private readonly empty = el('div', 'dal-empty');
  private readonly offers: Offers;
  private readonly box = el('div', 'dal-box');
  private readonly chart: DayChart;
  private readonly test: TestButton;
  private readonly message: MessageField;
  private readonly upstream: Upstream;
  private answer: PreviewAnswer | undefined;
  private failure = '';
  private key: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = false;
  /** The last question, and if another one follows when its answer comes. */
  private asked = '';
  private stale = true;

  constructor(private readonly options: DayPreviewOptions) {
    const { node, place } = options;
    this.upstream = upstreamOf(node);
    this.chart = new DayChart((field, value) => options.write(field, String(value), 'num'));
    this.test = new TestButton(node, this.translate, options.isChanged, () => this.key);
    this.message = new MessageField({
      field: options.message,
      lead: this.translate('message.insert'),
      label: (name) => this.translate('message.insertOne', { name }),
      // The form tells of it.
      changed: () => {},
    });
    this.keys.setAttribute('aria-label', this.translate('preview.key'));
    this.keys.addEventListener('change', () => {
      this.key = this.keys.value;
      this.stale = true;
      this.ask(0);
    });
    this.head.append(this.title, this.keys);
    this.offers = new Offers(options, this.translate);
    const { head, chart, summary, empty, offers } = this;
    const { box } = this;
    box.append(head, chart.element, summary, empty, offers.element);
    place.append(this.sentence, box, this.test.element);
    this.changed();
  }

  /** Called when something was typed. */
  readonly changed = (): void => {
    this.paint();
    this.ask(this.answer || this.failure ? TYPED : 0);
  };

  private readonly translate = (key: string, values?: Record<string, string | number | boolean>): string =>
    this.options.node._(`dinox-alert.${key}`, values);

  private ask(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(), after);
  }

  private async fetch(): Promise<void> {
    // A day of values says nothing about devices.
    this.box.hidden = isForDevices(this.options.look);
    if (!this.options.place.isConnected || this.box.hidden) return;
    if (this.asking) {
      this.ask(TYPED);
      return;
    }
    const { node } = this.options;
    const { rule } = this;
    const words = { message: this.message.value, name: this.options.look('name') };
    const asked = this.stateNow;
    // The curve changes only if something else is watched.
    const points = this.stale || !this.answer || asked === this.asked || this.reads(asked) ? POINTS : 0;
    this.asked = asked;
    this.stale = false;
    this.asking = true;
    const { key, upstream } = this;
    try {
      const answer = await post<PreviewAnswer>(`dinox/alerts/${encodeURIComponent(node.id)}/preview`, {
        rule,
        ...words,
        key,
        sources: upstream.sources,
        points,
      });
      this.take(answer, points > 0, key);
    } catch (error) {
      this.answer = undefined;
      this.failure = (error as ApiError).isForbidden ? 'forbidden' : 'failed';
    }
    this.asking = false;
    if (!this.options.place.isConnected) return;
    this.paint();
    // Something was typed or chosen meanwhile.
    if (this.stale || this.stateNow !== asked) this.ask(0);
    else this.ask(this.answer && this.answer.key === undefined ? AGAIN_EMPTY : AGAIN);
  }

  private get stateNow(): string {
    return JSON.stringify({ ...this.rule, message: this.message.value, name: this.options.look('name') });
  }

  /** The fields that decide what would have fired. */
  private get rule(): Record<string, string> {
    return Object.fromEntries(RULE_FIELDS.map((name) => [name, this.options.look(name)]));
  }

  /** True if the rule differs from the last question in a field that changes the curve. */
  private reads(asked: string): boolean {
    const kind = (text: string): string => {
      const {
        condition = '',
        property,
        propertyType,
        keyBy,
        keyByType,
        unit,
        decimalComma,
      } = JSON.parse(text || '{}') as Record<string, string>;
      const group = isOnText(condition) ? 'text' : condition === 'nodata' ? 'any' : 'number';
      return JSON.stringify([group, property, propertyType, keyBy, keyByType, unit, decimalComma]);
    };
    return kind(asked) !== kind(this.asked);
  }

  private take(answer: PreviewAnswer, isWhole: boolean, asked: string | undefined): void {
    const { series, states, from, to } = this.answer ?? {};
    this.failure = '';
    const isSame = !isWhole && answer.key === this.answer?.key && from !== undefined && to !== undefined;
    this.answer = isSame
      ? { ...answer, from, to, ...(series && { series }), ...(states && { states }) }
      : answer;
    if (answer.key !== undefined && this.key === asked) this.key = answer.key;
    this.test.running = answer.running;
    this.fillKeys(answer);
  }

  private fillKeys({ keys, more, key }: PreviewAnswer): void {
    const names = [...keys].sort((a, b) => (a < b ? -1 : 1));
    const wanted = JSON.stringify([names, more]);
    this.keys.hidden = names.length < 2;
    if (this.keys.dataset.names !== wanted) {
      this.keys.dataset.names = wanted;
      this.keys.replaceChildren(
        ...names.map((name) => new Option(this.nameOf(name), name)),
        ...(more > 0 ? [new Option(this.translate('preview.more', { count: more }), '', false, false)] : []),
      );
      if (more > 0) (this.keys.lastChild as HTMLOptionElement).disabled = true;
    }
    if (key !== undefined && this.key === key) this.keys.value = key;
  }

  private nameOf(key: string): string {
    return key === '' ? this.translate('preview.all') : visible(key, 120);
  }

  /** The watched topic or key, for the sentence. */
  private get what(): string {
    const { look } = this.options;
    const { sources } = this.upstream;
    const several = (this.answer?.keys.length ?? 0) > 1;
    const [first] = sources;
    const name =
      look('keyByType') === 'topic' && (several || this.key === undefined)
        ? (sources.length === 1 && first?.filter) || this.translate('preview.value')
        : this.key
          ? this.key
          : this.translate('preview.value');
    const property = look('property').replace(/^payload\.?/, '');
    return visible(property === '' || look('propertyType') !== 'msg' ? name : `${name} › ${property}`, 120);
  }

  private paint(): void {
    const { look } = this.options;
    const { answer } = this;
    const unit = look('unit').trim() || answer?.unit || '';
    this.sentence.replaceChildren(...sentence(look, { what: this.what, unit }, this.translate));
    if (!look('unit').trim() && answer?.unit) this.options.offer('unit', visible(answer.unit, 20));
    this.test.paint();
    this.paintMessage();
    const isEmpty = !answer || answer.key === undefined || this.failure !== '';
    this.chart.element.hidden = isEmpty || !(answer?.series || answer?.states);
    this.head.hidden = isEmpty;
    this.empty.hidden = !isEmpty && !this.upstream.through;
    this.summary.hidden = isEmpty;
    const found = answer && this.failure === '' ? suggest(look, answer) : undefined;
    if (isEmpty || !answer) this.paintEmpty();
    else {
      this.empty.textContent = this.upstream.through ? this.translate('preview.through') : '';
      this.paintDay(answer, unit, found);
    }
    this.offers.paint(found, answer, unit);
  }

  private paintMessage(): void {
    const { text = '', fault } = this.answer?.message ?? {};
    const { said, message } = this.options;
    this.message.show(PLACEHOLDERS, fault, (one) => readText(one));
    const isTyped = String(message.val() ?? '').trim() !== '';
    const shown = fault && isTyped ? this.translate('message.plainly', { text }) : text;
    if (said) setText(said, visibleLines(shown));
  }

  private paintDay(answer: PreviewAnswer, unit: string, found: Suggestion | undefined): void {
    const { look, label } = this.options;
    const { from, to, first = from, series, states } = answer;
    const day = to - first > 86_000_000;
    const title = this.translate(day ? 'preview.day' : 'preview.since', { time: clock(first) });
    this.title.textContent = this.keys.hidden && this.key ? `${title} · ${visible(this.key, 120)}` : title;
    const verdict = [this.totalOf(answer), this.summaryOf(answer)].filter(Boolean).join(' ');
    setText(this.summary, verdict);
    this.summary.classList.toggle('dal-fired', (answer.total?.alerts ?? answer.alerts ?? 0) > 0);
    this.summary.classList.toggle('dal-why', answer.why !== undefined);
    if (!series && !states) return;
    const about = [this.nameOf(answer.key ?? ''), title, this.rangeOf(answer, unit), verdict].filter(Boolean);
    this.chart.draw(answer, {
      limits: limitsOf(look, label, found),
      bands: bandsOf(look),
      unit,
      about: about.join('. '),
    });
  }

  private rangeOf({ series, seen }: PreviewAnswer, unit: string): string {
    if (!series || !seen || this.options.look('condition') === 'rate') return '';
    return this.translate('preview.range', { min: withUnit(seen.min, unit), max: withUnit(seen.max, unit) });
  }

  /** The totals over all keys, because the shown one stands for none of the others. */
  private totalOf({ total }: PreviewAnswer): string {
    if (!total) return '';
    const { keys, left, alerts, fired, firedKeys, firing } = total;
    const names = fired.slice(0, MAX_NAMED).map(([key]) => this.nameOf(key));
    const list = names.join(', ') + (firedKeys > names.length ? ', …' : '');
    const said =
      firedKeys === 0
        ? this.translate('preview.total.never', { keys })
        : this.translate('preview.total.fired', { keys, fired: firedKeys, alerts, list });
    const now = firing > 0 ? this.translate('preview.total.now', { count: firing }) : '';
    const rest = left > 0 ? this.translate('preview.total.left', { count: left }) : '';
    return [said, now, rest, this.translate('preview.total.shown')].filter(Boolean).join(' ');
  }

  private summaryOf({ alerts, spans, why, to }: PreviewAnswer): string {
    if (why) return this.translate(`preview.why.${why}`);
    if (alerts === undefined) return '';
    const times = alerts === 0 ? 'never' : alerts === 1 ? 'once' : 'times';
    const isOpen = spans?.some((span) => (span[1] ?? 0) >= to);
    const said = this.translate(`preview.${times}`, { count: alerts });
    return isOpen ? `${said} ${this.translate('preview.now')}` : said;
  }

  private paintEmpty(): void {
    const { answer, upstream } = this;
    const since = answer?.since;
    const what = visible(upstream.sources.map(({ filter }) => filter).join(', '), 160);
    const property = `msg.${visible(this.options.look('property') || 'payload', 60)}`;
    const last = answer && answer.empty === 'unreadable' ? wordOf(this.options.look, answer) : undefined;
    const none = !upstream.wired ? 'noWire' : upstream.sources.length === 0 ? 'noTopic' : undefined;
    const why =
      this.failure ||
      (answer
        ? (answer.empty === 'nothing' && none) || (last === undefined ? answer.empty : 'onOff')
        : 'asking') ||
      'asking';
    const text = this.translate(
      `preview.empty.${why === 'nothing' && since === undefined ? 'nothingYet' : why}`,
      {
        what,
        property,
        state: visible(last ?? '', 40),
        since: since === undefined ? '' : clock(since),
      },
    );
    setText(this.empty, text);
  }
}
