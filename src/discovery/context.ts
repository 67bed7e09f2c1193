import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import type { SrvAnswer } from '../net/srv';
import { describeSrv } from '../net/srv';
import { asciiDomain } from '../xmpp/jid-grammar';
import type { Lookups } from './lookups';
import type { StepGroup, StepLog } from './step-log';
import type { Notice, Question, Secrets } from './types';

/** Data that the parts of one resolution share. */
export interface Context {
  readonly question: Question;
  readonly secrets: Secrets;
  readonly lookups: Lookups;
  readonly recorder: StepLog;
  readonly notices: Notice[];
  readonly signal: AbortSignal;
  /** A fifteenth of the whole time, in milliseconds: budgets are given in these. */
  readonly unit: number;
}

/** The account's domain as DNS and certificates know it; undefined without a JID. */
export function accountDomain(question: Question): string | undefined {
  return question.jid && asciiDomain(question.jid.domain);
}

/** Asks for one SRV record set; a late answer counts as none. */
export async function askSrv(
  context: Context,
  phase: StepGroup.XmppSrv | StepGroup.MqttSrv,
  service: string,
  follows: (answer: SrvAnswer) => Text,
): Promise<SrvAnswer> {
  const name = `${service}._tcp.${accountDomain(context.question)}`;
  return context.recorder.run(
    phase,
    () =>
      within<SrvAnswer>(context, 3, (signal) => context.lookups.srv(name, signal), {
        kind: 'failed',
        reason: text('net.srvLate'),
      }),
    (answer) => ({
      asked: text('discovery.srv', { name }),
      answer: describeSrv(answer),
      follows: follows(answer),
      ok: answer.kind === 'records',
    }),
  );
}

/** Ends a look-up after so many units with `late` as its answer; a cancelled resolution rejects at once. */
export async function within<T>(
  { lookups, signal, unit }: Context,
  units: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: T,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const over = new Promise<T>((resolve, reject) => {
    controller.signal.addEventListener('abort', () => {
      if (signal.aborted) reject(signal.reason);
      else resolve(late);
    });
  });
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const cancel = lookups.after(units * unit, () => controller.abort(new Error('late')));
  const answer = work(controller.signal);
  // It rejects with the signal's reason after the race is over.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, over]);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}
