/** Says to an entity what a person, a flow or Home Assistant's own service calls say: topic and payload by component. */

import { text } from '../../base/catalogue';
import type { Entity } from '../entity';
import type { Current } from '../states/entity-state';
import { CommandBuilder, type CommandContext, type CommandPublication, type Expectation } from './builder';
import { CLIMATE_COMMANDS } from './climate';
import { EntityCommandError } from './errors';
import { light } from './light';
import { MOVING_COMMANDS } from './moving';
import { readSaid } from './said';
import { SIMPLE_COMMANDS } from './simple';

export interface Command {
  /** In this order. */
  readonly publications: readonly CommandPublication[];
  /** What the entity will be when it is done; nothing in it where the command does not say. */
  readonly expects: Expectation;
  /** True where the entity never says its state, so that what is expected is taken for it. */
  readonly isOptimistic: boolean;
}

const COMMANDS: Readonly<Record<string, (builder: CommandBuilder) => void>> = {
  ...SIMPLE_COMMANDS,
  ...MOVING_COMMANDS,
  ...CLIMATE_COMMANDS,
  light,
};

/**
 * The publications of a command. Nothing is made of what is only half understood.
 * @param said `ON`, `true`, `50`, `{state: "ON", brightness: 120}`, `{action: "light.turn_on", data: {…}}`
 * @throws EntityCommandError
 */
export function commandFor(entity: Entity, said: unknown, context: CommandContext): Command {
  const make = Object.hasOwn(COMMANDS, entity.component) ? COMMANDS[entity.component] : undefined;
  if (!make)
    throw new EntityCommandError(
      'readonly',
      text('entity.readonly', { entity: entity.name, component: entity.component }),
    );
  if (!context.current.available)
    throw new EntityCommandError('unavailable', text('entity.unavailable', { entity: entity.name }));
  const builder = new CommandBuilder(entity, readSaid(said), context);
  make(builder);
  return { publications: builder.publications, expects: builder.expects, isOptimistic: isOptimistic(entity) };
}

/** As in Home Assistant: said so, or no topic by which it could say its state. */
function isOptimistic(entity: Entity): boolean {
  if (!entity.isReadable) return false;
  if (entity.flag('optimistic')) return true;
  return !Object.keys(entity.config).some(
    (name) => /(?:^|_)(?:state|position)_topic$/.test(name) && !name.startsWith('set_'),
  );
}

/** True where the entity is what the command expects; a number may differ by the rounding of its scale. */
export function isConfirmed({ expects }: Pick<Command, 'expects'>, current: Current): boolean {
  if (expects.state !== undefined && !isSame(expects.state, current.payload)) return false;
  return Object.entries(expects.attributes).every(([name, value]) => isSame(value, current.attributes[name]));
}

function isSame(wanted: unknown, is: unknown): boolean {
  if (typeof wanted === 'number' && typeof is === 'number')
    return Math.abs(wanted - is) <= Math.max(1, Math.abs(wanted) * 0.02);
  return wanted === is;
}
