/// <reference path="../../../editor/red.d.ts" />

import { type ApiError, get, post, remove } from '../../../editor/admin-api';
import type { Found, TestFault, TestView } from '../../../editor/test-view';
import {
  resultText,
  shortSoftware,
  showAbilities,
  showAdministrator,
  showAdvice,
  showCertificate,
  showNotices,
  showSteps,
} from './test-result';

export interface TestedDialog {
  node: EditorNode;
  /** The configuration as it would be saved now. */
  config(): Record<string, unknown>;
  credentials(): Record<string, string>;
  /** Shows invalid fields; true if there are any. */
  hasFaults(): boolean;
  found(found: Found): void;
  /** A person trusts the certificate with this fingerprint. */
  trust(fingerprint: string): void;
}

const POLL_MS = 250;

/** The button *Test connection* of one open dialog, and the test's result. */
export class ConnectionTest {
  private id: string | undefined;
  private since = 0;
  /** Number of the test; answers to older ones are ignored. */
  private turn = 0;
  private running = false;
  private readonly panel = $('#dinox-test');
  private readonly button = $('#dinox-test-button');

  constructor(private readonly dialog: TestedDialog) {
    this.button.on('click', () => (this.running ? this.cancel() : this.start()));
    this.panel.find('.dinox-test-steps').on('toggle', () => this.scrollSteps());
    $('#dinox-test-copy').on('click', () => this.copy());
  }

  /** The dialog closes. */
  close(): void {
    this.turn += 1;
    this.tellServer();
  }

  /** Begins a new test with the dialog's fields. */
  start(): void {
    if (this.dialog.hasFaults()) {
      this.show('failed', this.say('test.mend'));
      return;
    }
    this.turn += 1;
    this.since = 0;
    this.running = true;
    this.clear();
    this.panel.find('.dinox-test-steps').prop('open', true);
    this.show('running', this.say('test.running'));
    this.label('test.cancel');
    const { turn } = this;
    const body = {
      id: this.dialog.node.id,
      config: this.dialog.config(),
      credentials: this.dialog.credentials(),
    };
    void post<{ id: string }>('dinox/test', body).then(
      ({ id }) => {
        this.id = id;
        if (turn === this.turn) this.ask(turn);
        else this.tellServer();
      },
      (error: ApiError) => turn === this.turn && this.refused(error),
    );
  }

  private cancel(): void {
    this.turn += 1;
    this.tellServer();
    this.end('cancelled', this.say('test.cancelled'));
  }

  private tellServer(): void {
    if (this.id !== undefined) void remove(`dinox/test/${this.id}`).catch(() => {});
    this.id = undefined;
  }

  private ask(turn: number): void {
    void get<TestView>(`dinox/test/${this.id}`, { since: this.since }).then(
      (view) => {
        if (turn !== this.turn) return;
        this.take(view);
        if (view.state === 'running') setTimeout(() => turn === this.turn && this.ask(turn), POLL_MS);
      },
      ({ status, message }: ApiError) => {
        if (turn !== this.turn) return;
        this.id = undefined;
        this.end('failed', status === 404 ? message : this.say('test.lost'));
      },
    );
  }

  private take(view: TestView): void {
    const { node } = this.dialog;
    this.since = view.next;
    showSteps(node, this.panel, view.steps, view.next);
    if (view.steps.length > 0) this.scrollSteps();
    showAbilities(node, this.panel, view.abilities);
    showNotices(this.panel, view.notices);
    const { found } = view;
    if (found) this.dialog.found(found);
    if (view.state === 'running') {
      if (found?.where) this.show('running', this.say('test.trying', { where: found.where }));
      return;
    }
    this.id = undefined;
    const values = { software: shortSoftware(found?.software ?? ''), where: found?.where ?? '' };
    if (view.state === 'partly' && view.chat) {
      const { code } = view.chat;
      this.end('partly', this.say('test.partly', { ...values, what: this.say(`missed.${code}.what`) }));
      this.advise(this.say(`missed.${code}.todo`), view.chat);
      this.panel.find('.dinox-test-steps').prop('open', false);
    } else if (view.state === 'done') {
      const isReading = view.abilities.some(({ said }) => said === 'mayNotCreate');
      this.end('done', this.say(isReading ? 'test.doneReading' : 'test.done', values));
      // What matters now is the table; the steps stay one click away.
      this.panel.find('.dinox-test-steps').prop('open', false);
    } else if (view.failure) {
      const what = this.say(`failure.${view.failure.code}.what`);
      this.end('failed', this.say('test.failed', { what }));
      this.advise(this.say(`failure.${view.failure.code}.todo`), view.failure);
      if (view.failure.code === 'login')
        showAdministrator(this.dialog.node, this.panel, String(this.dialog.config().jid ?? ''));
    } else this.end('cancelled', this.say('test.cancelled'));
  }

  /** Shows what to do, and for an untrusted certificate the button that trusts it. */
  private advise(todo: string, { text, certificate }: TestFault): void {
    const { node, trust } = this.dialog;
    showAdvice(node, this.panel, todo, text);
    const jid = String(this.dialog.config().jid ?? '');
    if (certificate)
      showCertificate(node, this.panel, certificate, jid, () => trust(certificate.fingerprint));
  }

  private refused({ isForbidden, code, params, message }: ApiError): void {
    if (code === 'retype') $('#node-config-input-password').trigger('focus');
    if (code === 'often') this.end('failed', this.say('test.often', params));
    else if (isForbidden) this.end('failed', this.say('test.forbidden'));
    else this.end('failed', message || this.say('test.lost'));
  }

  private end(state: string, text: string): void {
    this.running = false;
    this.show(state, text);
    this.label('test.again');
    this.panel.find('.dinox-test-copy').prop('hidden', false);
    // Somebody who reads them now begins with the first.
    this.scrollSteps();
  }

  /** Copies the result for somebody who helps. The runtime's answer holds no password; what was typed is left out too. */
  private copy(): void {
    const { password = '', mqttPassword = '' } = this.dialog.credentials();
    const secrets = [password, mqttPassword].filter((secret) => secret.length > 3);
    const done = RED.clipboard.copyText(resultText(this.panel, secrets));
    this.panel.find('.dinox-test-copy > span').text(this.say(done ? 'test.copied' : 'test.notCopied'));
  }

  private show(state: string, text: string): void {
    this.panel.prop('hidden', false).attr('data-state', state);
    const line = this.panel.find('.dinox-test-state');
    if (line.text() !== text) line.text(text);
  }

  private clear(): void {
    this.panel.find('ol, ul, tbody, .dinox-test-advice').empty();
    this.panel.find('table, ul').prop('hidden', true);
    this.panel.find('.dinox-digest').text('');
    this.panel.find('.dinox-test-copy').prop('hidden', true).children('span').text('');
  }

  private label(key: string): void {
    this.button.find('span').text(this.say(key));
    this.button.find('i').attr('class', this.running ? 'fa fa-stop' : 'fa fa-plug');
  }

  private scrollSteps(): void {
    const list = this.panel.find('ol')[0];
    if (list) list.scrollTop = this.running ? list.scrollHeight : 0;
  }

  private say(key: string, values?: Record<string, unknown>): string {
    return this.dialog.node._(`dinox-broker.${key}`, values);
  }
}
