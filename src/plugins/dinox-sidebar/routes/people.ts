import type { NodeAPI } from 'node-red';
import type { Guides } from '../../../runtime/guide';
import { brokerOr404 } from './brokers';
import { bodyOf, type Routes } from './http';

/**
 * Whom dialogs offer as receivers, of who may deploy: `POST dinox/chat/:id/people` tells contacts with their presence,
 * rooms, and who wrote meanwhile. `{open: true}` opens the account's session for half a minute where no flow uses it;
 * without that only its state is told. `{end: true}` lets go of it.
 */
export function peopleRoutes(RED: NodeAPI, routes: Routes, guides: Guides): void {
  routes.deploy('/dinox/chat/:id/people', (request) => {
    const broker = brokerOr404(RED, request.params.id);
    const { end, open } = bodyOf(request);
    if (end === true) {
      guides.end(broker, 'dialog');
      return {};
    }
    const { state, account } = broker.chat.stanzas;
    if (open !== true && state.phase === 'idle') {
      return { phase: state.phase, account, callers: [], contacts: [], rooms: [] };
    }
    const { topics: _topics, ...view } = guides.look(broker, 'dialog');
    return view;
  });
}
