import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { LinkError } from '../../../../src/transport/errors';
import { PubsubService } from '../../../../src/transport/pubsub/service';
import { XmppError } from '../../../../src/xmpp/errors';
import { OutStanzas } from '../../xmpp/out-stanzas';
import { FakeClock } from '../fake-clock';

const JID = 'pubsub.example.org';
const DISCO = 'http://jabber.org/protocol/disco#info';

async function checked(answer: (stanzas: OutStanzas) => void): Promise<string | undefined> {
  const stanzas = await OutStanzas.make();
  answer(stanzas);
  const service = new PubsubService(stanzas, stanzas.xml, JID, new FakeClock());
  return service.check().then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof LinkError, String(error));
      return `${error.code} ${error.fatal} ${inEnglish(error.text)}`;
    },
  );
}

const identities =
  (...types: string[]) =>
  (stanzas: OutStanzas): void => {
    const { xml } = stanzas;
    const named = types.map((type) => {
      const [category = '', kind = ''] = type.split('/');
      return xml('identity', { category, type: kind });
    });
    stanzas.answers.set(`${JID} ${DISCO}`, () => xml('iq', {}, xml('query', { xmlns: DISCO }, ...named)));
  };

describe('pubsub: a service', () => {
  it('is one by what it says of itself, the account’s own included', async () => {
    assert.equal(await checked(identities('pubsub/service')), undefined);
    assert.equal(await checked(identities('account/registered', 'pubsub/pep')), undefined);
  });

  it('is none: wrong host, nothing said, not there; each with what to do', async () => {
    assert.match(
      (await checked(identities('conference/text'))) ?? '',
      /^config true .*but conference\/text\. Type the service/,
    );
    assert.match(
      (await checked(identities())) ?? '',
      /^config true .*something that does not say what it is/,
    );
    assert.match(
      (await checked(() => {})) ?? '',
      /^refused false .*cannot be used: not there\. Check how it is written/,
    );
  });

  it('does not answer: that is said, and it is asked again', async () => {
    const silent = (stanzas: OutStanzas): void => {
      stanzas.ask = () => Promise.reject(new XmppError('timeout', words('no answer within 15 s')));
    };
    assert.match((await checked(silent)) ?? '', /^timeout false .*does not answer \(no answer within 15 s\)/);
  });
});
