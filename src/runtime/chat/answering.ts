import { AnswerLimit } from '../../alert/answer-limit';
import { ActMemory } from '../../answers/acts';
import { Aliases } from '../../answers/aliases';
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

/** What all nodes of an account that answer about topics share: names that people gave, and what was answered. */
export class Answering {
  readonly limit = new AnswerLimit();
  readonly orders = new ActMemory();
  private readonly file: MemoryFile<Aliases>;
  private readonly answered = new WeakMap<ChatMessage, NonNullable<Given>>();

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

  close(removed: boolean): Promise<void> {
    return this.file.close(removed);
  }
}
