import type { Text } from '../../../../base/text';
import { post } from '../../../../editor/admin-api';
import { el, icon, setText } from '../../../../editor/dom';
import { age, visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import { button } from '../controls';
import { whatFailed } from '../notes';
import { Poll } from '../poll';
import { ruleSentence } from './sentence';
import type { GuideStep, StepHost } from './state';

interface SeenAnswer {
  value?: string;
  unit?: string;
  fault?: Text;
  invalid?: boolean;
  /** Set while the nodes do not run: a deploy is answered before that. */
  missing?: boolean;
}

interface HelloAnswer {
  state?: 'waiting' | 'server' | 'received' | 'displayed' | 'failed';
  fault?: { code: string; params: Record<string, string | number>; text?: Text };
  over: boolean;
}

const ASK_EVERY = 1_000;
/** Maximum questions that find no nodes, while a deploy makes them. */
const PATIENCE = 20;

type ProofMark = 'waiting' | 'fine' | 'fault';
const SYMBOLS: Readonly<Record<ProofMark, string>> = {
  waiting: 'hourglass-half',
  fine: 'check-circle',
  fault: 'exclamation-triangle',
};

/** One of the proofs that it works. */
class Proof {
  readonly element = el('div', 'dxg-proof', { role: 'status' });
  mark: ProofMark = 'waiting';
  private readonly symbol = icon(SYMBOLS.waiting);
  private readonly words = el('span', 'dxg-words');

  constructor() {
    this.element.append(this.symbol, this.words);
    this.element.dataset.mark = this.mark;
  }

  show(mark: ProofMark, text: string): void {
    this.mark = mark;
    this.element.dataset.mark = mark;
    this.symbol.className = `fa fa-${SYMBOLS[mark]}`;
    setText(this.words, text);
  }
}

/**
 * Proves that it works: a value has to pass through the new nodes, and a greeting has to reach the recipient. Nothing
 * else counts as success, least of all the deploy itself.
 */
export class ProofStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly value = new Proof();
  private readonly hello = new Proof();
  private readonly lead: HTMLElement;
  private readonly arrived: HTMLButtonElement;
  private readonly again: HTMLButtonElement;
  private helloId: string | undefined;
  private greeting = false;
  private isThere = false;
  private missed = 0;
  private running = false;
  private readonly poll = new Poll(
    () => Promise.all([this.askValue(), this.askHello()]),
    () => this.look(),
    // Both show their failures themselves.
    () => {},
  );

  constructor(private readonly host: StepHost) {
    const { translate } = host;
    this.arrived = button({ icon: 'check', text: translate('guide.proof.arrived') }, () => {
      this.helloIs('fine', translate('guide.proof.confirmed', this.names));
      this.look();
    });
    this.again = button({ icon: 'repeat', text: translate('guide.proof.again') }, () => void this.greet());
    const later = button({ icon: 'times', text: translate('guide.proof.later') }, () => host.close());
    this.value.show('waiting', this.waiting());
    this.helloIs('waiting', translate('guide.proof.sending', this.names));
    this.lead = el('p', 'dxg-lead', { tabindex: '-1' }, translate('guide.proof.lead'));
    this.element = el(
      'div',
      'dxg-step',
      {},
      this.lead,
      this.value.element,
      this.hello.element,
      el('div', 'dxs-bar dxg-foot', {}, this.arrived, this.again, later),
    );
  }

  focus(): void {
    this.lead.focus();
  }

  run(on: boolean): void {
    this.running = on;
    this.poll.run(on ? ASK_EVERY : 0);
  }

  destroy(): void {
    this.run(false);
  }

  private get names(): Record<string, string> {
    return { jid: visible(this.host.state.recipient.jid, 100) };
  }

  private path(rest: string): string {
    return `dinox/guide/${encodeURIComponent(this.host.state.broker)}/${rest}`;
  }

  private waiting(): string {
    const { translate, state } = this.host;
    const topic = visible(state.topic.topic, 200);
    const { every = 0 } = state.topic;
    return every > 0
      ? translate('guide.proof.every', { topic, every: age(every, translate) })
      : translate('guide.proof.waiting', { topic });
  }

  /** Continues once both proofs are there. */
  private look(): void {
    if (this.running && this.value.mark === 'fine' && this.hello.mark === 'fine') this.host.next();
  }

  private async askValue(): Promise<void> {
    const { translate, state } = this.host;
    if (this.value.mark === 'fine') return;
    try {
      const { mqttIn: receiver, alert } = state.placed;
      const asked = { receiver, alert, topic: state.topic.topic };
      const { value, unit = '', fault, invalid, missing } = await post<SeenAnswer>(this.path('seen'), asked);
      if (missing) {
        this.missed += 1;
        if (this.missed > PATIENCE) this.value.show('fault', translate('guide.proof.missing'));
        return;
      }
      // The nodes run, and so does their sender.
      if (!this.isThere) void this.greet();
      this.isThere = true;
      if (value !== undefined) {
        const shown = `${visible(value, 60)} ${visible(unit || state.unit, 12)}`.trim();
        this.value.show('fine', translate('guide.proof.seen', { value: shown }));
      } else if (fault !== undefined) this.value.show('fault', visible(readText(fault), 600));
      else if (invalid) this.value.show('fault', translate('guide.proof.invalid'));
      else this.value.show('waiting', this.waiting());
    } catch (error) {
      this.value.show('fault', whatFailed(error, translate));
    }
  }

  private async greet(): Promise<void> {
    const { translate, state } = this.host;
    if (this.greeting) return;
    this.greeting = true;
    this.helloId = undefined;
    this.helloIs('waiting', translate('guide.proof.sending', this.names));
    try {
      const { jid: to, isRoom } = state.recipient;
      const text = `${translate('guide.proof.hello')}\n${ruleSentence(this.host)} ${translate('guide.proof.told')}\n${translate('guide.place.ack')}`;
      const { id } = await post<{ id: string }>(this.path('hello'), { to, isRoom, text });
      this.helloId = id;
    } catch (error) {
      this.helloIs('fault', whatFailed(error, translate));
    } finally {
      this.greeting = false;
    }
  }

  private async askHello(): Promise<void> {
    const { translate, state } = this.host;
    const id = this.helloId;
    if (id === undefined || this.hello.mark !== 'waiting') return;
    try {
      const view = await post<HelloAnswer>(this.path('hello'), { id });
      if (id === this.helloId && this.hello.mark === 'waiting') this.showHello(view, state.recipient.isRoom);
    } catch (error) {
      // The runtime forgets it after a while; the person is still asked.
      if (!this.arrived.hidden) this.helloId = undefined;
      else this.helloIs('fault', whatFailed(error, translate));
    }
  }

  private showHello({ state, fault }: HelloAnswer, isRoom: boolean): void {
    const { translate } = this.host;
    if (state === 'failed') {
      this.helloIs('fault', translate('guide.proof.failed', { ...this.names, why: why(fault) }));
    } else if (state === 'received' || state === 'displayed') {
      this.helloIs('fine', translate('guide.proof.received', this.names));
    } else if (state === 'server' && isRoom) this.helloIs('fine', translate('guide.proof.room', this.names));
    // Some clients send no receipts. Then the person has to confirm.
    else if (state === 'server') this.helloIs('waiting', translate('guide.proof.server', this.names), true);
  }

  private helloIs(mark: ProofMark, text: string, isAsked = false): void {
    this.hello.show(mark, text);
    this.arrived.hidden = !isAsked;
    this.again.hidden = mark !== 'fault';
  }
}

/** The fault in the words of the sending node. */
function why(fault: HelloAnswer['fault']): string {
  if (!fault) return '';
  return fault.text ? visible(readText(fault.text), 600) : '';
}
