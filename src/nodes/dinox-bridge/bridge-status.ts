import type { NodeStatus } from 'node-red';
import type { Clock } from '../../base/clock';
import type { Translate } from '../../base/translate';

/** Milliseconds between two statuses with other counts. */
const PAUSE = 1_000;

/** The one status of a bridge: what does not work comes first, then what crossed. */
export class BridgeStatus {
  private readonly counts = { toChat: 0, toMqtt: 0, refused: 0 };
  private readonly chats = new Map<number, NodeStatus>();
  private connection: NodeStatus | undefined;
  private stop: (() => void) | undefined;
  private isClosed = false;

  constructor(
    private readonly clock: Clock,
    private readonly rules: number,
    private readonly problems: number,
    private readonly translate: Translate,
    private readonly show: (status: NodeStatus) => void,
  ) {}

  count(what: keyof BridgeStatus['counts']): void {
    this.counts[what] += 1;
    if (this.isClosed) return;
    this.stop ??= this.clock.after(PAUSE, () => this.paint());
  }

  mqtt(status: NodeStatus): void {
    this.connection = status;
    this.paint();
  }

  chat(rule: number, status: NodeStatus): void {
    this.chats.set(rule, status);
    this.paint();
  }

  close(): void {
    this.isClosed = true;
    this.stop?.();
  }

  private paint(): void {
    this.stop?.();
    this.stop = undefined;
    if (!this.isClosed) this.show(this.current());
  }

  private current(): NodeStatus {
    const { translate, counts } = this;
    if (this.problems > 0)
      return { fill: 'red', shape: 'ring', text: translate('status.problems', { count: this.problems }) };
    if (this.rules === 0) return { fill: 'grey', shape: 'ring', text: translate('status.noRules') };
    const all = [this.connection, ...this.chats.values()];
    const bad = all.find((status) => status !== undefined && isStatus(status) && status.fill !== 'green');
    if (bad) return bad;
    return { fill: 'green', shape: 'dot', text: translate('status.crossed', { ...counts }) };
  }
}

const isStatus = (status: NodeStatus): status is Exclude<NodeStatus, string> & { fill?: string } =>
  typeof status === 'object' && 'fill' in status;
