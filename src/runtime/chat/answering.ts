import { setImmediate as turn } from 'node:timers/promises';
import { AnswerLimit } from '../../alert/answer-limit';
import { ActMemory } from '../../answers/acts';
import { Aliases } from '../../answers/aliases';
import type { Help } from '../../answers/home';
import type { Clock } from '../../base/clock';
import type { ChatMessage } from '../../xmpp/receiving/stanza-reader';
import { MemoryFile } from './memory-file';

/** `msg.answered`: what somebody was answered, and about what. */
export interface Answered {
  kind: 'value' | 'chart' | 'list' | 'act' | 'refused';
  topics: string[];
  text: string;
}

/** An answer; a promise while a device is being told something, undefined if it is none. The promise never rejects. */
export type Given = Answered | Promise<Answered | undefined> | undefined;

/** `isForAlerts`: an alert hears the call, too, and says it with its own commands. */
type HeardHelp = Help & { isForAlerts: boolean };

/** What all nodes of an account that answer about topics share: names that people gave, and what was answered. */
export class Answering {
  readonly limit = new AnswerLimit();
  readonly orders = new ActMemory();
  private readonly file: MemoryFile<Aliases>;
  private readonly answered = new WeakMap<ChatMessage, NonNullable<Given>>();
  private readonly helps = new WeakMap<ChatMessage, HeardHelp[]>();

  constructor(path: string | undefined, clock: Clock, complain: ConstructorParameters<typeof MemoryFile>[3]) {
    this.file = new MemoryFile(path, (stored) => Aliases.from(stored), clock, complain);
  }

  get aliases(): Aliases {
    return this.file.memory;
  }

  /** The first node that has an answer gives it, for all that hear the same message. */
  once(message: ChatMessage, answer: () => Given): Given {
    const known = this.answered.get(message);
    if (known) return known;
    const answered = answer();
    if (answered) this.answered.set(message, answered);
    return answered;
  }

  /** A node that hears a call for help says what can be said to it. */
  addHelp(message: ChatMessage, help: HeardHelp): void {
    const helps = this.helps.get(message);
    if (helps) helps.push(help);
    else this.helps.set(message, [help]);
  }

  /** What all nodes say that hear it: they all do within one turn of the event loop. */
  async helpOf(message: ChatMessage): Promise<HeardHelp> {
    await turn();
    const helps = this.helps.get(message) ?? [];
    return {
      lines: unlike(helps.flatMap(({ lines }) => lines)),
      choices: unlike(helps.flatMap(({ choices }) => choices)),
      isForAlerts: helps.some(({ isForAlerts }) => isForAlerts),
    };
  }

  close(removed: boolean): Promise<void> {
    return this.file.close(removed);
  }
}

/** Without those that say the same as an earlier one. */
const unlike = <T>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [JSON.stringify(one), one])).values(),
];
