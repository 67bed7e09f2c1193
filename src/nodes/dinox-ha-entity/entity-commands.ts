import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError } from '../../base/coded-error';
import { plain } from '../../base/printable';
import { type Command, commandFor, isConfirmed } from '../../homeassistant/commands/command';
import type { Templates } from '../../homeassistant/templates/template';
import type { FollowedEntity } from '../../runtime/homeassistant/entity-states';
import type { Publication } from '../../transport/messages';
import type { Done } from '../../transport/outbox/outbox';

/** A command that reached no entity, or that no state confirmed. */
class EntityError extends CodedError<
  'which' | 'notHere' | 'notAnnounced' | 'notConfirmed' | 'tooMany' | 'closed'
> {
  override readonly name = 'EntityError';
}

export interface EntityCommandsOptions {
  clock: Clock;
  templates: Templates;
  confirm: boolean;
  /** Milliseconds. */
  timeout: number;
  /** The entity with this key or entity id; if none is named, the only one. */
  find(named: string | undefined): FollowedEntity | undefined;
  /** Keys that the node is to have, announced or not; undefined: as many as the filter takes. */
  keys: ReadonlySet<string> | undefined;
  /** Entities that the node has now. */
  count(): number;
  publish(publication: Publication, done: Done): void;
  /** The state of an optimistic entity is what it was told. */
  assumed(followed: FollowedEntity): void;
}

/** A command that is not done: its entity is not announced yet, or its state does not confirm it yet. */
interface Waiting {
  /** True if it has got what it waited for. */
  look(): boolean;
  end(error?: Error): void;
}

/** Most commands that wait. */
const MAX_WAITING = 1_000;
const MAX_NAME = 100;

/** The way of a command from the input to its entity. */
export class EntityCommands {
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly options: EntityCommandsOptions) {}

  /**
   * Sends what `said` means to the entity.
   * @param named `msg.entity`: its key or its entity id; needed where the node has several
   * @param done called once, with a `CommandError`, an `EntityError` or the error of the connection
   */
  handle(named: unknown, said: unknown, done: Done): void {
    const name = typeof named === 'string' && named !== '' ? named : undefined;
    try {
      const found = this.options.find(name);
      if (found) this.send(found, said, done);
      else this.waitForEntity(name, said, done);
    } catch (error) {
      done(error as Error);
    }
  }

  /** Something changed: an entity was announced, or a state came. */
  look(): void {
    for (const one of [...this.waiting]) if (one.look()) this.waiting.delete(one);
  }

  close(): void {
    const left = [...this.waiting];
    this.waiting.clear();
    for (const one of left) one.end(new EntityError('closed', text('entity.closed')));
  }

  /** After a start the announcements are still to come. */
  private waitForEntity(name: string | undefined, said: unknown, done: Done): void {
    const { keys, count, find, timeout } = this.options;
    if (name === undefined && (keys === undefined ? count() > 1 : keys.size !== 1))
      throw new EntityError('which', text('entity.which', { count: keys?.size ?? count() }));
    const shown = plain(name ?? [...(keys ?? [])][0] ?? '', MAX_NAME);
    if (name !== undefined && keys !== undefined && count() === keys.size)
      throw new EntityError('notHere', text('entity.notHere', { entity: shown }));
    this.wait(
      done,
      (end) => {
        const found = find(name);
        if (!found) return false;
        end(undefined, () => this.send(found, said, done));
        return true;
      },
      () =>
        new EntityError(
          'notAnnounced',
          shown === ''
            ? text('entity.noneAnnounced', { seconds: timeout / 1_000 })
            : text('entity.notAnnounced', { entity: shown, seconds: timeout / 1_000 }),
        ),
    );
  }

  /** @throws CommandError */
  private send(followed: FollowedEntity, said: unknown, done: Done): void {
    const { templates, confirm, assumed } = this.options;
    const { entity, state } = followed;
    const command = commandFor(entity, said, { templates, current: state.current });
    const { expects, isOptimistic } = command;
    const saysNothing = expects.state === undefined && Object.keys(expects.attributes).length === 0;
    if (confirm && !isOptimistic && !saysNothing) {
      this.sendConfirmed(followed, command, done);
      return;
    }
    this.publishAll(command, undefined, (error) => {
      if (!error && isOptimistic) {
        state.assume(expects.state ?? null, expects.attributes);
        assumed(followed);
      }
      done(error);
    });
  }

  /** `done` comes with the state that was wanted, or after the time. */
  private sendConfirmed({ entity: { key, name } }: FollowedEntity, command: Command, done: Done): void {
    const { find, timeout } = this.options;
    let isPublished = false;
    let isGivenUp = false;
    const waiting = this.wait(
      done,
      (end) => {
        const current = find(key)?.state.current;
        if (!isPublished || !current || !isConfirmed(command, current)) return false;
        end();
        return true;
      },
      () => {
        isGivenUp = true;
        return new EntityError(
          'notConfirmed',
          text('entity.notConfirmed', { name, seconds: timeout / 1_000 }),
        );
      },
    );
    this.publishAll(
      command,
      () => isGivenUp,
      (error) => {
        isPublished = true;
        if (error) waiting.end(error);
        else this.look();
      },
    );
  }

  /** `then` is called once, when the server has them all, with the first error. */
  private publishAll({ publications }: Command, obsolete: (() => boolean) | undefined, then: Done): void {
    let left = publications.length;
    let failure: Error | undefined;
    if (left === 0) then();
    for (const one of publications)
      this.options.publish({ ...one, ...(obsolete && { obsolete }) }, (error) => {
        failure ??= error;
        left -= 1;
        if (left === 0) then(failure);
      });
  }

  /** @param look calls `end` where it returns true */
  private wait(
    done: Done,
    look: (end: (error?: Error, then?: () => void) => void) => boolean,
    late: () => Error,
  ): Waiting {
    const { clock, timeout } = this.options;
    if (this.waiting.size >= MAX_WAITING)
      throw new EntityError('tooMany', text('entity.tooMany', { count: MAX_WAITING }));
    let isOver = false;
    const end = (error?: Error, then?: () => void): void => {
      if (isOver) return;
      isOver = true;
      stop();
      this.waiting.delete(waiting);
      if (!then) done(error);
      else
        try {
          then();
        } catch (thrown) {
          done(thrown as Error);
        }
    };
    const waiting: Waiting = { look: () => look(end), end };
    const stop = clock.after(timeout, () => end(late()));
    this.waiting.add(waiting);
    return waiting;
  }
}
