/** Reads what somebody says to a device: `light living room on`, `heating 21`, `turn off the kitchen light`. */
import { distance } from '../base/edit-distance';
import {
  type Actuator,
  type ActValue,
  isSameName,
  readValue,
  type SavedActuator,
  switchOf,
  takesValue,
} from './actuators';
import { tokensIn, wordsOf } from './words';

export interface Order {
  actuator: Actuator;
  /** Undefined where the order takes none. */
  value: ActValue | undefined;
  /** Asked back before anything is done: the name is not quite right, or the value is a word that says nothing to us. */
  isGuess: boolean;
  /** It began with a word that orders. */
  isUrged: boolean;
}

/** A longer text is no order. */
const MAX_LENGTH = 160;
const MAX_WORDS = 12;
/** Words of a value: `21 %`. */
const MAX_VALUE_WORDS = 2;
const isSwitch = (value: string): boolean => ['OPEN', 'CLOSE', 'STOP'].includes(value);
/** They say that it is an order, and nothing more. */
const URGING: ReadonlySet<string> = new Set([
  'set',
  'turn',
  'switch',
  'put',
  'make',
  'do',
  'run',
  'start',
  'schalte',
  'schalt',
  'stelle',
  'stell',
  'setze',
  'setz',
  'mach',
  'mache',
  'drehe',
  'dreh',
  'fahre',
  'fahr',
]);
const PUBLISHING: ReadonlySet<string> = new Set(['publish', 'veroeffentliche', 'veroeffentlichen']);
const JOINING: ReadonlySet<string> = new Set(['to', 'auf', 'it', 'es', 'mal']);

/**
 * The order in a text; undefined if no device of the table is meant. A question is no order.
 * @param guessable those whose name may have a wrong letter
 */
export function readOrder(
  said: string,
  actuators: readonly Actuator[],
  guessable = actuators,
): Order | undefined {
  const line = said.trim();
  if (line === '' || line.length > MAX_LENGTH || line.endsWith('?') || /[\n\r]/.test(line)) return undefined;
  const spoken = line.split(/\s+/);
  if (spoken.length > MAX_WORDS) return undefined;
  const isUrged = URGING.has(wordsOf(spoken[0] ?? '')[0] ?? '');
  const words = isUrged ? spoken.slice(1) : spoken;
  for (const isSame of [isSameName, isNearName]) {
    for (const { name, value } of readings(words)) {
      const among = isSame === isSameName ? actuators : guessable;
      const actuator = among.find(
        (one) => takesValue(one) === (value !== undefined) && isSame(one.words, name),
      );
      // `Heating broken` may be no order.
      const isWord = typeof value === 'string' && !isUrged && !isSwitch(value);
      if (actuator) return { actuator, value, isGuess: isSame !== isSameName || isWord, isUrged };
    }
  }
  return undefined;
}

/**
 * The saved publication that a text orders by its name, as in `publish good night`; undefined if it names none. A
 * question is a guess.
 */
export function readPublishing(said: string, saved: readonly SavedActuator[]): Order | undefined {
  const [, name] = publishedIn(said) ?? [];
  if (name === undefined || name === '') return undefined;
  const words = tokensIn(name);
  for (const isSame of [isSameName, isNearName]) {
    const actuator = saved.find((one) => isSame(one.words, words));
    const isGuess = isSame !== isSameName || name.endsWith('?');
    if (actuator) return { actuator, value: undefined, isGuess, isUrged: true };
  }
  return undefined;
}

/** The word that publishes, and the name behind it, which may be empty; undefined if a text does not begin so. */
export function publishedIn(said: string): readonly [string, string] | undefined {
  const line = said.trim();
  if (line.length > MAX_LENGTH || /[\n\r]/.test(line)) return undefined;
  const [first = '', ...rest] = line.split(/\s+/);
  return PUBLISHING.has(wordsOf(first)[0] ?? '') ? [first, rest.join(' ').replace(/[.!]+$/, '')] : undefined;
}

/** Each way to take a text for a name and a value. */
function* readings(words: readonly string[]): Iterable<{ name: string[]; value: ActValue | undefined }> {
  // A word such as `on` is the value, wherever it stands: `turn on the light`.
  const at = words.findLastIndex((word) => switchOf(word.replace(/[.!]+$/, '')) !== undefined);
  if (at >= 0)
    yield { name: nameIn(words.filter((_, place) => place !== at)), value: readValue(words[at] ?? '') };
  for (let count = 1; count <= MAX_VALUE_WORDS && count < words.length; count++) {
    const value = readValue(words.slice(-count).join(' '));
    if (value !== undefined) yield { name: nameIn(words.slice(0, -count)), value };
  }
  yield { name: nameIn(words), value: undefined };
}

const nameIn = (words: readonly string[]): string[] => {
  const last = wordsOf(words.at(-1) ?? '').join(' ');
  return tokensIn((JOINING.has(last) ? words.slice(0, -1) : words).join(' '));
};

/** True if each word is the same, or has one wrong letter. */
function isNearName(one: readonly string[], two: readonly string[]): boolean {
  if (one.length !== two.length) return false;
  const left = [...one];
  for (const word of two) {
    const found = left.findIndex((other) => other === word || isNear(other, word));
    if (found < 0) return false;
    left.splice(found, 1);
  }
  return true;
}

function isNear(one: string, two: string): boolean {
  const isLong = Math.min(one.length, two.length) >= 4 && Math.max(one.length, two.length) <= 40;
  return isLong && !/\d/.test(one + two) && Math.abs(one.length - two.length) <= 1 && distance(one, two) <= 1;
}
