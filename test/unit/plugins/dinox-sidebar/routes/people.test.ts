/** People that dialogs are told of, and when the account's session is opened for that. */
import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { peopleRoutes } from '../../../../../src/plugins/dinox-sidebar/routes/people';
import type { Handler, Routes } from '../../../../../src/runtime/admin/routes';
import { SessionLeases } from '../../../../../src/runtime/chat/chat-lease';
import { FakeClock } from '../../../transport/fake-clock';
import { OutStanzas } from '../../../xmpp/out-stanzas';

describe('sidebar: people for the dialogs', () => {
  it('opens a session only when it is told to, and lets go of it', async () => {
    const stanzas = await OutStanzas.make();
    stanzas.state = { phase: 'idle' };
    const users: string[] = [];
    const chat = {
      ...{ stanzas, presences: { showOf: () => '' }, rooms: { joined: [] } },
      register: ({ id }: { id: string }) => users.push(id),
      deregister: async ({ id }: { id: string }) => void users.splice(users.indexOf(id), 1),
    };
    const dinox = { chat, wildcards: true, config: { payloadType: 'json', presence: 'available' } };
    const RED = { nodes: { getNode: (id: string) => (id === 'account' ? { dinox } : null) } };
    let handler: Handler = () => {};
    const routes = { deploy: (_path: string, given: Handler) => (handler = given) };
    const guides = new SessionLeases(new FakeClock());
    peopleRoutes(RED as unknown as NodeAPI, routes as unknown as Routes, guides);
    const ask = (body: object, id = 'account') =>
      handler({ params: { id }, body } as never, {} as never) as { phase?: string; contacts?: object[] };
    assert.deepEqual([ask({}).phase, users], ['idle', []]);
    assert.deepEqual([ask({}, 'other').phase, users], ['none', []]);
    assert.deepEqual([ask({ open: true }).contacts, users.length], [[], 1]);
    guides.renew(dinox as never);
    ask({ end: true });
    assert.equal(users.length, 1, 'the guide looks still');
    ask({ open: true, dialog: 'second' });
    ask({ end: true, dialog: 'first' });
    guides.end(dinox as never);
    assert.equal(users.length, 1, 'the second dialog looks still');
    ask({ end: true, dialog: 'second' });
    assert.deepEqual(users, []);
    // In use by a flow: everybody is told of at once.
    stanzas.state = { phase: 'online', jid: 'bot@example.org/x', resumed: false, where: '' };
    assert.equal(ask({}).phase, 'online');
    assert.equal(users.length, 1);
  });
});
