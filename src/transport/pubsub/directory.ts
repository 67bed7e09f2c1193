import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import { isTopic } from '../../topics/filter';
import { affiliatedNodes, nodesOf } from '../../xmpp/pubsub/answers';
import type { AskWindow } from './ask-window';
import { conditionOf, type PubsubService } from './service';

/** Most nodes that are looked at. */
const MAX_NODES = 20_000;
/** Longest wait between two looks, in milliseconds, unless the first is longer. */
const MAX_WAIT = 300_000;
/** A list that was asked for less than this ago, in milliseconds, is not asked for again. */
const FRESH = 2_000;
/** ejabberd lists so many nodes (`max_nodes_discoitems`) and says nothing of the others. */
const CUT = 100;
/** Bytes of an item in the list, besides the names of node and service. */
const ITEM_BYTES = 24;

/** The names of a service's nodes. */
export interface NodeList {
  nodes: ReadonlySet<string>;
  /** False if nodes are left out, so that a missing one may be there all the same. */
  complete: boolean;
}

/**
 * Knows the nodes of a service. Nobody announces a new one, so it looks again and again: soon while there are changes,
 * seldom while there are none.
 */
export class NodeDirectory {
  private list: NodeList | undefined;
  private listedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<NodeList> | undefined;
  private wait: number;
  private cancel: (() => void) | undefined;
  /** Time of the next look, on the steady clock. */
  private due = 0;
  private hasAffiliations = true;
  private isCostTold = false;

  constructor(
    private readonly service: PubsubService,
    private readonly window: AskWindow,
    private readonly poll: number,
    private readonly tools: {
      notice(code: string, note: Text, level?: 'info'): void;
      looked(list: NodeList): void;
    },
  ) {
    this.wait = poll;
  }

  /** The present list. @throws StanzaError, XmppError */
  read(): Promise<NodeList> {
    const { clock } = this.service;
    if (this.list && clock.steady() - this.listedAt < FRESH) return Promise.resolve(this.list);
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** Looks from time to time; `soon`: something has changed. */
  watch(soon = false): void {
    const { clock } = this.service;
    if (soon) this.wait = this.poll;
    const due = clock.steady() + this.wait;
    // A change after the other would put off the look for ever.
    if (this.cancel && (!soon || this.due <= due)) return;
    this.cancel?.();
    this.due = due;
    this.cancel = clock.after(this.wait, () => this.look());
  }

  /** The session went on after a lost line: looks at once, since others may have made nodes meanwhile. */
  lookAgain(): void {
    // The first list is asked for by who wants it.
    if (!this.list) {
      this.watch(true);
      return;
    }
    this.listedAt = Number.NEGATIVE_INFINITY;
    this.cancel?.();
    this.due = this.service.clock.steady();
    // Each filter asks for it.
    this.cancel = this.service.clock.after(0, () => this.look());
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  /** The session is another one: what was listed may have changed. */
  forget(): void {
    this.listedAt = Number.NEGATIVE_INFINITY;
    this.asking = undefined;
  }

  private look(): void {
    this.cancel = undefined;
    const before = this.list?.nodes;
    this.read().then(
      (list) => {
        const isSame = before !== undefined && sameNames(before, list.nodes);
        this.wait = isSame ? Math.max(this.poll, Math.min(MAX_WAIT, this.wait * 2)) : this.poll;
        this.tools.looked(list);
        this.watch();
      },
      () => this.watch(),
    );
  }

  private async ask(): Promise<NodeList> {
    const { service, window } = this;
    // The service may have made the list as soon as it was asked, however long the answer was under way.
    const asked = service.clock.steady();
    const [listed, own] = await Promise.all([
      service.ask(service.requests.nodes(), window).then((answer) => nodesOf(answer, MAX_NODES)),
      this.affiliated(),
    ]);
    const complete = own === undefined || listed.size < CUT;
    if (!complete)
      this.tools.notice('pubsub-cut', text('pubsub.listCut', { service: service.jid, count: listed.size }));
    // A node is called what its owner likes: as a topic it would be a wildcard, or no text at all.
    const known = this.list?.nodes;
    const nodes = new Set([...listed, ...(own ?? [])].filter((name) => known?.has(name) || isTopic(name)));
    this.list = { nodes, complete };
    this.listedAt = asked;
    this.tellCost(listed, own);
    return this.list;
  }

  /** What looking costs, once: it goes on for as long as there are filters with wildcards. */
  private tellCost(...answers: (ReadonlySet<string> | undefined)[]): void {
    if (this.isCostTold) return;
    this.isCostTold = true;
    const { service, poll } = this;
    let bytes = 0;
    for (const names of answers)
      for (const name of names ?? []) bytes += name.length + service.jid.length + ITEM_BYTES;
    const note = text('pubsub.looks', {
      service: service.jid,
      count: this.list?.nodes.size ?? 0,
      least: Math.round(poll / 1_000),
      most: Math.round(Math.max(poll, MAX_WAIT) / 1_000),
      size: Math.ceil(bytes / 1_000),
    });
    this.tools.notice('pubsub-looks', note, 'info');
  }

  /** Nodes of the account itself; undefined if the service does not say: then it lists all. */
  private async affiliated(): Promise<Set<string> | undefined> {
    if (!this.hasAffiliations) return undefined;
    try {
      const answer = await this.service.ask(this.service.requests.affiliations(), this.window);
      return affiliatedNodes(answer, MAX_NODES);
    } catch (error) {
      if (conditionOf(error) === undefined) throw error;
      this.hasAffiliations = false;
      return undefined;
    }
  }
}

function sameNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const name of a) if (!b.has(name)) return false;
  return true;
}
