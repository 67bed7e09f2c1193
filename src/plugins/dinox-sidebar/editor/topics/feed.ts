import { ApiError, brokerPath, get } from '../../../../editor/admin-api';
import { classWords } from '../../../../editor/texts';
import { saidBy } from '../../../../topics/topic-name';
import type { ExploreState, Row, TopicName, TopicsAnswer } from '../rows';

/** Shortest time between two questions, in milliseconds: at most four updates a second. */
const PACE = 250;
const WAIT = 20_000;
/** Milliseconds of a wait while it connects: such a wait does not end when the connection is there. */
const WAIT_CONNECTING = 1_000;
/** Maximum rows in one answer: thousands at once would block the page. */
const LIMIT = 1_000;
/** Wait after a failure, in milliseconds. */
const AGAIN = 3_000;

export type FeedState = 'idle' | 'loading' | 'live' | 'forbidden' | 'offline' | 'missing';

/**
 * Keeps the topics of one broker up to date while somebody looks. It asks for differences in complete answers, so that
 * a buffering proxy does no harm.
 */
export class Feed {
  readonly rows = new Map<string, Row>();
  /** Home Assistant's names, by topic. */
  readonly names = new Map<string, TopicName>();
  state: FeedState = 'idle';
  explore: ExploreState = { phase: 'off' };
  phase = '';
  received = 0;
  /** Under which devices announce themselves. */
  prefix = '';
  /** Rises when topics come or go, so that lists are made again. */
  membership = 0;
  private broker = '';
  private epoch = '';
  private seq = 0;
  private named = 0;
  private asked: AbortController | undefined;
  private timer: number | undefined;
  private running = false;
  private exploring = false;
  /** The runtime's clock minus this page's, in milliseconds. */
  private offset = 0;

  constructor(private readonly changed: (topics: ReadonlySet<string> | undefined) => void) {}

  /** The time by the runtime's clock. */
  get now(): number {
    return Date.now() + this.offset;
  }

  get brokerId(): string {
    return this.broker;
  }

  look(broker: string): void {
    if (this.broker === broker) return;
    this.broker = broker;
    this.forget();
    this.state = broker ? 'loading' : 'idle';
    this.changed(undefined);
    this.again();
  }

  /** Asks while `on`; a hidden view asks nothing. */
  run(on: boolean): void {
    if (this.running === on) return;
    this.running = on;
    if (on) this.again();
    else this.pause();
  }

  setExploring(on: boolean): void {
    if (this.exploring === on) return;
    this.exploring = on;
    this.again();
  }

  /** Asks now, without waiting. */
  again(): void {
    this.pause();
    if (this.running && this.broker) void this.ask();
  }

  private pause(): void {
    window.clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = undefined;
  }

  private forget(): void {
    this.rows.clear();
    this.names.clear();
    this.named = 0;
    this.epoch = '';
    this.seq = 0;
    this.membership += 1;
  }

  private async ask(): Promise<void> {
    const began = performance.now();
    const asked = new AbortController();
    this.asked = asked;
    const query = {
      since: this.seq,
      epoch: this.epoch,
      names: this.named,
      limit: LIMIT,
      // The state is shown at once; only after that, requests wait for news.
      wait: this.state !== 'live' ? 0 : this.phase === 'connected' ? WAIT : WAIT_CONNECTING,
      explore: this.exploring ? 1 : undefined,
    };
    let next = PACE;
    try {
      const answer = await get<TopicsAnswer>(brokerPath(this.broker, 'topics'), query, asked.signal);
      if (this.asked !== asked) return;
      this.take(answer);
      if (!answer.more) next = Math.max(0, PACE - (performance.now() - began));
    } catch (error) {
      if (this.asked !== asked) return;
      this.failed(error);
      next = AGAIN;
    }
    if (!this.running) return;
    this.timer = window.setTimeout(() => void this.ask(), Math.max(next, PACE));
  }

  private take(answer: TopicsAnswer): void {
    if (answer.reset || answer.epoch !== this.epoch) this.forget();
    this.epoch = answer.epoch;
    this.seq = answer.seq;
    this.offset = answer.now - Date.now();
    this.explore = answer.explore;
    this.phase = answer.phase;
    this.received = answer.received;
    this.prefix = answer.prefix;
    const topics = new Set<string>();
    for (const row of answer.rows) {
      const before = this.rows.get(row.topic);
      // The values of a device's card are chosen anew when a topic begins to have others.
      const isOther = (before?.fields === undefined) !== (row.fields === undefined);
      if (!before || isOther || (before.kind === 'empty') !== (row.kind === 'empty')) this.membership += 1;
      this.rows.set(row.topic, row);
      topics.add(row.topic);
    }
    for (const topic of answer.gone) if (this.rows.delete(topic)) this.membership += 1;
    for (const name of answer.names) {
      if (name.name) this.names.set(name.topic, inMyWords(name));
      else this.names.delete(name.topic);
    }
    // A search may find other topics now.
    if (answer.names.length > 0) this.membership += 1;
    this.named = answer.named;
    this.state = 'live';
    this.changed(topics);
  }

  private failed(error: unknown): void {
    this.state = failureOf(error);
    // The next answer is checked afresh, because a deploy may have changed the broker.
    this.changed(undefined);
  }
}

/** Node-RED may have another language than who reads this. */
function inMyWords(name: TopicName): TopicName {
  const { fields } = name;
  const said = Object.entries(fields ?? {}).map(([field, one]) => [field, saidBy(one, classWords)] as const);
  return { ...saidBy(name, classWords), ...(fields && { fields: Object.fromEntries(said) }) };
}

/** Why the runtime gave no answer. */
export function failureOf(error: unknown): 'forbidden' | 'missing' | 'offline' {
  const status = error instanceof ApiError ? error.status : 0;
  return status === 401 || status === 403 ? 'forbidden' : status === 404 ? 'missing' : 'offline';
}
