import { randomUUID } from 'node:crypto';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { ReadText, Translate } from '../../base/translate';
import { Inbox } from '../../xmpp/receiving/inbox';
import { FEATURES } from '../../xmpp/receiving/inbox-types';
import { MAX_OF_ALL, MAX_OF_ONE } from '../../xmpp/receiving/stranger-limit';
import type { Rooms } from '../../xmpp/rooms/rooms';
import type { SentMessages } from '../../xmpp/sent-messages';
import type { XmppSession } from '../../xmpp/session/session';
import type { Stanzas } from '../../xmpp/stanzas';
import type { Log } from '../node-contract';
import { AlertCommandsOfChat } from './alert-commands';
import { reportRead } from './alerts-behind';
import { ArchiveFile } from './archive-file';
import { LateMessages } from './late-messages';
import type { RuntimeBus } from './sending-reports';

export interface ChatInboxOptions {
  stanzas: Stanzas & Pick<XmppSession, 'addFeature' | 'handleIq'>;
  rooms: Rooms;
  memory: SentMessages;
  clock: Clock;
  log: Log;
  translate: Translate;
  read: ReadText;
  bus: RuntimeBus | undefined;
  /** Path of the file that says how far archives are dealt with; undefined without a user directory. */
  archiveFile: string | undefined;
  /** Called once for each message that a flow takes. */
  heard(): void;
}

/** What comes in for the nodes that listen: messages, archives, ad-hoc commands. */
export class ChatInbox {
  readonly inbox: Inbox;
  private readonly file: ArchiveFile;
  private readonly commands: AlertCommandsOfChat | undefined;
  private readonly stopWatching: (() => void) | undefined;

  constructor(options: ChatInboxOptions) {
    const { stanzas, rooms, clock, log, translate, read, bus } = options;
    this.file = new ArchiveFile(options.archiveFile, stanzas.account, clock, (error, path) =>
      log.warn(text('log.archiveFile', { path, reason: textOf(error) })),
    );
    const late = new LateMessages({ stanzas, bus, translate, newId: randomUUID });
    for (const feature of FEATURES) stanzas.addFeature(feature);
    this.inbox = new Inbox(stanzas, rooms, options.memory, {
      clock,
      positions: this.file.positions,
      late: (...about) => late.take(...about),
      caughtUp: () => {
        late.tell();
        if (bus) reportRead(bus);
      },
      notice: (level, said) => log[level](said),
      cannotRead: translate('chat.cannotRead'),
      flooded: (sender) =>
        log.warn(text('log.strangers', { sender: plain(sender), one: MAX_OF_ONE, all: MAX_OF_ALL })),
      heard: options.heard,
      failed: (error) => log.error(text('log.stanza', { reason: textOf(error) })),
    });
    this.stopWatching =
      bus &&
      stanzas.onState(({ phase }) => {
        if (phase === 'online' || phase === 'stopped') reportRead(bus);
      });
    this.commands =
      bus &&
      new AlertCommandsOfChat({
        ...{ session: stanzas, bus, clock, translate, read },
        listeners: () => this.inbox.listeners,
        isRoom: (bare) => rooms.isJoined(bare),
      });
  }

  /** A deploy is over: the wires may be others now. */
  deployed(): void {
    this.commands?.deployed();
  }

  close(removed: boolean): void {
    this.stopWatching?.();
    this.inbox.close();
    this.file.close(removed);
  }
}
