/// <reference path="../../../editor/red.d.ts" />
import type { Text } from '../../../base/text';
import { type ApiError, get, post } from '../../../editor/admin-api';
import { el, icon, setText } from '../../../editor/dom';
import { visible } from '../../../editor/format';
import { readText, shared } from '../../../editor/texts';
import type { Upstream } from '../../../editor/topics/upstream';

/** The runtime's answer (`runtime/chat/test-message.ts`). */
interface TestView {
  state: 'connecting' | 'sending' | 'sent' | 'over';
  receivers: {
    to: string;
    kind?: 'chat' | 'groupchat';
    state: 'waiting' | 'server' | 'received' | 'displayed' | 'failed';
    fault?: { code: string; params: Record<string, string | number>; text?: Text };
  }[];
}

type Recipient = TestView['receivers'][number];

export interface TestMessageOptions {
  node: EditorNode;
  place: HTMLElement;
  /** The dialog's fields: `broker`, `to`, `kind`, `format`, `nick`, `password`. */
  fields(): Record<string, string>;
  /** Topics from which the preview has its message; see {@link Upstream}. */
  sources(): Upstream['sources'];
  /** Why nothing can be sent yet, in words; empty if it can. */
  obstacle(): string;
}

const POLL_MS = 500;
const ICONS: Readonly<Record<Recipient['state'], string>> = {
  waiting: 'clock-o',
  server: 'check',
  received: 'check-circle',
  displayed: 'eye',
  failed: 'exclamation-triangle',
};

/** The button *Send a test message*, and the result for each recipient. */
export class TestMessage {
  private readonly button: HTMLButtonElement;
  private readonly statusLine = el('div', 'dinox-phone-told', { role: 'status' });
  private readonly list = el('ul', 'dinox-phone-results');
  /** Number of the test; answers to older ones are ignored. */
  private turn = 0;

  constructor(private readonly options: TestMessageOptions) {
    this.button = el(
      'button',
      'red-ui-button',
      { type: 'button', id: 'dinox-send-test' },
      icon('paper-plane-o'),
      ` ${this.translate('send')}`,
    );
    this.button.addEventListener('click', () => void this.send());
    options.place.append(this.button, this.statusLine, this.list);
  }

  private async send(): Promise<void> {
    const { options } = this;
    const { node } = options;
    this.turn += 1;
    const { turn } = this;
    const obstacle = options.obstacle();
    this.list.replaceChildren();
    if (obstacle !== '') {
      this.tell(obstacle, true);
      return;
    }
    this.button.disabled = true;
    this.tell(this.translate('connecting'));
    try {
      const { id } = await post<{ id: string }>('dinox/xmpp-out/test', {
        ...options.fields(),
        sources: options.sources(),
        id: node.id,
      });
      for (;;) {
        const view = await get<TestView>(`dinox/xmpp-out/test/${id}`);
        if (turn !== this.turn || !document.contains(options.place)) return;
        this.paint(view);
        // Another test may be sent while this one waits for receipts.
        if (view.state === 'sent') this.button.disabled = false;
        if (view.state === 'over') return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } catch (error) {
      if (turn === this.turn) this.refused(error as ApiError);
    } finally {
      if (turn === this.turn) this.button.disabled = false;
    }
  }

  private paint({ state, receivers }: TestView): void {
    const failed = receivers.filter((one) => one.state === 'failed').length;
    if (state === 'connecting' || state === 'sending') this.tell(this.translate(state));
    else if (failed === receivers.length) this.tell(this.translate('failed'), true);
    else if (failed > 0) this.tell(this.translate('some', { count: failed, of: receivers.length }), true);
    else this.tell(this.translate('sent'));
    const rows = receivers.map((one) => this.row(one, state === 'over'));
    // Screen readers read only changed rows.
    for (const [at, row] of rows.entries()) {
      const old = this.list.children[at];
      if (!old) this.list.append(row);
      else if (old.textContent !== row.textContent) old.replaceWith(row);
    }
  }

  private row(one: Recipient, isOver: boolean): HTMLElement {
    return el(
      'li',
      '',
      { 'data-state': one.state },
      icon(ICONS[one.state]),
      el('span', '', {}, `${visible(one.to, 100)}: ${this.words(one, isOver)}`),
    );
  }

  private words({ state, kind, fault }: Recipient, isOver: boolean): string {
    if (state !== 'failed' || !fault) {
      if (state !== 'server') return this.translate(`at.${state}`);
      if (kind === 'groupchat') return this.translate('at.room');
      return this.translate(isOver ? 'at.silent' : 'at.server');
    }
    const { code, params, text } = fault;
    if (code === 'time') return this.translate('at.time');
    if (code !== 'session') return text ? visible(readText(text), 600) : '';
    const reason = shared(`reason.${params.failure}`);
    return this.translate('at.session', { reason, text: text ? visible(readText(text), 300) : '' });
  }

  private refused({ status, code, params, message }: ApiError): void {
    if (status === 401 || (status === 403 && code !== 'origin')) this.tell(this.translate('forbidden'), true);
    else if (status === 429) this.tell(this.translate('often', params), true);
    else this.tell(visible(message, 600) || this.translate('lost'), true);
  }

  private tell(text: string, isFault = false): void {
    this.statusLine.dataset.fault = String(isFault);
    setText(this.statusLine, text);
  }

  private translate(key: string, params?: Record<string, unknown>): string {
    return this.options.node._(`xmpp-out.test.${key}`, params);
  }
}
