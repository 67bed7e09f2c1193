import type { NodeAPI } from 'node-red';
import { type Routes, requestBody } from '../../../runtime/admin/routes';
import { findBroker } from '../../../runtime/broker/find-broker';
import type { SessionLeases } from '../../../runtime/chat/chat-lease';

const NOBODY = { account: '', ready: false, callers: [], contacts: [], rooms: [] };

/**
 * `POST dinox/chat/:id/people`, for users who may deploy: contacts with their presence, rooms, and people who wrote
 * meanwhile, which dialogs offer as recipients. `{open: true}` opens the account's session for half a minute if no flow
 * uses it. Without that, only its state is returned. `{end: true}` releases it. `dialog` tells dialogs apart. A
 * connection that is not deployed has the phase `none`. That is not an error, because dialogs also ask before the
 * first deploy.
 */
export function peopleRoutes(RED: NodeAPI, routes: Routes, leases: SessionLeases): void {
  routes.deploy('/dinox/chat/:id/people', (request) => {
    const broker = findBroker(RED, request.params.id);
    if (!broker) return { phase: 'none', ...NOBODY };
    const { end, open, dialog = '' } = requestBody(request);
    // A dialog that closes late must not end the next one's session.
    const looker = `dialog ${String(dialog).slice(0, 40)}`;
    if (end === true) {
      leases.end(broker, looker);
      return {};
    }
    const { state, account } = broker.chat.stanzas;
    if (open !== true && state.phase === 'idle') {
      return { phase: state.phase, ...NOBODY, account };
    }
    const view = leases.renew(broker, looker);
    return view;
  });
}
