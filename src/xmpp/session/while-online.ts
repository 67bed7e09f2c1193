import type { Clock } from '../../base/clock';
import { XmppError } from '../errors';
import { SendError } from '../send-error';
import type { SessionState, Stanzas } from '../stanzas';

/** Maximum tries; lines that break this often in a row are no accident. */
const MAX_TRIES = 5;
/** Runs an action once there is a session, and again if the session was lost meanwhile. */
export async function whileOnline<T>(
  stanzas: Stanzas,
  clock: Clock,
  ms: number,
  action: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    await whenOnline(stanzas, clock, ms);
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof XmppError) || tries === MAX_TRIES) throw error;
    }
  }
}

/**
 * Resolves when there is a session.
 * @throws the reason why nobody tries any more, or SendError `offline`.
 */
function whenOnline(stanzas: Stanzas, clock: Clock, ms: number): Promise<void> {
  const settled = (state: SessionState): Error | true | undefined =>
    state.phase === 'online' ? true : state.phase === 'stopped' ? state.reason : undefined;
  return new Promise((resolve, reject) => {
    const finish = (how: Error | true): void => {
      cancel();
      end();
      if (how === true) resolve();
      else reject(how);
    };
    const cancel = clock.after(ms, () => finish(new SendError('offline')));
    const end = stanzas.onState((state) => {
      const how = settled(state);
      if (how) finish(how);
    });
    const now = settled(stanzas.state);
    if (now) finish(now);
  });
}
