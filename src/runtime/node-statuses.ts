import type { NodeStatus } from 'node-red';
import type { RegisteredNode } from './node-contract';

/** The nodes that share a connection, and the status of each. */
export class NodeStatuses {
  private readonly users = new Map<string, RegisteredNode>();
  /** The last shown status, by node. */
  private readonly shown = new Map<string, string>();
  private queuedShown = 0;
  private droppedShown = 0;

  constructor(private readonly statusOf: (user: RegisteredNode) => NodeStatus) {}

  get ids(): string[] {
    return [...this.users.keys()];
  }

  get size(): number {
    return this.users.size;
  }

  add(user: RegisteredNode): void {
    this.users.set(user.id, user);
    this.show(user);
  }

  remove({ id }: RegisteredNode): void {
    this.users.delete(id);
    this.shown.delete(id);
  }

  /** Shows the present status under a node if it has changed. */
  show(user: RegisteredNode): void {
    const status = this.statusOf(user);
    const key = JSON.stringify(status);
    if (this.shown.get(user.id) === key) return;
    this.shown.set(user.id, key);
    user.status(status);
  }

  showAll(): void {
    for (const user of this.users.values()) this.show(user);
  }

  /** Shows the numbers of waiting and dropped messages when that matters to people: not each of a thousand. */
  countsChanged(queued: number, dropped = 0): void {
    const step = queued === 0 ? 0 : 10 ** Math.floor(Math.log10(queued));
    // The number is right to one figure: nothing else shows it while the connection is away.
    const figure = 10 ** Math.floor(Math.log10(dropped || 1));
    const droppedStep = dropped - (dropped % figure);
    if (step === this.queuedShown && droppedStep === this.droppedShown) return;
    this.queuedShown = step;
    this.droppedShown = droppedStep;
    this.showAll();
  }

  /** Counts dropped messages anew, after they were logged. */
  dropsLogged(): void {
    this.droppedShown = 0;
  }
}
