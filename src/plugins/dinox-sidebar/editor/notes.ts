import { ApiError } from '../../../editor/admin-api';
import type { Translate } from '../../../editor/format';
import { visible } from '../../../editor/format';
import { keyboardPlace } from './keyboard-place';
import { type NotifyButton, red } from './red';

/** Milliseconds for which a note with buttons stays. */
const WITH_BUTTONS = 20_000;

/** Shows a note of Node-RED; texts from outside stay text. `ms`: how long one with buttons stays. */
export function note(
  text: string,
  type: 'success' | 'error' | 'warning' = 'success',
  buttons?: NotifyButton[],
  ms = WITH_BUTTONS,
): void {
  const content = $('<p>').text(text);
  const back = keyboardPlace();
  const close = (): void => {
    shown.close();
    back();
  };
  const shown = red().notify(content, {
    type,
    fixed: buttons !== undefined,
    timeout: 5_000,
    ...(buttons
      ? {
          buttons: buttons.map((one) => ({
            ...one,
            click: once(() => {
              close();
              one.click();
            }),
          })),
        }
      : {}),
  });
  if (!buttons) return;
  // A note that comes by itself takes the keyboard from nobody: Node-RED 5 moves it to the first button, after a time-out.
  window.setTimeout(back);
  // A note with buttons also goes away by itself, but later.
  window.setTimeout(close, ms);
}

/**
 * A press that counts once. A note fades while it can still be pressed, and the next one comes to its place: the second
 * half of a double click would act again, or undo what the first one did.
 */
function once(act: () => void): (press?: { detail?: unknown }) => void {
  let isPressed = false;
  return (press) => {
    if (isPressed || Number(press?.detail ?? 0) > 1) return;
    isPressed = true;
    act();
  };
}

/** Asks before an action that others notice. */
export function confirm(text: string, yes: string, no: string, then: () => void): void {
  const content = $('<p>').text(text);
  const back = keyboardPlace();
  const close = (): void => {
    shown.close();
    back();
  };
  const shown = red().notify(content, {
    modal: true,
    fixed: true,
    type: 'warning',
    buttons: [
      { text: no, click: close },
      {
        text: yes,
        class: 'primary',
        click: once(() => {
          close();
          then();
        }),
      },
    ],
  });
  // The keyboard is elsewhere otherwise, and what it reaches lies below the shade.
  content.closest('.red-ui-notification').find('button').first().trigger('focus');
}

/** An error in words. */
export function whatFailed(error: unknown, translate: Translate): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 401) return translate('error.permission');
  return error.message ? visible(error.message, 500) : translate('error.offline');
}
