import type { NodeAPI } from 'node-red';
import { systemClock } from '../../../base/clock';
import { systemLookups } from '../../../discovery/system-lookups';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Routes, requestBody } from '../../../runtime/admin/routes';
import type { SessionLeases } from '../../../runtime/chat/chat-lease';
import { NewAccountError, NewAccounts } from '../../../xmpp/registration/new-account';
import { register } from '../../../xmpp/registration/register';
import { brokerOr404 } from './brokers';

const STATUS: Readonly<Record<string, number>> = { jid: 400, password: 400, busy: 429 };

/**
 * Routes of the guided start, for users who may deploy:
 * - `POST dinox/guide/:id/look` opens the account's session for half a minute and tells whom it knows, who wrote to
 *   it meanwhile and, where MQTT cannot say it, which topics there are; `{end: true}` releases it;
 * - `POST dinox/guide/account` `{jid, password, invitation, trusted}` makes an account (XEP-0077), with an invitation where
 *   one is given (XEP-0401). Neither the password nor the invitation is answered.
 */
export function guideRoutes(RED: NodeAPI, routes: Routes, leases: SessionLeases): void {
  const { srv } = systemLookups();
  const accounts = new NewAccounts({ clock: systemClock, random: Math.random, srv, register });

  routes.deploy('/dinox/guide/account', async (request) => {
    const { jid, password, invitation, trusted } = requestBody(request);
    try {
      await accounts.make(jid, password, invitation, trusted);
    } catch (error) {
      if (!(error instanceof NewAccountError)) throw error;
      throw new Refusal(STATUS[error.code] ?? 409, error.code, error.text);
    }
    return { made: true };
  });

  routes.deploy('/dinox/guide/:id/look', (request) => {
    const broker = brokerOr404(RED, request.params.id);
    if (requestBody(request).end === true) {
      leases.end(broker);
      return {};
    }
    return leases.renew(broker);
  });
}
