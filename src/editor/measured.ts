/** Suggests an alert by what a value is about: its names and its unit tell. Pure. */
import { isContact, openPair } from '../base/opening';
import { isPlainField } from '../base/plain-field';

/** What is known of a value. All texts are from outside. */
export interface KnownValue {
  topic: string;
  /** Path in the JSON payload; empty or undefined: all of it. */
  field?: string | undefined;
  /** The name that its device announces. */
  name?: string | undefined;
  unit?: string | undefined;
  /** The last or a usual text, of what is open or closed, on or off. */
  state?: string | undefined;
}

/** What {@link usualAlert} knows. */
export type Measured = 'battery' | 'freezer' | 'humidity' | 'open';

/** Fields of a `dinox-alert`; empty: none. */
export interface UsualAlert {
  measured: Measured;
  condition: 'above' | 'below' | 'equals';
  limit: string;
  hysteresis: string;
  holdFor: string;
}

/** Longest text in which words are looked for, in characters. */
const MAX_LENGTH = 1_000;

const BATTERY = /batter|akku/;
const HUMIDITY = /humid|feucht/;
/** A plant and the earth are to be wet. */
const EARTH = /soil|earth|moisture|plant|pflanz|boden|erde/;
const FREEZER = /freez|gefrier|tiefk(?:ü|ue|u)hl|frost(?:er|truhe)/;
const TEMPERATURE = /temp/;
const OPENING = /door|window|contact|gate|tür|tuer|fenster|kontakt|opening|garage/;
/** Words that are part of others, such as the gate of a *gateway*, and settings, such as a radiator's *window detection*. */
const NO_OPENING = /doorbell|gateway|klingel|outdoor|indoor|detection/;
/** What is beside a door: last words such as the light of a garage. */
const NO_DOOR =
  /(?:^|[^y])light|lamp|licht(?!kuppel)|leuchte|motion|bewegung|fan|lüfter|heat|heiz|siren|pump/;
/** Last words about a battery that are in no percent: that of a solar plant gives power. */
const NO_CHARGE = /power|current|energy|strom|leistung|time|cycle/;
/** Numbers that name no state of the house: they rise for ever, or there is no limit that people know. */
const NO_LIMIT =
  /link.?quality|\blqi\b|rssi|snr|uptime|last.?seen|timestamp|version|count|index|energy|total/;
const OTHERS =
  /power|energy|volt|current|signal|rssi|link.?quality|humid|batter|akku|speed|pressure|door|light|switch|strom|leistung/;

/** An alert that is usual for what the value measures; undefined: none is. */
export function usualAlert(known: KnownValue): UsualAlert | undefined {
  const place = lower(`${known.topic} ${known.name ?? ''} ${known.field ?? ''}`);
  const quantity = quantityOf(known);
  const unit = (known.unit ?? '').trim().replace('℃', '°C').replace('℉', '°F');
  if (known.state !== undefined) {
    if (NO_DOOR.test(lastWords(known))) return undefined;
    return openAlert(known.state, isPlainField(fieldOf(known)) ? place : quantity);
  }
  const isShare = unit === '%' || unit === '';
  if (BATTERY.test(quantity))
    return isShare && !/volt|low|schwach|charg|temp/.test(quantity) && !NO_CHARGE.test(lastWords(known))
      ? BATTERY_LOW
      : undefined;
  if (HUMIDITY.test(quantity)) return isShare && !EARTH.test(place) ? HUMID : undefined;
  if (FREEZER.test(place)) return frozen(quantity, unit);
  return undefined;
}

const BATTERY_LOW: UsualAlert = {
  ...{ measured: 'battery', condition: 'below', limit: '20' },
  // A battery in the cold recovers by a few percent.
  ...{ hysteresis: '5', holdFor: '' },
};
const HUMID: UsualAlert = {
  ...{ measured: 'humidity', condition: 'above', limit: '65' },
  ...{ hysteresis: '3', holdFor: '' },
};

/** Five minutes: a door that is opened warms the air, and not what lies in it. */
function frozen(quantity: string, unit: string): UsualAlert | undefined {
  const isDegree = /^(°|º|deg)?\s?[CF]$/i.test(unit);
  const isTemperature =
    isDegree ||
    (unit === '' && (TEMPERATURE.test(quantity) || (FREEZER.test(quantity) && !OTHERS.test(quantity))));
  if (!isTemperature) return undefined;
  const [limit, hysteresis] = /F$/i.test(unit) ? ['5', '2'] : ['-15', '1'];
  return { measured: 'freezer', condition: 'above', limit, hysteresis, holdFor: '5m' };
}

/** What is open, by the word or the number that means it here; undefined: nothing that opens, or no such word. */
function openAlert(state: string, names: string): UsualAlert | undefined {
  if (!OPENING.test(names) || NO_OPENING.test(names)) return undefined;
  const word = openWord(state.trim(), isContact(names));
  if (word === undefined) return undefined;
  return { measured: 'open', condition: 'equals', limit: word, hysteresis: '', holdFor: '10m' };
}

function openWord(state: string, ofContact: boolean): string | undefined {
  const [open] = openPair(lower(state), ofContact) ?? [];
  return open === undefined ? undefined : inMannerOf(state, open);
}

function inMannerOf(example: string, word: string): string {
  if (example === example.toUpperCase()) return word.toUpperCase();
  return example[0] === example[0]?.toUpperCase() ? `${word[0]?.toUpperCase()}${word.slice(1)}` : word;
}

/** False for counters and the quality of a radio link: a limit a little above what was seen means nothing there. */
export const hasLimit = (known: KnownValue): boolean => !NO_LIMIT.test(quantityOf(known));

/** The field, else the last level of the topic that says something. */
function lastWords(known: KnownValue): string {
  const field = fieldOf(known);
  if (!isPlainField(field)) return field;
  return (
    lower(known.topic)
      .split('/')
      .filter((level) => !isPlainField(level))
      .pop() ?? ''
  );
}

/** Words that name the quantity: the field, else all of the topic with the name. */
function quantityOf(known: KnownValue): string {
  const field = fieldOf(known);
  return lower(isPlainField(field) ? `${known.topic} ${known.name ?? ''}` : field);
}

const fieldOf = ({ field = '' }: KnownValue): string => lower(field.split('.').pop() ?? '');

const lower = (text: string): string => text.slice(0, MAX_LENGTH).toLowerCase();
