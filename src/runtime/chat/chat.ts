import type { NodeStatus } from 'node-red';
import { version } from '../../../package.json';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { ReadText, Translate } from '../../base/translate';

import { systemLookups } from '../../discovery/system-lookups';
import type { TlsSettings } from '../../net/tls';
import { IncomingContacts } from '../../xmpp/contacts/incoming-contacts';
import { PresenceList } from '../../xmpp/contacts/presence';
import { QuickDevices } from '../../xmpp/contacts/quick-devices';
import { XmppError } from '../../xmpp/errors';
import { NS } from '../../xmpp/namespaces';
import type { Inbox } from '../../xmpp/receiving/inbox';
import { RecipientKinds } from '../../xmpp/rooms/recipient-kinds';
import { Rooms } from '../../xmpp/rooms/rooms';

import { HandoverBounces } from '../../xmpp/sending/handover-bounces';
import { LastTexts } from '../../xmpp/sending/last-texts';
import type { Pending } from '../../xmpp/sending/sender';
import { SentMessages } from '../../xmpp/sent-messages';
import { XmppSession } from '../../xmpp/session/session';
import type { SessionState, Stanzas } from '../../xmpp/stanzas';
import { Uploads } from '../../xmpp/upload/upload';
import type { BrokerConfig } from '../config/broker-config';
import { ConnectionLog } from '../connection-log';
import type { LoggedLoss } from '../connection-loss-log';
import type { ChatHandover, UnsentStanza } from '../handover/handover-store';
import type { Log, RegisteredNode } from '../node-contract';
import { NodeStatuses } from '../node-statuses';
import { Answering } from './answering';
import { ChatInbox } from './chat-inbox';
import { chatStatus, roomStatus } from './chat-status';
import { MemoryFile } from './memory-file';
import { NoSession } from './no-session';
import type { RuntimeBus } from './sending-reports';

const MAX_PARTNERS = 50;

export interface ChatOptions {
  /** Id of the `dinox-broker`. */
  id: string;
  config: BrokerConfig;
  /** Client id of the node if no resource is typed. */
  clientId: string;
  /** Path of the file that says which messages belong to which alert; undefined without a user directory. */
  sentFile?: string | undefined;
  /** Path of the file that says how far archives are dealt with; undefined without a user directory. */
  archiveFile?: string | undefined;
  /** Where the nodes of this Node-RED hear of each other. */
  bus?: RuntimeBus | undefined;
  /** Path of the file with the names that people gave to topics. */
  namesFile?: string | undefined;
  /** Path of the file with what was said last; undefined without a user directory. */
  saidFile?: string | undefined;
  /** True if a removed node is only disabled. @default false */
  isDisabled?(): boolean;
  tls: TlsSettings;
  /** Shortest wait before a new try, in milliseconds. */
  reconnectMin: number | undefined;
  tools: { clock: Clock; random: () => number };
  chatHandover: ChatHandover;
  log: Log;
  translate: Translate;
  read: ReadText;
}

/** The one XMPP session that the chatting nodes of a `dinox-broker` share, and their statuses. */
export class Chat {
  /** The session as nodes use it. If it cannot log in, it gives everybody the reason. */
  readonly stanzas: Stanzas & Pick<XmppSession, 'stanzaLimit' | 'addFeature' | 'handleIq'>;
  readonly rooms: Rooms;
  /** Tells rooms from persons. */
  readonly kinds: RecipientKinds;
  readonly uploads: Uploads;
  readonly presences: PresenceList;
  /** Devices that show quick responses. */
  readonly quickDevices: QuickDevices;
  /** Messages of flows since the deploy; `errors` could not be sent. */
  readonly counts = { received: 0, sent: 0, errors: 0 };
  private readonly connectionLog: ConnectionLog;
  private changedAt: number;
  private readonly session: XmppSession | undefined;
  private readonly sentFile: MemoryFile<SentMessages>;
  private madeAnswering: Answering | undefined;
  private saidFile: MemoryFile<LastTexts> | undefined;
  private readonly bounces: HandoverBounces;
  /** People who wrote since the session began. */
  private readonly writers: IncomingContacts;
  private readonly statuses = new NodeStatuses((node) => this.statusFor(node));
  private madeInbox: ChatInbox | undefined;
  private wasOnline = false;

