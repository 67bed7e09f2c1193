import assert from 'node:assert/strict';
import type { PeerCertificate } from 'node:tls';
import { namesOf } from '../../../src/net/tls-fault';

describe('names in a certificate', () => {
  const names = (subjectaltname: string): string =>
    namesOf({ subjectaltname, subject: { CN: 'common.name' } } as unknown as PeerCertificate);

  it('are those of hosts: Prosody\u2019s own certificates have others beside them', () => {
    const made =
      'othername:SRVName:_xmpp-client.example.org, othername:XmppAddr:example.org, DNS:example.org, IP Address:192.0.2.1';
    assert.equal(names(made), 'example.org, 192.0.2.1');
    assert.equal(names('othername:<unsupported>, DNS:example.org'), 'example.org');
  });

  it('are the common name where there are no others', () => {
    assert.equal(names('othername:XmppAddr:example.org'), 'common.name');
    assert.equal(names(''), 'common.name');
  });
});
