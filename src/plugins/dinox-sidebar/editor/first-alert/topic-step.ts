import type { Text } from '../../../../base/text';
import { brokerPath, get, post } from '../../../../editor/admin-api';
import { el, setText } from '../../../../editor/dom';
import { age, number, visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import { whatFailed } from '../notes';
import { ageOf, isGone, type Row } from '../rows';
import { Feed } from '../topics/feed';
import { arrows, ChoiceButton, keepInOrder, labelledField } from './parts';
import type { GuideStep, KnownTopic, StepHost } from './state';
import { typedTopic } from './wildcard';

/** Maximum topics in the list; the search finds the others. */
const MAX_SHOWN = 150;
const ASK_EVERY = 1_500;
/** Milliseconds for which the next step waits for what can be done without. */
const PATIENCE = 3_000;

/** Chooses a topic of the server, and explores while somebody looks. */
export class TopicStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly feed: Feed;
  private readonly search: HTMLInputElement;
  private readonly list = el('div', 'dxg-list dxg-topics');
  private readonly note = el('p', 'dxs-note', { role: 'status' });
  private readonly choices = new Map<string, ChoiceButton>();
  private readonly typed: ChoiceButton;
  private reason = '';
  private timer: number | undefined;
  private running = false;
  private isChosen = false;
  private isLeft = false;

  constructor(private readonly host: StepHost) {
    const { translate, state } = host;
    this.feed = new Feed(() => this.update());
    this.feed.look(state.broker);
    this.feed.setExploring(true);
    const search = labelledField(translate('guide.topic.search'), {
      name: 'topic',
      type: 'search',
      autocomplete: 'off',
    });
    this.search = search.input;
    this.search.addEventListener('input', () => this.update());
    this.search.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      // Otherwise the same key presses the next focused button, and a step is skipped.
      event.preventDefault();
      this.enter();
    });
    this.typed = new ChoiceButton('pencil', () => void this.choose(this.typedOne()));
    arrows(this.list);
    this.element = el(
      'div',
      'dxg-step',
      {},
      el('p', '', {}, translate('guide.topic.lead')),
      search.row,
      this.note,
      this.list,
    );
    this.update();
  }

  focus(): void {
    this.search.focus();
  }

  run(on: boolean): void {
    this.feed.run(on);
    if (on === this.running) return;
    this.running = on;
    window.clearTimeout(this.timer);
    if (on) void this.openSession();
  }

  destroy(): void {
    this.isLeft = true;
    this.run(false);
    // The next step looks at the same topics: a pause would lose a value.
    if (this.isChosen) return;
    const { broker } = this.host.state;
    void post(brokerPath(broker, 'explore'), { on: false }).catch(() => {});
  }

  /** From the beginning, so that the session is open when the recipient writes; without it some servers name no topics. */
  private async openSession(): Promise<void> {
    try {
      const path = `dinox/guide/${encodeURIComponent(this.host.state.broker)}/look`;
      const view = await post<{ reason?: Text }>(path, {});
      this.reason = view.reason ? readText(view.reason) : '';
    } catch (error) {
      this.reason = whatFailed(error, this.host.translate);
    }
    if (!this.running) return;
    this.update();
    this.timer = window.setTimeout(() => void this.openSession(), ASK_EVERY);
  }

  private async choose(topic: KnownTopic): Promise<void> {
    if (this.isChosen) return;
    this.isChosen = true;
    const states = await this.statesOf(topic);
    if (this.isLeft) return;
    this.host.state.topic = { ...topic, states };
    this.host.next();
  }

  /** A row has only the numbers of JSON, and a door has none. */
  private async statesOf({ topic, kind }: KnownTopic): Promise<ReadonlyMap<string, string>> {
    if (kind !== 'json') return new Map();
    try {
      const path = brokerPath(this.host.state.broker, 'states');
      const signal = AbortSignal.timeout(PATIENCE);
      return new Map((await get<{ states: [string, string][] }>(path, { filter: topic }, signal)).states);
    } catch {
      return new Map();
    }
  }

  /** Enter takes the typed topic; if it is only a part of other topics, Enter goes to these. */
  private enter(): void {
    const text = this.search.value.trim();
    if (text === '') return;
    const known = this.known();
    const exact = known.find(({ topic }) => topic === text);
    if (exact) void this.choose(exact);
    else if (known.length === 0) void this.choose(this.typedOne());
    else this.list.querySelector('button')?.focus();
  }

  private typedOne(): KnownTopic {
    return typedTopic(this.search.value.trim(), this.feed.rows.values());
  }

  private known(): KnownTopic[] {
    const known = [...this.feed.rows.values()].filter((row) => !isGone(row));
    const words = this.search.value.trim().toLowerCase().split(/\s+/);
    const rank = (row: KnownTopic): number => (row.number !== undefined ? 0 : row.fields ? 1 : 2);
    return known
      .filter(({ topic }) => {
        const text = `${topic}\n${this.feed.names.get(topic)?.name ?? ''}`.toLowerCase();
        return words.every((word) => text.includes(word));
      })
      .sort((a, b) => rank(a) - rank(b) || (a.topic < b.topic ? -1 : 1));
  }

  private update(): void {
    // The feed reports its first state during the construction.
    if (!this.typed) return;
    const { translate } = this.host;
    const known = this.known();
    const shown = known.slice(0, MAX_SHOWN).map((row) => this.paint(row));
    const text = this.search.value.trim();
    if (text !== '' && !known.some(({ topic }) => topic === text)) {
      shown.push(this.typed.show(translate('guide.topic.use', { topic: visible(text, 100) }), '').element);
    }
    keepInOrder(this.list, shown);
    setText(this.note, this.describe(known.length));
  }

  private paint(row: KnownTopic): HTMLElement {
    let choice = this.choices.get(row.topic);
    if (!choice) {
      choice = new ChoiceButton('dot-circle-o', () => {
        void this.choose(this.feed.rows.get(row.topic) ?? row);
      });
      this.choices.set(row.topic, choice);
    }
    const when = !row.at ? '' : age(ageOf(row as Row, this.feed.now), this.host.translate);
    const { name } = this.feed.names.get(row.topic) ?? {};
    const label = visible(row.topic, 200) + (name ? ` · ${visible(name, 100)}` : '');
    return choice.show(label, shortValue(row), when).element;
  }

  private describe(count: number): string {
    const { translate } = this.host;
    if (count > MAX_SHOWN) return translate('guide.topic.many', { shown: MAX_SHOWN, count });
    if (count > 0) return '';
    const { state, phase } = this.feed;
    if (state === 'forbidden') return translate('empty.forbidden');
    if (state === 'live' && phase !== 'connected') return translate('guide.topic.connecting');
    if (this.reason) return visible(this.reason, 300);
    if (state !== 'live') return translate('empty.loading');
    // Topics came, but none matches: the typed one is offered.
    return this.feed.rows.size > 0 ? '' : translate('guide.topic.none');
  }
}

/** The present value, in a few characters. */
export function shortValue(row: KnownTopic): string {
  if (row.number !== undefined && row.kind === 'number')
    return `${number(row.number)} ${visible(row.unit ?? '', 12)}`.trim();
  return visible(row.text ?? '', 24);
}
