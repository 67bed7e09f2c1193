import type { NodeStatus } from 'node-red';
import type { RegisteredNode } from './node-contract';

/** The nodes that share a connection, and the status of each. */
export class NodeStatuses {
  private readonly nodes = new Map<string, RegisteredNode>();
  /** The last shown status, by node. */
  private readonly shown = new Map<string, string>();
  private queuedShown = 0;
  private droppedShown = 0;

  constructor(private readonly statusOf: (node: RegisteredNode) => NodeStatus) {}

  get ids(): string[] {
    return [...this.nodes.keys()];
  }

  get size(): number {
    return this.nodes.size;
  }

  add(node: RegisteredNode): void {
    this.nodes.set(node.id, node);
    this.show(node);
  }

  remove({ id }: RegisteredNode): void {
    this.nodes.delete(id);
    this.shown.delete(id);
  }

  /** Shows the present status under a node if it has changed. */
  show(node: RegisteredNode): void {
    const status = this.statusOf(node);
    const key = JSON.stringify(status);
    if (this.shown.get(node.id) === key) return;
    this.shown.set(node.id, key);
    node.status(status);
  }

  showAll(): void {
    for (const node of this.nodes.values()) this.show(node);
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
