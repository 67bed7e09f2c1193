import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { Text } from '../../base/text';
import type { SessionState } from '../../xmpp/stanzas';
import type { AccountSession } from '../pubsub/account-session';
import { isLost, PubsubService } from '../pubsub/service';

/** Milliseconds until a service that could not be used is asked again. */
const AGAIN = 60_000;

/** The account's XMPP session beside the bridge, opened as soon as somebody wants something that the bridge cannot do. */
export class BridgeSession {
  /** The PubSub service while the session is there. */
  service: PubsubService | undefined;
  private made: PubsubService | undefined;
  private isOpen = false;
  private fault: Text | undefined;
  /** Number of the session; answers about an earlier one come too late. */
  private round = 0;
  private readonly waiting = new Set<(service: PubsubService | undefined) => void>();
  private stopListening = (): void => {};
  private stopRetry = (): void => {};

  constructor(
    private readonly session: AccountSession,
    private readonly jid: string,
    private readonly clock: Clock,
    /** The service is there; `isNew`: nobody knows what became of earlier questions, nor what changed meanwhile. */
    private readonly ready: (service: PubsubService, isNew: boolean) => void,
  ) {}

  /** The reason why {@link service} is not there. */
  get reason(): Text {
    const { state } = this.session.stanzas;
    if ('reason' in state && state.reason) return state.reason.text;
    return this.fault ?? text('bridge.connecting');
  }

  /** True while nothing speaks against {@link service} being there in a moment. */
  get isComing(): boolean {
    const { state } = this.session.stanzas;
    return this.isOpen && this.fault === undefined && !('reason' in state && state.reason);
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    const { stanzas } = this.session;
    this.stopListening = stanzas.onState((state) => this.stateChanged(state));
    this.session.open();
    // It may be there already: then nobody tells of a change.
    queueMicrotask(() => this.stateChanged(stanzas.state));
  }

  /** Lets go of the session. It may be opened again. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.stopListening();
    this.lost();
    this.tell();
    await this.session.close();
  }

  /** The service as soon as it is there; undefined if it is not within `ms`, or nobody wants it any more. */
  whenReady(ms?: number): Promise<PubsubService | undefined> {
    if (this.service || !this.isOpen) return Promise.resolve(this.service);
    return new Promise((resolve) => {
      const stop = ms === undefined ? () => {} : this.clock.after(ms, () => end(undefined));
      const end = (service: PubsubService | undefined): void => {
        stop();
        this.waiting.delete(end);
        resolve(service);
      };
      this.waiting.add(end);
    });
  }

  private stateChanged(state: SessionState): void {
    if (!this.isOpen) return;
    if (state.phase !== 'online') this.lost();
    else if (state.resumed && this.made) this.begun(this.made, false);
    else void this.begin();
  }

  private lost(): void {
    this.round += 1;
    this.service = undefined;
    this.stopRetry();
  }

  private begun(service: PubsubService, isNew: boolean): void {
    this.fault = undefined;
    this.service = service;
    this.ready(service, isNew);
    this.tell();
  }

  private tell(): void {
    for (const end of [...this.waiting]) end(this.service);
  }

  private async begin(): Promise<void> {
    this.lost();
    const { round } = this;
    const { stanzas } = this.session;
    try {
      const service = this.made ?? new PubsubService(stanzas, await stanzas.load(), this.jid, this.clock);
      await service.check();
      this.made = service;
      if (round === this.round) this.begun(service, true);
    } catch (error) {
      // A lost session tells by itself.
      if (round !== this.round || isLost(error)) return;
      this.fault = textOf(error);
      this.stopRetry = this.clock.after(AGAIN, () => void this.begin());
    }
  }
}
