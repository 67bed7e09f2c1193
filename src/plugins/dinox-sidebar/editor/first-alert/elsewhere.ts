import { el } from '../../../../editor/dom';
import type { Translate } from '../../../../editor/format';
import type { TypedAccount } from './connect';
import { labelledField } from './parts';

/** *My broker is somewhere else*: the account's chat here, MQTT there, as with a Mosquitto in the house. */
export class Elsewhere {
  readonly element: HTMLDetailsElement;
  private readonly host: HTMLInputElement;
  private readonly port: HTMLInputElement;
  private readonly tls = el('input', '', { type: 'checkbox', name: 'usetls' });
  private readonly user: HTMLInputElement;
  private readonly password: HTMLInputElement;

  constructor(translate: Translate) {
    const make = (name: string, more: Record<string, string> = {}) =>
      labelledField(translate(`guide.elsewhere.${name}`), { name, autocomplete: 'off', ...more });
    const host = make('host', { placeholder: '192.168.1.10' });
    const port = make('port', { inputmode: 'numeric', placeholder: '8883' });
    const user = make('user');
    const password = make('mqttPassword', { type: 'password', autocomplete: 'new-password' });
    [this.host, this.port, this.user, this.password] = [host.input, port.input, user.input, password.input];
    this.tls.checked = true;
    this.port.addEventListener('input', () => {
      // For these two ports, TLS is known.
      const known = { '1883': false, '8883': true }[this.port.value.trim()];
      if (known !== undefined) this.tls.checked = known;
    });
    this.element = el(
      'details',
      'dxs-more',
      {},
      el('summary', '', {}, translate('guide.elsewhere.title')),
      el('p', 'dxs-note', {}, translate('guide.elsewhere.lead')),
      host.row,
      port.row,
      el('label', 'dxs-check', {}, this.tls, translate('guide.elsewhere.usetls')),
      user.row,
      password.row,
    );
  }

  /** The fields as typed; empty if nothing was typed. */
  get typed(): Pick<TypedAccount, 'host' | 'port' | 'usetls' | 'user' | 'mqttPassword'> {
    const [host, port, user] = [this.host, this.port, this.user].map((input) => input.value.trim());
    return {
      host: host ?? '',
      port: port ?? '',
      usetls: this.tls.checked,
      user: user ?? '',
      mqttPassword: this.password.value,
    };
  }

  forget(): void {
    this.password.value = '';
  }
}