  constructor(private readonly options: ChatOptions) {
    const { config, tools, log } = options;
    const { bare = '', domain = '' } = config.question.jid ?? {};
    const fault = faultOf(config);
    this.changedAt = tools.clock.now();
    this.connectionLog = new ConnectionLog(log);
    if (!fault) this.session = this.makeSession();
    this.stanzas = this.session ?? new NoSession(bare, domain, fault as XmppError);
    this.stanzas.onState((state) => this.stateChanged(state));
    this.rooms = new Rooms(this.stanzas, { clock: tools.clock });
    this.rooms.onTrouble(() => this.statuses.showAll());
    this.rooms.onEvent(({ type, room }) => {
      if (type === 'joined' || type === 'left') this.statuses.showAll();
      if (type === 'joined') this.madeInbox?.inbox.entered(room);
    });
    this.kinds = new RecipientKinds(this.stanzas);
    this.presences = new PresenceList(this.stanzas);
    this.quickDevices = new QuickDevices(this.stanzas, tools.clock);
    this.stanzas.handleIq('set', NS.roster, (iq) => void this.presences.pushed(iq));
    this.writers = new IncomingContacts(bare, () => tools.clock.now());
    this.stanzas.onStanza((stanza) => this.writers.take(stanza));
    this.uploads = new Uploads(this.stanzas, { clock: tools.clock, tls: options.tls });
    this.sentFile = new MemoryFile(
      options.sentFile,
      (stored) => SentMessages.from(stored),
      tools.clock,
      (error, path) => log.warn(text('log.sent', { path, reason: textOf(error) })),
    );
    this.bounces = new HandoverBounces(this.stanzas, tools.clock, ({ count, to, why }) =>
      log.warn(text('log.cameBack', { count, to, why })),
    );
    this.takeReleased(options.chatHandover.sessions.take(options.id));
  }

  /** Ids of the nodes that chat. */
  get nodeIds(): string[] {
    return this.statuses.ids;
  }

  /** Time of the last change between online and offline, in milliseconds since the epoch. */
  get since(): number {
    return this.changedAt;
  }

  /** Reasons for lost sessions and failed tries, newest first. */
  get losses(): readonly LoggedLoss[] {
    return this.connectionLog.losses;
  }

  /** Persons who wrote to the account or got its messages, over restarts; they need not be contacts. */
  get partners(): string[] {
    const wrote = this.writers.list.map(({ jid }) => jid);
    return [...new Set([...wrote, ...this.memory.persons(MAX_PARTNERS)])].slice(0, MAX_PARTNERS);
  }

  /** True if nodes want to chat and cannot. */
  get isDown(): boolean {
    const { phase } = this.stanzas.state;
    return this.statuses.size > 0 && (phase === 'waiting' || phase === 'stopped');
  }

  /** Stanzas that the server does not have yet. */
  get queued(): number {
    return this.session?.queued ?? 0;
  }

  /** Our sent messages with their alerts. */
  get memory(): SentMessages {
    return this.sentFile.memory;
  }

  /** What the nodes that answer about topics share; made with the first of them. */
  get answering(): Answering {
    const { namesFile, tools, log } = this.options;
    this.madeAnswering ??= new Answering(namesFile, tools.clock, (error, path) =>
      log.warn(text('log.topicNames', { path, reason: textOf(error) })),
    );
    return this.madeAnswering;
  }

