import { sentences, type TextKey, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain, quote } from '../../base/printable';
import { LinkError, SubackError } from '../errors';
import type { Notices } from '../notices';
import type { Outbox } from '../outbox/outbox';
import { isAnswer, isProof, type LinkLoss, LossCounter } from '../poison/loss-counter';
import { oddCharacters } from '../poison/quarantine';
import type { SubscriptionSet } from '../subscriptions/subscription-set';
import type { Announcement } from './client-types';
import type { Connection } from './connection';

/** Age of a connection after which its birth message did not end it, in milliseconds. */
const BIRTH_LASTS = 10_000;

/** Least time that a connection which begins with care must last behind a step, in milliseconds. */
const QUIET = 250;
/** That time on a slow line, in round trips of the last answer. */
const QUIET_ANSWERS = 4;

/** Consequences of a loss. */
export interface StartOutcome {
  /** Reason for people, with the item behind which the line was lost once more. */
  reason: LinkError;
  /** True if something of ours was on trial, behind an answer of the server: the line as such works. */
  worked: boolean;
  /** True if the client must not resend by itself the messages under way. */
  takeBack: boolean;
}

/**
 * Starts a connection: subscriptions, the birth message, waiting messages; all at once in good times. If the line was
 * lost right behind one of them more than once, they come one after the other, each behind an answer of the server, so
 * that the one that ends it shows itself.
 */
export class StagedStart {
  private readonly births = new LossCounter<'birth'>();
  /** State of the birth message on this connection. */
  private born: 'no' | 'unconfirmed' | 'alone' = 'no';
  private bornAt = 0;
  /** The birth message that is given up. */
  private leftOut: Announcement | undefined;
  /** True once the server has answered on a connection that began with care. */
  private answered = false;

  constructor(
    private readonly subscriptions: SubscriptionSet,
    private readonly outbox: Outbox,
    private readonly notices: Notices,
    private readonly clock: Clock,
  ) {}

  /** @param isCurrent true while the connection is still there */
  begin(connection: Connection, birth: Announcement | undefined, isCurrent: () => boolean): void {
    const { subscriptions, outbox, births } = this;
    const probation = outbox.probation || subscriptions.probation || births.suspects;
    subscriptions.connected(connection.forSubscriptions, probation);
    connection.published = (topic, payload) => subscriptions.published(topic, payload);
    const wanted = birth === this.leftOut ? undefined : birth;
    this.answered = false;
    if (!probation) {
      this.born = wanted ? 'unconfirmed' : 'no';
      if (wanted) void connection.announce(wanted, 'birth', this.clock);
      outbox.attach(connection.sender);
      return;
    }
    this.born = 'no';
    const then = (next: () => void) => (): void => {
      if (isCurrent()) next();
    };
    const attach = then(() => outbox.attach(connection.sender));
    const beBorn = then(() => {
      if (!wanted) attach();
      else {
        this.born = 'alone';
        this.bornAt = this.clock.steady();
        void connection.announce(wanted, 'birth', this.clock).then(
          then(() =>
            connection.ping(
              then(() => {
                this.born = 'no';
                births.clear('birth');
                attach();
              }),
            ),
          ),
        );
      }
    });
    const asked = this.clock.steady();
    connection.ping(
      then(() => {
        const quiet = Math.max(QUIET, QUIET_ANSWERS * (this.clock.steady() - asked));
        this.clock.after(
          quiet,
          then(() => {
            this.answered = true;
            subscriptions.proceed(beBorn);
          }),
        );
      }),
    );
  }

  /** Handles a loss. @param uptime age of the connection since CONNACK, in milliseconds; undefined without a CONNACK */
  lost(reason: LinkError, uptime: number | undefined, birth: Announcement | undefined): StartOutcome {
    const loss = uptime === undefined ? undefined : { reason, uptime };
    const filters = this.subscriptions.disconnected(loss);
    const { answered } = this;
    this.answered = false;
    if (!loss || reason instanceof SubackError) return { reason, worked: false, takeBack: false };
    const born = this.birthLost(loss, birth);
    const { behind, takeBack } = this.outbox.lost(loss);
    let found = reason;
    if (behind) found = named(reason, 'mqtt.behindMessage', behind);
    else if (filters) found = named(reason, 'mqtt.behindSubscription', filters);
    else if (born) found = named(reason, 'mqtt.behindBirth', born);
    return { reason: found, worked: answered, takeBack };
  }

  /** Forgets all blame when the settings change. */
  forget(): void {
    this.births.forget();
    this.leftOut = undefined;
    this.outbox.serverChanged();
    this.subscriptions.forget();
  }

  /** @returns topic of the birth message if it was on trial */
  private birthLost(loss: LinkLoss, birth: Announcement | undefined): string | undefined {
    const { births, born } = this;
    const now = this.clock.steady();
    this.born = 'no';
    if (!birth || born === 'no') return undefined;
    if (born === 'alone') {
      if (!isAnswer({ ...loss, uptime: 0 }) || !isProof(loss, now - this.bornAt)) return undefined;
      if (births.lostAlone('birth', now)) this.leaveOut(birth, loss.reason);
    } else if (loss.uptime > BIRTH_LASTS || !isAnswer(loss)) births.clear('birth');
    else births.lost(['birth'], now);
    return born === 'alone' ? quote(birth.topic) : undefined;
  }

  private leaveOut(birth: Announcement, reason: LinkError): void {
    this.leftOut = birth;
    this.notices.report({
      level: 'warning',
      code: 'birth-given-up',
      text: sentences(
        text('mqtt.birthLeftOut', { topic: plain(birth.topic) }),
        reason.text,
        oddCharacters(birth.topic),
        text('mqtt.doChangeBirth'),
      ),
    });
  }
}

function named(reason: LinkError, what: TextKey, behind: string): LinkError {
  const { said, fatal } = reason;
  // A takeover by another client was a guess; this is a better one.
  const code = reason.guessed ? 'closed' : reason.code;
  const before = reason.guessed ? text('mqtt.serverClosedMute') : reason.text;
  const why = sentences(before, text(what, { topic: behind }));
  return new LinkError(code, why, fatal, { cause: reason, said, behind });
}
