import { BoundedMap } from '../../base/bounded-map';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { PayloadType } from '../../servers/payload-types';
import { InputError } from '../../topics/errors';
import { itemsOf, keepsItems } from '../../xmpp/pubsub/answers';
import type { ItemContent } from '../../xmpp/pubsub/payload';
import type { NodeConfig } from '../../xmpp/pubsub/requests';
import { StanzaError } from '../../xmpp/stanzas';
import { LinkError } from '../errors';
import { AskWindow } from './ask-window';
import { clearNode, publishRefusal } from './clear-node';
import { conditionOf, isLost, isUnanswered, type PubsubService } from './service';

/** Nodes whose settings are remembered. */
const MAX_NODES = 20_000;
/** A publication, ready for its node. */
export interface PubsubMessage {
  node: string;
  id: string;
  content: ItemContent & { type: PayloadType };
  retain: boolean;
}

/** What is known of a node that is published to. */
interface Target {
  /** Publications that wait for the node's settings; undefined: these are settled. */
  waiting: { run(): void; failed: Sent }[] | undefined;
  /** True if the node keeps items; undefined: nobody said so. */
  keeps: boolean | undefined;
}

/** The part of the subscriptions that publishing has to do with. */
export interface PublishedNodes {
  /** True if our subscription made the node, with the settings that the service gives. */
  isAutocreated(node: string): Promise<boolean>;
  /** A node of ours is there now. */
  appeared(node: string): void;
  /** We ask for what a node keeps to be removed; the result is to be called when it is. */
  clearing(node: string): () => void;
}

type Sent = (error?: Error) => void;

/**
 * Publishes items. A node's first publication settles it: it is created, and told whether it keeps items. `sent` is
 * called when the service has answered; where the session was lost before, never: the outbox sends it again, under the
 * same id.
 */
export class Publisher {
  private readonly targets = new BoundedMap<string, Target>(MAX_NODES);
  /** By item id. One that is sent again while its answer is still to come waits for that. */
  private readonly underWay = new Map<string, Sent>();
  private readonly window: AskWindow;
  private wasFull = false;
  /** Number of times that all was sent again. */
  private round = 0;

  constructor(
    private readonly service: PubsubService,
    private readonly settings: Omit<NodeConfig, 'persist'>,
    private readonly nodes: PublishedNodes,
    private readonly tools: {
      notice(code: string, note: Text): void;
      drained(): void;
      /** An answer stayed away: nobody knows what became of the publication, so all that are open go out again. */
      unanswered(error: Error): void;
    },
  ) {
    this.window = new AskWindow(service.clock, () => this.tellDrained());
  }

  get writable(): boolean {
    const hasRoom = this.window.hasRoom && this.underWay.size < AskWindow.max;
    if (!hasRoom) this.wasFull = true;
    return hasRoom;
  }

  /** All that is open is sent again: what is still to come of it counts no more. */
  forget(): void {
    this.round += 1;
    this.underWay.clear();
    for (const [node, target] of this.targets) if (target.waiting) this.targets.delete(node);
  }

  publish(message: PubsubMessage, sent: Sent): void {
    const { id, content, retain, node } = message;
    if (this.underWay.has(id)) {
      this.underWay.set(id, sent);
      return;
    }
    const isEmpty = content.text === '';
    if (isEmpty && !retain && content.type === 'json') {
      sent(new InputError('payload-json', text('pubsub.emptyJson', { node: plain(node) })));
      return;
    }
    this.underWay.set(id, sent);
    const { round } = this;
    const settle = (error?: Error): void => {
      if (round !== this.round) return;
      const done = this.underWay.get(id);
      this.underWay.delete(id);
      // The outbox sends it again, under the same id.
      if (isLost(error)) return;
      if (isUnanswered(error)) {
        this.tools.unanswered(error);
        return;
      }
      // `done` may publish the next one.
      done?.(error);
      this.tellDrained();
    };
    const work = isEmpty && retain ? () => this.clear(node) : () => this.send(message);
    const run = (): void => {
      if (round !== this.round) return;
      work().then(() => settle(), settle);
    };
    if (isEmpty && retain) run();
    else this.whenSettled(node, retain, run, settle);
  }