  /** What nodes that only say what changes said last; read with the first of them. */
  get said(): LastTexts {
    const { saidFile, tools, log } = this.options;
    this.saidFile ??= new MemoryFile(
      saidFile,
      (stored) => LastTexts.from(stored),
      tools.clock,
      (error, path) => log.warn(text('log.said', { path, reason: textOf(error) })),
    );
    return this.saidFile.memory;
  }

  /** Incoming messages for the nodes that listen; made with the first of them. */
  get inbox(): Inbox {
    this.madeInbox ??= new ChatInbox({
      ...this.options,
      ...{ stanzas: this.stanzas, rooms: this.rooms, memory: this.memory, clock: this.options.tools.clock },
      ...{ bus: this.options.bus, archiveFile: this.options.archiveFile },
      heard: () => {
        this.counts.received += 1;
      },
    });
    return this.madeInbox.inbox;
  }

  /** Ids of the `xmpp-in`s for which messages that were written before may still come. */
  get behind(): string[] {
    return this.madeInbox?.inbox.behind.map(({ id }) => id) ?? [];
  }

  /** A deploy is over: the wires may be others now. */
  deployed(): void {
    this.madeInbox?.deployed();
  }

  /** Adds a node that chats; the first one opens the session. */
  register(node: RegisteredNode): void {
    const first = this.statuses.size === 0;
    this.statuses.add(node);
    if (!first) return;
    if (this.session) {
      const session = this.session;
      // After this turn, so that all nodes of a deploy have said what they want.
      setImmediate(() => this.statuses.size > 0 && session.start());
    } else if (this.stanzas.state.phase === 'stopped' && !this.options.config.unconfigured) {
      // The status says enough if nothing is typed yet.
      this.options.log.error(this.stanzas.state.reason.text);
    }
  }

  /** Adds a node that somebody asked to connect: a session that had stopped is tried anew. */
  open(node: RegisteredNode): void {
    this.register(node);
    this.session?.start();
  }

  /** Removes a closed node; the last one that was removed from the flow closes the session. */
  async deregister(node: RegisteredNode, removed: boolean): Promise<void> {
    this.statuses.remove(node);
    if (!removed || this.statuses.size > 0) return;
    await this.session?.pause();
    // Meanwhile another one may have come.
    if (this.statuses.size > 0) this.session?.start();
  }

  /**
   * Closes. Stanzas that the server has not taken over in a moment go to the successor that a deploy makes, or get the
   * reason.
   */
  async close(removed: boolean): Promise<void> {
    const { chatHandover, id, isDisabled } = this.options;
    if (removed) await this.session?.end(closed());
    else chatHandover.sessions.release(id, await this.giveAway(), closed());
    this.rooms.close();
    this.madeInbox?.close(removed);
    this.bounces.close();
    await this.sentFile.close(removed);
    await this.madeAnswering?.close(removed && !isDisabled?.());
    await this.saidFile?.close(removed);
  }

  /** Leaves messages that wait for their recipient to the successor of an `xmpp-out`. */
  leave(node: string, pending: Pending[], reason: Error): void {
    const { account } = this.stanzas;
    const released = pending.map((one) => ({
      account,
      pending: one,
      done: (error: Error) => one.done(error),
    }));
    this.options.chatHandover.senders.release(node, released, reason);
  }

  /** Takes the messages that the predecessor of an `xmpp-out` left. */
  takePending(node: string): Pending[] {
    const own = ownOf(this.options.chatHandover.senders.take(node), this.stanzas.account);
    return own.map(({ pending }) => pending);
  }

  private async giveAway(): Promise<UnsentStanza[]> {
    const unsent = (await this.session?.handOver(closed())) ?? [];
    const { account } = this.stanzas;
    return unsent.map((one) => ({
      account,
      unsent: one,
      join: one.room === undefined ? undefined : this.rooms.wanted(one.room),
      done: (error: Error) => one.done(error),
    }));
  }

