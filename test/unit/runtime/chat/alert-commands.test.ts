import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { AlertCommands } from '../../../../src/alert/command-handler';
import { AlertCommandsOfChat } from '../../../../src/runtime/chat/alert-commands';
import { type AlertBehind, serveChats } from '../../../../src/runtime/chat/alerts-behind';
import { NS } from '../../../../src/xmpp/namespaces';
import { AllowList } from '../../../../src/xmpp/receiving/allow-list';
import type { IqHandler } from '../../../../src/xmpp/session/iq-responses';
import type { Xml } from '../../../../src/xmpp/stanzas';
import { FakeClock } from '../../transport/fake-clock';

describe('the forms of a chat', () => {
  it('that are open when a deploy comes obey no alert of before', async () => {
    const { xml } = (await import('@xmpp/client')) as { xml: Xml };
    const obeyed: string[] = [];
    const alert = (id: string): AlertBehind => ({
      id,
      commands: {
        name: id,
        mayChat: () => true,
        limits: () => [{ field: 'warning', value: '8' }],
        open: () => [],
        command: () => {
          obeyed.push(id);
          return { ok: true, cmd: 'set', text: 'done' };
        },
      } as unknown as AlertCommands,
    });
    let alerts = [alert('before')];
    const bus = new EventEmitter();
    serveChats(bus, { takeLate: () => false, behind: () => alerts });
    let answer: IqHandler = () => undefined;
    const account = 'bot@example.org';
    const chat = new AlertCommandsOfChat({
      session: { account, addFeature: () => {}, handleIq: (_type, _ns, handler) => (answer = handler) },
      ...{ bus, clock: new FakeClock(), isRoom: () => false },
      listeners: () => [
        { id: 'in', hears: 'any', allow: new AllowList('anna@example.org', account) } as never,
      ],
      translate: (key) => key,
      read: ({ key }) => key,
    });
    chat.deployed();
    const ask = (attrs: object, ...content: ReturnType<typeof xml>[]) =>
      answer(
        xml(
          'iq',
          { type: 'set', from: 'anna@example.org/phone' },
          xml('command', { xmlns: NS.commands, node: 'dinox-alert/set', ...attrs }, ...content),
        ),
        xml,
      );
    const form = ask({ action: 'execute' });
    const sessionid = form && 'attrs' in form ? form.attrs.sessionid : undefined;
    assert.ok(sessionid);
    alerts = [alert('after')];
    chat.deployed();
    const field = xml('field', { var: 'warning' }, xml('value', {}, '9'));
    const done = ask(
      { sessionid, action: 'complete' },
      xml('x', { xmlns: NS.dataForms, type: 'submit' }, field),
    );
    assert.deepEqual(obeyed, []);
    assert.ok(done && 'condition' in done && done.condition === 'bad-request');
  });
});
