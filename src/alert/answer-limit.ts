/**
 * Limits the answers to one person. Two bots that hear each other would otherwise answer each other forever. Texts that
 * are not understood, that repeat or that never stop are answered a few times, and then no more until they stop.
 * Commands are always carried out. In a room, each occupant has a limit of their own, so nobody can silence the answers
 * for the others.
 */
import { BoundedMap } from '../base/bounded-map';

/** Times are milliseconds of a steady clock. */
interface Conversation {
  /** Texts in a row that were not understood. */
  misunderstood: number;
  /** Repetitions of the same exchange, each soon after the one before. */
  same: number;
  exchange: string;
  /** Recent texts, answered or not: the time of each, as often as it counts. */
  lately: number[];
  /** When something was last said. */
  last: number;
}

const MAX_MISUNDERSTOOD = 3;
const MAX_SAME = 3;
/** Maximum in ten minutes of texts that are understood: an alarm storm is acknowledged one by one. */
const MAX_ANSWERS = 90;
/** Weight of a text that is not understood. */
const MISUNDERSTOOD = 3;
/** The same again later than that is a new question. */
const SOON = 60_000;
const STRETCH = 10 * 60_000;
/** Milliseconds of silence after which the count starts again. */
const FORGOTTEN = 10 * 60_000;
const MAX_PEOPLE = 1_000;

/** `last`: it is answered, and that this was the last one for now. */
export type AnswerDecision = 'answer' | 'last' | 'none';

export class AnswerLimit {
  private readonly people = new BoundedMap<string, Conversation>(MAX_PEOPLE);

  /**
   * Something was said, and this is the answer to it.
   * @param person a JID; of an occupant of a room: with the nick
   * @param now steady milliseconds
   */
  admit(
    person: string,
    said: string,
    answer: { text: string; understood: boolean },
    now: number,
  ): AnswerDecision {
    const patient = this.patientOf(person, now);
    patient.misunderstood = answer.understood ? 0 : patient.misunderstood + 1;
    const exchange = `${said.slice(0, 300)}\n${answer.text.slice(0, 300)}`;
    patient.same = patient.exchange === exchange && now - patient.last < SOON ? patient.same + 1 : 1;
    patient.exchange = exchange;
    patient.last = now;
    const lately = patient.lately.filter((at) => now - at < STRETCH).slice(-MAX_ANSWERS);
    const wasFull = lately.length >= MAX_ANSWERS;
    for (let count = answer.understood ? 1 : MISUNDERSTOOD; count > 0; count--) lately.push(now);
    patient.lately = lately;
    const isFull = lately.length >= MAX_ANSWERS;
    const over = Math.max(
      patient.misunderstood - MAX_MISUNDERSTOOD,
      patient.same - MAX_SAME,
      wasFull ? 1 : isFull ? 0 : -1,
    );
    return over < 0 ? 'answer' : over === 0 ? 'last' : 'none';
  }

  private patientOf(person: string, now: number): Conversation {
    const known = this.people.get(person);
    const patient =
      known && now - known.last < FORGOTTEN
        ? known
        : { misunderstood: 0, same: 0, exchange: '', lately: [], last: now };
    this.people.set(person, patient);
    return patient;
  }
}
