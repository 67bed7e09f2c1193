/// <reference path="./red.d.ts" />
import { type ApiError, get, post } from './admin-api';
import { el, setText } from './dom';
import { whenChanged } from './form';
import { shared } from './texts';

/** Answer of `GET dinox/brokers/:id/shown`. */
interface Shown {
  entities: number;
  /** Milliseconds since the epoch. */
  removedAt?: number;
}

/**
 * Says below *Show in Home Assistant* that somebody deleted the device there, and shows it again at a press of a button.
 * @param tick the box that is ticked
 * @param broker the chosen connection
 */
export function watchShown(tick: JQuery, broker: () => string): void {
  const words = el('span');
  const button = el('button', 'red-ui-button red-ui-button-small', { type: 'button' }, shared('shown.again'));
  const line = el('div', 'dinox-note', { role: 'status', hidden: true }, words, ' ', button);
  tick.closest('.form-row').append(line);
  let asked = '';
  const path = (): string => `dinox/brokers/${encodeURIComponent(broker())}/shown`;
  const tell = (said: string, offers: boolean): void => {
    setText(words, said);
    button.hidden = !offers;
    line.hidden = said === '';
  };
  const look = async (): Promise<void> => {
    const wanted = tick.is(':checked') ? broker() : '';
    if (wanted === asked) return;
    asked = wanted;
    if (wanted === '' || wanted === '_ADD_') {
      tell('', false);
      return;
    }
    try {
      const { removedAt } = await get<Shown>(path());
      if (asked !== wanted) return;
      const time = removedAt === undefined ? '' : new Date(removedAt).toLocaleString();
      tell(time === '' ? '' : shared('shown.removed', { time }), time !== '');
    } catch {
      // The rest of the dialog says that somebody may not look.
      tell('', false);
    }
  };
  button.addEventListener('click', () => {
    button.disabled = true;
    post(path(), {})
      .then(() => tell(shared('shown.begun'), false))
      .catch((error: ApiError) => tell(error.isForbidden ? shared('shown.forbidden') : error.message, true))
      .finally(() => {
        button.disabled = false;
      });
  });
  whenChanged(() => void look());
  void look();
}

export type WatchShown = typeof watchShown;