  private takeReleased(released: UnsentStanza[]): void {
    const own = ownOf(released, this.stanzas.account);
    const session = this.session;
    if (!session) for (const { done } of own) done(closed());
    else {
      for (const { unsent, join } of own) {
        // The session itself reports why there is none, and the room why it refuses messages.
        if (unsent.room && join) this.rooms.join(unsent.room, join).catch(() => {});
      }
      session.takeReleased(this.bounces.watch(own.map(({ unsent }) => unsent)));
    }
  }

  /** Present status of a node. */
  statusFor(node: RegisteredNode): NodeStatus {
    const { config, translate } = this.options;
    if (config.unconfigured || !config.question.jid) {
      return { fill: 'grey', shape: 'ring', text: translate('status.unconfigured') };
    }
    const [problem] = config.problems;
    if (problem)
      return { fill: 'red', shape: 'dot', text: translate('status.problem', { field: problem.field }) };
    if (!this.session)
      return { fill: 'red', shape: 'dot', text: translate('status.problem', { field: 'password' }) };
    const { state, queued } = this.session;
    return roomStatus(state, this.rooms.missing(node.id), translate) ?? chatStatus(state, queued, translate);
  }

  private makeSession(): XmppSession {
    const { config, clientId, tls, reconnectMin, tools, log } = this.options;
    const { jid, xmppService, allowUnencrypted } = config.question;
    if (!jid) throw new Error('a session needs a JID');
    const { srv } = systemLookups({ tls });
    return new XmppSession(
      {
        jid,
        password: config.secrets.password ?? '',
        resource: config.resource || clientId,
        service: xmppService,
        allowUnencrypted,
        tls,
        presence: config.presence,
        priority: config.priority,
        limits: config.limits,
        software: { name: 'DinoX for Node-RED', version },
        reconnectMin,
      },
      {
        ...tools,
        srv,
        notice: (said) => log.warn(said),
        queued: (count) => this.statuses.countsChanged(count),
      },
    );
  }

  private stateChanged(state: SessionState): void {
    const { tools } = this.options;
    const isOnline = state.phase === 'online';
    const broke = this.wasOnline && !isOnline;
    if (isOnline !== this.wasOnline) this.changedAt = tools.clock.now();
    this.wasOnline = isOnline;
    if ('reason' in state && state.reason && state.phase !== 'connecting') {
      const { code, text: why } = state.reason;
      this.connectionLog.lost(tools.clock.now(), { code, text: why }, broke);
    }
    if (state.phase === 'online')
      this.connectionLog.connected(text('log.online', { jid: state.jid, where: state.where }));
    if (state.phase === 'waiting' || state.phase === 'stopped') {
      const { text: why } = state.reason;
      const isFinal = state.phase === 'stopped';
      const said = text('xmpp.at', { where: this.stanzas.account, text: why });
      this.connectionLog.notConnected(why, isFinal, isFinal ? text('log.notAgain', { text: said }) : said);
    }
    this.statuses.showAll();
  }
}

const closed = (): XmppError => new XmppError('network', text('xmpp.brokerClosed'));

/** The stanzas of this account; those of another account get the reason. */
function ownOf<T extends { account: string; done(error: Error): void }>(released: T[], account: string): T[] {
  for (const one of released) if (one.account !== account) one.done(closed());
  return released.filter((one) => one.account === account);
}

/** The reason why this configuration cannot log in; undefined if it can. */
function faultOf(config: BrokerConfig): XmppError | undefined {
  const [problem] = config.problems;
  if (problem) {
    return new XmppError('login', text('xmpp.cannotLogIn', { field: problem.field, text: problem.text }));
  }
  const { jid } = config.question;
  if (!jid?.local) {
    return new XmppError('login', text('xmpp.needsAccount'));
  }
  if (!config.secrets.password) {
    return new XmppError('login', text('xmpp.needsPassword', { jid: jid.bare }));
  }
  return undefined;
}
