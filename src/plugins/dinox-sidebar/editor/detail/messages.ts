import { brokerPath, get } from '../../../../editor/admin-api';
import { el, icon, setText } from '../../../../editor/dom';
import { bytes, pretty, type Translate, time, visible, visibleLines } from '../../../../editor/format';
import { button } from '../controls';
import { Poll } from '../poll';

const EVERY = 1_000;
/** As many as the runtime keeps. */
const MAX_SHOWN = 100;

interface Message {
  number: number;
  at: number;
  qos: number;
  bytes: number;
  complete: boolean;
  text?: string;
  hex?: string;
}

/** The last messages of a topic, from when they are opened: each with its time and the pause before it. */
export class MessagesView {
  readonly element = el('details', 'dxs-more dxs-messages');
  private readonly list = el('ol', 'dxs-message-list');
  private readonly note = el('p', 'dxs-note', { role: 'status' });
  private readonly poll: Poll<{ now: number; messages: Message[] }>;
  private after = 0;
  private last = 0;
  private seen = false;

  constructor(
    private readonly broker: () => string,
    private readonly topic: string,
    private readonly translate: Translate,
    private readonly copy: (text: string) => void,
  ) {
    this.element.append(
      el('summary', '', {}, icon('history'), translate('messages.label')),
      this.note,
      this.list,
    );
    this.note.textContent = translate('messages.help');
    this.poll = new Poll(
      (signal) =>
        get(brokerPath(this.broker(), 'messages'), { topic: this.topic, after: this.after }, signal),
      ({ now, messages }) => this.take(messages, now),
      () => {},
    );
    this.element.addEventListener('toggle', () => this.ask());
  }

  /** Asks while somebody looks at the open list. */
  run(on: boolean): void {
    this.seen = on;
    this.ask();
  }

  private ask(): void {
    this.poll.run(this.seen && this.element.open ? EVERY : 0);
  }

  private take(messages: readonly Message[], now: number): void {
    for (const message of messages) {
      // Nobody looked for a while, and the runtime began a new list.
      if (message.number <= this.after) continue;
      this.after = message.number;
      this.list.prepend(this.line(message, now));
      if (message.at > 0) this.last = message.at;
    }
    while (this.list.childElementCount > MAX_SHOWN) this.list.lastElementChild?.remove();
    if (this.list.childElementCount > 1) setText(this.note, '');
  }

  private line(message: Message, now: number): HTMLElement {
    const { at, qos, complete } = message;
    const payload = message.text ?? message.hex ?? '';
    const when =
      at === 0 ? this.translate('mark.retained') : `${time(at, now)}.${String(at % 1_000).padStart(3, '0')}`;
    const pause = at > 0 && this.last > 0 ? `+${pauseText(at - this.last)}` : '';
    const text = el('pre', '', {});
    const body = el(
      'div',
      'dxs-message-body',
      {},
      text,
      el(
        'div',
        'dxs-bar',
        {},
        el('span', 'dxs-note', {}, `${this.translate('detail.qos', { n: qos })} · ${bytes(message.bytes)}`),
        el('span', 'dxs-grow'),
        button(
          { icon: 'clone', text: this.translate('copy.short'), title: this.translate('copy.payload') },
          () => this.copy(payload),
        ),
      ),
    );
    const line = el(
      'details',
      'dxs-message',
      {},
      el(
        'summary',
        '',
        {},
        el('span', 'dxs-message-time', {}, when),
        el('span', 'dxs-message-pause', {}, pause),
        el('span', 'dxs-message-text', {}, visible(payload, 160) || this.translate('kind.empty')),
      ),
      body,
    );
    // Most are never opened.
    line.addEventListener('toggle', () => {
      if (line.open && text.textContent === '')
        setText(text, visibleLines(pretty(payload)) + (complete ? '' : ' …'));
    });
    return el('li', '', {}, line);
  }
}

/** `0.35 s`, `12 s`, `5 min 3 s`. */
export function pauseText(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
