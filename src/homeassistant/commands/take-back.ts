/** Takes a command back: what has to be said so that an entity is again what it was. */
import type { Entity } from '../entity';
import type { Current } from '../states/entity-state';
import type { CommandContext, Expectation } from './builder';
import { type Command, commandFor, isConfirmed } from './command';
import { EntityCommandError } from './errors';

/** What an entity was before a command, as far as the command changes it. */
export interface Before {
  readonly payload: Current['payload'];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Attributes that commands call otherwise. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['current_position', 'position'],
  ['current_tilt_position', 'tilt_position'],
]);
const WORDS: ReadonlyMap<unknown, string> = new Map([
  ['closed', 'close'],
  ['locked', 'lock'],
  ['unlocked', 'unlock'],
]);
/** States on the way to another. */
const TOWARDS: ReadonlyMap<unknown, string> = new Map([
  ['opening', 'open'],
  ['closing', 'closed'],
  ['locking', 'locked'],
  ['unlocking', 'unlocked'],
]);

/** The part of a state that a command changes. */
export function beforeOf(
  { component }: Entity,
  { expects }: Pick<Command, 'expects'>,
  { payload, attributes }: Current,
): Before {
  const moves = component === 'cover' || component === 'valve';
  const names = [...(moves ? ['current_position'] : []), ...Object.keys(expects.attributes)];
  return {
    payload,
    attributes: Object.fromEntries(
      names.filter((name) => attributes[name] !== undefined).map((name) => [name, attributes[name]]),
    ),
  };
}

/** The command that makes an entity again what it was; undefined where none does, or nobody knows what it was. */
export function commandBack(
  entity: Entity,
  { expects }: Pick<Command, 'expects'>,
  before: Before,
  context: CommandContext,
): Command | undefined {
  const names = Object.keys(expects.attributes);
  if (expects.state === undefined && names.length === 0) return undefined;
  for (const said of sayings(expects, names, before)) {
    try {
      const command = commandFor(entity, said, context);
      const restored: Current = { ...context.current, ...before, known: true };
      if (isConfirmed(command, restored) && isAll(command.expects, expects, before)) return command;
    } catch (error) {
      if (!(error instanceof EntityCommandError)) throw error;
    }
  }
  return undefined;
}

function* sayings(expects: Expectation, names: readonly string[], before: Before): Iterable<unknown> {
  const { payload, attributes } = before;
  const { current_position: position } = attributes;
  if (typeof position === 'number') {
    yield { position };
    // Opened by a half, no word brings it back.
    if (position > 0 && position < 100) return;
  }
  const fields = Object.fromEntries(names.map((name) => [FIELDS.get(name) ?? name, attributes[name]]));
  const isKnown = Object.values(fields).every((value) => value !== undefined && value !== null);
  if (expects.state === undefined) {
    if (isKnown) yield fields;
    return;
  }
  if (payload === null) return;
  const word = WORDS.get(payload) ?? payload;
  if (payload === false || names.length === 0) yield word;
  else if (isKnown) yield { state: word, ...fields };
}

/** True where a command says something about all that another one changes. */
function isAll(restored: Expectation, changed: Expectation, before: Before): boolean {
  if ('current_position' in restored.attributes) return true;
  if (changed.state !== undefined && restored.state === undefined) return false;
  return (
    before.payload === false || Object.keys(changed.attributes).every((name) => name in restored.attributes)
  );
}

/** True where an entity is what the command made of it, what it was before, or on its way between. */
export function isUntouched(
  { expects }: Pick<Command, 'expects'>,
  before: Before,
  { payload, attributes }: Current,
): boolean {
  const { state } = expects;
  if (
    state !== undefined &&
    ![state, before.payload, null].includes(payload) &&
    TOWARDS.get(payload) !== state
  )
    return false;
  return Object.entries(expects.attributes).every(([name, wanted]) =>
    isBetween(attributes[name], before.attributes[name], wanted),
  );
}

function isBetween(is: unknown, was: unknown, wanted: unknown): boolean {
  if (is === undefined || is === was || is === wanted) return true;
  if (typeof is !== 'number' || typeof wanted !== 'number') return false;
  const from = typeof was === 'number' ? was : wanted;
  return is >= Math.min(from, wanted) - 1 && is <= Math.max(from, wanted) + 1;
}

/** What an entity was, for people: `19`, `ON`, `ON, 50 %`. */
export function beforeText({ expects }: Pick<Command, 'expects'>, { payload, attributes }: Before): string {
  const state = typeof payload === 'boolean' ? (payload ? 'ON' : 'OFF') : String(payload);
  if (payload === false) return state;
  const values = Object.keys(expects.attributes)
    .filter((name) => attributes[name] !== undefined)
    .map((name) => {
      const value = attributes[name];
      return name === 'brightness' ? `${Math.round((Number(value) / 255) * 100)} %` : String(value);
    });
  return [...(expects.state === undefined ? [] : [state]), ...values].join(', ');
}
