import { el, setText } from '../../editor/dom';
import { EDITOR, type Session } from './session';
import { translate } from './texts';

/** The form that Node-RED's kind of login needs. */
export async function loginForm(session: Session, done: () => void): Promise<HTMLElement> {
  const kind = await session.kind();
  if (kind === 'password') return passwordForm(session, done);
  const link = el('a', 'button', { href: EDITOR }, translate('login.editor'));
  return kind === 'elsewhere'
    ? box(el('p', '', {}, translate('login.elsewhere')), link)
    : box(el('p', '', {}, translate('login.noneLeft')), link);
}

const box = (...children: Node[]): HTMLElement =>
  el('section', 'login', {}, el('h2', '', {}, translate('login.title')), ...children);

function passwordForm(session: Session, done: () => void): HTMLElement {
  const user = field('username', 'text', translate('login.user'));
  const password = field('current-password', 'password', translate('login.password'));
  const stay = el('input', '', { type: 'checkbox', id: 'stay' });
  const fault = el('p', 'fault', { role: 'alert' });
  const button = el('button', 'button', { type: 'submit' }, translate('login.button'));
  const form = el(
    'form',
    '',
    { method: 'post' },
    ...[user.label, user.input, password.label, password.input],
    el('p', 'stay', {}, stay, el('label', '', { for: 'stay' }, translate('login.stay'))),
    ...[fault, button],
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    setText(fault, '');
    session
      .login(user.input.value, password.input.value, stay.checked)
      .catch(() => 0)
      .then((status) => {
        button.disabled = false;
        if (status === 200) done();
        else setText(fault, faultOf(status));
      });
  });
  return box(form);
}

/** Node-RED answers 403 to a wrong login, and with an error of its own when there were too many. */
function faultOf(status: number): string {
  if (status === 400 || status === 401 || status === 403) return translate('login.wrong');
  return status === 500 ? translate('login.often') : translate('login.failed', { status });
}

function field(name: string, type: string, words: string): { label: HTMLElement; input: HTMLInputElement } {
  return {
    label: el('label', '', { for: name }, words),
    input: el('input', '', {
      id: name,
      name,
      type,
      autocomplete: name,
      required: true,
      autocapitalize: 'none',
    }),
  };
}
