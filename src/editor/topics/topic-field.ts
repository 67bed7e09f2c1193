/// <reference path="../red.d.ts" />
import { hasWildcard } from '../../topics/filter';
import { breakable, el } from '../dom';
import { addDescription, type Completion, complete } from '../form';
import type { BrokerInfo } from './broker-info';
import { ageKey, explainFilter, type SeenTopic, seenTopics, topicsOfFlows } from './topics';

/** Maximum topics that are counted for a filter, and that are offered. */
const MAX_COUNTED = 500;
const MAX_OFFERED = 20;
const LOOK_MS = 2_000;
/** Milliseconds after the last key until it asks. */
const TYPED_MS = 250;

export interface TopicFieldOptions {
  node: EditorNode;
  input: JQuery;
  /** Id of the chosen connection. */
  brokerId(): string;
  /** The connection's abilities, as far as they are known. */
  known(): BrokerInfo | undefined;
  wildcards: boolean;
  /** False while the field is not shown. */
  shown(): boolean;
  /** More that is offered for what is typed. */
  offers?: ((text: string) => Promise<Completion[]>) | undefined;
}

/**
 * A topic field that knows the server's topics: completion with last values and ages, the meaning of wildcards, the
 * number of matching topics, and their newest message while the dialog is open.
 */
export class TopicField {
  private readonly note: JQuery;
  private readonly preview: JQuery;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = '';

  constructor(private readonly options: TopicFieldOptions) {
    const { input } = options;
    const id = `${input.attr('id')}-about`;
    this.note = $('<div>', { id, class: 'dinox-note', 'aria-live': 'polite' });
    this.preview = $('<div>', { class: 'dinox-note dinox-preview' });
    input.closest('.form-row').append(this.note, this.preview);
    addDescription(input, id);
    complete(input, 1, (text) => this.offer(text));
    input.on('input change keyup paste', () => this.look(TYPED_MS));
    this.look(0);
  }

  /** Looks again after a change in the dialog. */
  look(inMs = TYPED_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.show(), inMs);
  }

  private get text(): string {
    return String(this.options.input.val() ?? '').trim();
  }

  /** Topics that the connection remembers, else those that other nodes use. */
  private async offer(text: string): Promise<Completion[]> {
    const { wildcards, known, brokerId } = this.options;
    const role = wildcards ? 'state' : 'command';
    const more = this.options.offers?.(text);
    const seen = known()?.topics ? await seenTopics(brokerId(), text, MAX_OFFERED, role) : undefined;
    const wanted = text.toLowerCase();
    const rows = (seen ?? []).filter(({ filter }) => filter !== text);
    const names = new Set(rows.map(({ filter }) => filter));
    const others = topicsOfFlows(brokerId(), wildcards).filter(
      (topic) => topic !== text && topic.toLowerCase().includes(wanted) && !names.has(topic),
    );
    return [
      ...rows.map((row) => ({ value: row.filter, label: this.completion(row) })),
      ...others.map((topic) => ({ value: topic, label: topic })),
      ...((await more) ?? []),
    ].slice(0, MAX_OFFERED);
  }

  private completion(row: SeenTopic): JQuery {
    return $('<div>', { class: 'dinox-completion' }).append(
      $('<span>').text(row.topic),
      ...(row.name === '' ? [] : [$('<span>', { class: 'dinox-completion-name' }).text(row.name)]),
      $('<span>', { class: 'dinox-completion-value' }).text(this.valueAndAge(row)),
    );
  }

  private valueAndAge({ value, unit, at }: SeenTopic): string {
    if (at === 0) return unit;
    const { key, count } = ageKey(at, Date.now());
    return `${value}${unit === '' ? '' : ` ${unit}`} · ${this.translate(`age.${key}`, { count })}`;
  }

  private async show(): Promise<void> {
    // The dialog was closed.
    if (!document.contains(this.options.input[0] ?? null)) return;
    const { known, brokerId, shown, wildcards } = this.options;
    const { text } = this;
    this.asked = text;
    const about = wildcards ? explainFilter(text).map(({ key, params }) => this.translate(key, params)) : [];
    let rows: SeenTopic[] | undefined;
    if (shown() && text !== '' && known()?.topics && known()?.connected) {
      const plain = text.replace(/^\$share\/[^/]*\//, '');
      const found = await seenTopics(brokerId(), plain, MAX_COUNTED);
      if (this.asked !== text) return;
      // Without a wildcard the question finds parts of topics, but a filter names a whole one.
      rows = hasWildcard(plain) ? found : found?.filter(({ topic }) => topic === plain);
      if (rows && hasWildcard(plain)) about.push(this.count(rows.length));
    }
    const words = about.join(' ');
    if (this.note.text() !== words) this.note.text(words);
    this.showLast(rows?.[0], text);
    this.look(LOOK_MS);
  }

  private count(count: number): string {
    if (count === 0) return this.translate('matchesNone');
    if (count === 1) return this.translate('matchesOne');
    return this.translate('matches', { count: count >= MAX_COUNTED ? `${MAX_COUNTED}+` : count });
  }

  private showLast(row: SeenTopic | undefined, text: string): void {
    this.preview.empty();
    if (!row) return;
    const topic = hasWildcard(text) ? [...breakable(row.topic), ': '] : [];
    this.preview.append(
      $('<span>').text(this.translate('last')),
      ' ',
      // jQuery would read a string as HTML.
      el('code', '', {}, ...topic, this.valueAndAge(row)),
    );
  }

  private translate(key: string, params?: Record<string, unknown>): string {
    const { node } = this.options;
    return node._(`${node.type}.topic.${key}`, params);
  }
}