  private async clear(node: string): Promise<void> {
    const cleared = this.nodes.clearing(node);
    await clearNode(this.service, this.window, node);
    cleared();
  }

  private tellDrained(): void {
    if (!this.wasFull || !this.writable) return;
    this.wasFull = false;
    this.tools.drained();
  }

  private whenSettled(node: string, retain: boolean, run: () => void, failed: Sent): void {
    const target = this.targets.get(node);
    if (target?.waiting) target.waiting.push({ run, failed });
    else if (target) run();
    else {
      const made: Target = { waiting: [{ run, failed }], keeps: undefined };
      this.targets.set(node, made);
      this.settleNode(node, made, retain).then(
        () => {
          const { waiting } = made;
          made.waiting = undefined;
          for (const next of waiting ?? []) next.run();
        },
        (error: Error) => {
          if (this.targets.get(node) === made) this.targets.delete(node);
          for (const next of made.waiting ?? []) next.failed(error);
        },
      );
    }
  }

  private async settleNode(node: string, target: Target, retain: boolean): Promise<void> {
    const { requests } = this.service;
    const config: NodeConfig = { ...this.settings, persist: retain };
    try {
      await this.service.ask(requests.create(node, config), this.window);
      target.keeps = retain;
      this.nodes.appeared(node);
      return;
    } catch (error) {
      const condition = conditionOf(error);
      if (condition === undefined) throw error;
      if (condition === 'not-acceptable' || condition === 'bad-request') {
        throw new LinkError(
          'refused',
          text('pubsub.settingsRefused', { node: plain(node), text: textOf(error) }),
        );
      }
      // Without the right to create it, publishing works all the same if it is there.
      if (condition !== 'conflict') return;
    }
    if (await this.nodes.isAutocreated(node)) {
      // Nobody but our own subscription has made it.
      const done = await this.tryAsking(requests.configure(node, config));
      if (done) {
        target.keeps = retain;
        return;
      }
    }
    const answer = await this.tryAsking(requests.settings(node));
    target.keeps = answer && keepsItems(answer);
  }

  private async tryAsking(question: Parameters<PubsubService['ask']>[0]) {
    try {
      return await this.service.ask(question, this.window);
    } catch (error) {
      if (error instanceof StanzaError) return undefined;
      throw error;
    }
  }

  private async send({ node, id, content, retain }: PubsubMessage): Promise<void> {
    const { requests } = this.service;
    try {
      await this.service.ask(requests.publish(node, id, content), this.window);
    } catch (error) {
      const condition = conditionOf(error);
      if (condition === undefined) throw error;
      // Deleted meanwhile: the next one makes it anew.
      if (condition === 'item-not-found') this.targets.delete(node);
      throw await publishRefusal(this.service, this.window, node, error as StanzaError);
    }
    await this.checkKeeping(node, retain);
  }

  /** Says once where a node keeps what is not to be kept, or the other way round. */
  private async checkKeeping(node: string, retain: boolean): Promise<void> {
    const target = this.targets.get(node);
    if (!target) return;
    if (retain && target.keeps === undefined) {
      const answer = await this.tryAsking(this.service.requests.lastItems(node, 1));
      // Another publication may have come behind this one.
      target.keeps = answer === undefined || itemsOf(answer).length > 0;
    }
    if (target.keeps === undefined || target.keeps === retain) return;
    const note = retain ? 'pubsub.notKept' : 'pubsub.keptAll';
    this.tools.notice(retain ? 'pubsub-not-kept' : 'pubsub-kept', text(note, { node: plain(node) }));
  }
}
