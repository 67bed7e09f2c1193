import { oneLine } from '../../base/printable';
import type { Translate } from '../../base/translate';
import { automaticElement } from '../../xmpp/automatic';
import type { Lateness } from '../../xmpp/receiving/lateness';
import type { ChatMessage } from '../../xmpp/receiving/stanza-reader';
import type { Stanzas } from '../../xmpp/stanzas';
import { offerLate } from './alerts-behind';
import { chatMessage } from './chat-messages';
import type { RuntimeBus } from './sending-reports';

/** People who are told at once, texts that are quoted to each, and their characters. */
const MAX_PEOPLE = 100;
const MAX_QUOTED = 3;
const MAX_LENGTH = 60;

interface Refused {
  to: string;
  kind: ChatMessage['kind'];
  texts: { text: string; stamp: number }[];
  count: number;
}

export interface LateMessagesOptions {
  stanzas: Pick<Stanzas, 'load' | 'send'>;
  bus: RuntimeBus | undefined;
  translate: Translate;
  newId(): string;
}

/**
 * What becomes of messages that came too late to be acted on: alerts take what still makes sense; who wrote anything
 * else is told, once for all of it.
 */
export class LateMessages {
  private readonly refused = new Map<string, Refused>();

  constructor(private readonly options: LateMessagesOptions) {}

  /**
   * @param isHeard another flow acts on it
   * @param lateness `overheard`: nobody waits for an answer
   */
  take(message: ChatMessage, listeners: readonly string[], lateness: Lateness, isHeard: boolean): void {
    const { bus } = this.options;
    const { reactions, text, to, kind, stamp, automatic, interrupted = false } = message;
    const payload = reactions ? reactions.emojis.join(' ') : text;
    const msg = chatMessage(message, payload, undefined, listeners) as Record<string, unknown>;
    if (bus && offerLate(bus, msg, listeners)) return;
    // Machines expect no answer, and a reaction is none.
    if (isHeard || lateness === 'overheard' || automatic !== undefined || reactions || text === '') return;
    const key = `${interrupted} ${to}`;
    const refused = this.refused.get(key) ?? { to, kind, texts: [], count: 0 };
    if (!this.refused.has(key) && this.refused.size >= MAX_PEOPLE) return;
    this.refused.set(key, refused);
    refused.count += 1;
    if (refused.texts.length < MAX_QUOTED) refused.texts.push({ text, stamp });
  }

  /** Tells everybody whose messages came too late. */
  tell(): void {
    const { stanzas, translate, newId } = this.options;
    const all = [...this.refused];
    this.refused.clear();
    for (const [key, { to, kind, texts, count }] of all) {
      const quoted = texts.map(({ text, stamp }) =>
        translate('chat.lateLine', { text: shortly(text), time: timeOf(stamp) }),
      );
      if (count > texts.length) quoted.push(translate('chat.lateMore', { count: count - texts.length }));
      const said = translate(key.startsWith('true') ? 'chat.interrupted' : 'chat.late', {
        texts: quoted.join('\n'),
      });
      stanzas.load().then(
        (xml) => {
          const type = kind === 'groupchat' ? 'groupchat' : 'chat';
          const body = xml('body', {}, said);
          stanzas.send(xml('message', { to, type, id: newId() }, body, automaticElement(xml, 1)), () => {});
        },
        () => {},
      );
    }
  }
}

function shortly(text: string): string {
  const line = oneLine(text);
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

/** In the machine's time zone. */
function timeOf(stamp: number): string {
  const date = new Date(stamp);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
