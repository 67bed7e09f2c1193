/** One Node-RED with a connection for every way that messages take, so that all of them are tried side by side. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../../support/flows';
import type { Completion, Message, RunningFlow } from '../../support/runtime';
import { dinoxIn, dinoxOut, flowOf, type Harness, online } from '../nodes-support';
import type { Column } from './columns';

/** Long enough for what a message takes on a busy machine. */
const PATIENCE = 10_000;
/** Milliseconds in which nothing more comes, and in which something comes that does come, on a busy machine too. */
const QUIET = 400;
export const SOON = 4_000;

/** Nodes of each column that receive: both are told by message what to subscribe to. */
type Receiver = 'in' | 'late';

export class Stage {
  private constructor(
    readonly flow: RunningFlow,
    private readonly columns: readonly Column[],
  ) {}

  static async start(harness: Harness, columns: readonly Column[]): Promise<Stage> {
    const secrets = Object.fromEntries(columns.map(({ id, credentials }) => [`broker-${id}`, credentials]));
    // What the fixed nodes subscribe to is there.
    await Promise.all(columns.map(({ ben, id }) => ben.make(fixedTopic(id))));
    const flow = await harness.flow(flowOf(...nodesOf(columns)), secrets);
    await Promise.all(columns.map(({ id }) => online(flow, `out-${id}`)));
    return new Stage(flow, columns);
  }

  /** Deploys the flow with another name of every node. */
  async deploy(name: string, type: 'full' | 'nodes'): Promise<void> {
    const secrets = Object.fromEntries(
      this.columns.map(({ id, credentials }) => [`broker-${id}`, credentials]),
    );
    await this.flow.deploy(flowOf(...nodesOf(this.columns, name)), type, secrets);
  }
}

/** Static nodes, which a deploy brings back, and two that are told what to subscribe to. */
function nodesOf(columns: readonly Column[], name = ''): FlowNode[] {
  return columns.flatMap(({ id, broker }) => {
    const own = { broker: broker.id, name };
    const dynamic = { ...own, inputs: 1, topicType: 'dynamic' };
    return [
      broker,
      dinoxIn(`fixed-${id}`, fixedTopic(id), own),
      dinoxIn(`in-${id}`, '', dynamic),
      dinoxIn(`late-${id}`, '', dynamic),
      dinoxOut(`out-${id}`, own),
    ];
  });
}

function fixedTopic(id: string): string {
  return `f${process.pid}c${id}`;
}

let topics = 0;

/** One behaviour's view of one column: a topic of its own, and what its nodes see. */
export class Scene {
  readonly topic: string;
  private readonly flow: RunningFlow;
  private readonly begin: number;

  constructor(
    stage: Stage,
    readonly column: Column,
  ) {
    this.flow = stage.flow;
    this.topic = `t${process.pid}x${++topics}`;
    this.begin = this.flow.logged.length;
  }

  /** The topic of the node `fixed`, which is subscribed from the start. */
  get fixed(): string {
    return fixedTopic(this.column.id);
  }

  /** The node's `done`, which has to be called once. */
  call(node: Receiver | 'out', message: Message): Promise<Completion> {
    return this.flow.call(`${node}-${this.column.id}`, message, PATIENCE);
  }

  /** Publishes from the flow. Resolves with the text of the error, undefined if there is none. */
  async tries(topic: string, payload: unknown, more: { qos?: number; retain?: boolean } = {}) {
    return (await this.call('out', { topic, payload, qos: 0, ...more })).error;
  }

  async publish(
    topic: string,
    payload: unknown,
    more: { qos?: number; retain?: boolean } = {},
  ): Promise<void> {
    assert.equal(await this.tries(topic, payload, more), undefined);
  }

  /** What a node brought on a topic so far. */
  at(node: Receiver | 'fixed', topic: string): Message[] {
    return this.flow.at(`${node}-${this.column.id}-sink`).filter((message) => message.topic === topic);
  }

  /** Resolves with what came, as soon as there are so many. */
  came(node: Receiver | 'fixed', topic: string, count: number, ms = PATIENCE): Promise<Message[]> {
    const look = (): Message[] | false => this.at(node, topic).length >= count && this.at(node, topic);
    return this.flow.until(`${count} messages on ${topic} at ${node}-${this.column.id}`, look, ms);
  }

  /** What came after a while, where nobody knows if anything does. */
  async whatCame(node: Receiver | 'fixed', topic: string, ms = QUIET): Promise<Message[]> {
    await sleep(ms);
    return this.at(node, topic);
  }

  /** Subscribes, and waits until messages really come. */
  async subscribe(node: Receiver, topic: string | string[]): Promise<void> {
    const ready = `${this.topic}/ready-${node}`;
    if (this.at(node, ready).length === 0) await this.call(node, { action: 'subscribe', topic: ready });
    await this.call(node, { action: 'subscribe', topic });
    const before = this.at(node, ready).length;
    for (let tries = 0; tries < 200 && this.at(node, ready).length === before; tries++) {
      await this.publish(ready, '"ready"');
      await sleep(50);
    }
    assert.notEqual(this.at(node, ready).length, before, `${node}-${this.column.id} hears nothing`);
  }

  async unsubscribe(node: Receiver, topic: string): Promise<void> {
    await this.call(node, { action: 'unsubscribe', topic });
  }

  /** What came on a topic, after a while in which something should have come if it ever does. */
  async whatShouldCome(node: Receiver | 'fixed', topic: string): Promise<Message[]> {
    await this.comes(() => this.at(node, topic).length > 0, SOON);
    return this.whatCame(node, topic);
  }

  /** Resolves once a look gives true; false after the patience. */
  async comes(look: () => boolean, ms = PATIENCE): Promise<boolean> {
    for (const end = Date.now() + ms; !look(); await sleep(20)) if (Date.now() > end) return false;
    return true;
  }

  /** Warnings and errors that this column's nodes wrote since. */
  complaints(): string[] {
    return this.flow.logged
      .slice(this.begin)
      .filter(
        ({ node, level }) => node?.endsWith(`-${this.column.id}`) && (level === 'warn' || level === 'error'),
      )
      .map(({ text }) => text);
  }

  /** Complaints about topics of this scene. */
  refusals(): string[] {
    return this.complaints().filter((text) => text.includes(this.topic));
  }

  /** Calls of `done` for a message. */
  completions(message: Message): Completion[] {
    return this.flow.completionsOf(message);
  }

  send(message: Message): void {
    this.flow.send(`out-${this.column.id}`, message);
  }

  shows(fill: 'green' | 'yellow'): Promise<unknown> {
    return this.flow.shows(`out-${this.column.id}`, fill, 20_000);
  }
}
