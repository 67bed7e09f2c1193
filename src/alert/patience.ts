/**
 * How often one chat is answered. Two bots that hear each other would answer each other for ever, whoever wrote them:
 * what is not understood, what is said again and again, and what goes on and on is answered a few times, and then no
 * more until it stops. Commands are obeyed all the same.
 */

/** Times are milliseconds of a clock that nobody sets. */
interface Patient {
  /** In a row: not understood. */
  misunderstood: number;
  /** How often this very exchange came, each soon after the one before. */
  same: number;
  exchange: string;
  /** Answers in this stretch, and when it began. */
  answers: number;
  began: number;
  /** When something was last said there. */
  last: number;
}

const MOST_MISUNDERSTOOD = 3;
const MOST_SAME = 3;
const MOST_ANSWERS = 30;
/** The same again later than that is a new question. */
const SOON = 60_000;
const STRETCH = 10 * 60_000;
/** After such a silence of the other side everything begins anew. */
const FORGOTTEN = 10 * 60_000;
const MOST_CHATS = 1_000;

/** `last`: it is answered, and that this was the last one for now. */
export type Verdict = 'answer' | 'last' | 'silent';

export class Patience {
  private readonly chats = new Map<string, Patient>();

  /**
   * Something was said in a chat, and this is the answer to it.
   * @param now steady milliseconds
   */
  judge(chat: string, said: string, answer: { text: string; understood: boolean }, now: number): Verdict {
    const patient = this.patientOf(chat, now);
    patient.misunderstood = answer.understood ? 0 : patient.misunderstood + 1;
    const exchange = `${said.slice(0, 300)}\n${answer.text.slice(0, 300)}`;
    patient.same = patient.exchange === exchange && now - patient.last < SOON ? patient.same + 1 : 1;
    patient.exchange = exchange;
    // A stretch that was full ends with a silence only.
    if (now - patient.began >= STRETCH && patient.answers < MOST_ANSWERS) {
      patient.began = now;
      patient.answers = 0;
    }
    patient.last = now;
    patient.answers += 1;
    const over = Math.max(
      patient.misunderstood - MOST_MISUNDERSTOOD,
      patient.same - MOST_SAME,
      patient.answers - MOST_ANSWERS,
    );
    return over < 0 ? 'answer' : over === 0 ? 'last' : 'silent';
  }

  private patientOf(chat: string, now: number): Patient {
    const known = this.chats.get(chat);
    this.chats.delete(chat);
    const patient =
      known && now - known.last < FORGOTTEN
        ? known
        : { misunderstood: 0, same: 0, exchange: '', answers: 0, began: now, last: now };
    this.chats.set(chat, patient);
    const [oldest] = this.chats.keys();
    if (this.chats.size > MOST_CHATS && oldest !== undefined) this.chats.delete(oldest);
    return patient;
  }
}
