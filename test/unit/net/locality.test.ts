import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import {
  checkAddress,
  guardedLookup,
  isInternalAddress,
  isLocalAddress,
  isLocalName,
} from '../../../src/net/locality';

describe('isLocalAddress', () => {
  const local = [
    '127.0.0.1',
    '127.255.255.255',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.1.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fc00::1',
    'fdff:ffff::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:192.168.1.1',
    '0:0:0:0:0:ffff:a00:1',
  ];
  const remote = [
    '126.255.255.255',
    '128.0.0.1',
    '9.255.255.255',
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.1.1',
    '192.169.1.1',
    '169.253.1.1',
    '100.64.0.1',
    '8.8.8.8',
    '0.0.0.0',
    '203.0.113.10',
    '::',
    '::2',
    'fec0::1',
    'fe00::1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '::ffff:100.64.0.1',
    '::127.0.0.1',
    'localhost',
    '',
    '10.0.0',
    '127.1',
  ];
  for (const address of local) it(`${address} is local`, () => assert.equal(isLocalAddress(address), true));
  for (const address of remote) it(`${address} is not`, () => assert.equal(isLocalAddress(address), false));
});

describe('isInternalAddress', () => {
  const internal = [
    ...['0.0.0.0', '0.1.2.3', '10.1.1.1', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.9.9.9'],
    ...['169.254.169.254', '172.16.0.1', '192.0.0.192', '192.168.0.1', '198.18.0.1', '224.0.0.1'],
    ...['239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::2', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
    ...['::ffff:0.0.0.0', '::ffff:127.0.0.1', '::FFFF:7f00:1', '0:0:0:0:0:ffff:a00:1'],
    ...['::127.0.0.1', '::8.8.8.8', '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
    ...['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '64:ff9b:1:fffe::8.8.8.8'],
    ...['2002:7f00:1::1', '2002:c0a8:101::', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ...['2a00:1::5efe:192.168.0.1', '2a00:1::200:5efe:10.0.0.1', '100::1', '5f00::1'],
    ...['localhost', '', '127.1'],
  ];
  const open = [
    ...[
      '8.8.8.8',
      '1.1.1.1',
      '172.15.255.255',
      '172.32.0.0',
      '100.63.255.255',
      '100.128.0.1',
      '223.255.255.255',
    ],
    ...['203.0.113.10', '2001:db8::1', '2a00:1450:4001::200e', '2606:4700::1111', '::ffff:8.8.8.8'],
    ...['64:ff9b::8.8.8.8', '2002:808:808::1', '2a00:1::5efe:8.8.8.8', '2001:4860:4860::8888'],
  ];
  it('what leads inside, in every spelling', () => {
    assert.deepEqual(
      internal.filter((address) => !isInternalAddress(address)),
      [],
    );
  });
  it('what is public', () => {
    assert.deepEqual(open.filter(isInternalAddress), []);
  });
});

describe('isLocalName', () => {
  for (const name of [
    'localhost',
    'nas',
    'nas.local',
    'NAS.LAN',
    'ha.home.arpa',
    'a.localhost',
    'nas.local.',
  ]) {
    it(`${name} is local`, () => assert.equal(isLocalName(name), true));
  }
  for (const name of [
    'example.org',
    'local.example.org',
    'xlocal.org',
    'home.arpa.org',
    '',
    '127.0.0.1',
    '[::1]',
    '::1',
  ]) {
    it(`${JSON.stringify(name)} is not`, () => assert.equal(isLocalName(name), false));
  }
});

describe('guardedLookup', () => {
  const found =
    (addresses: LookupAddress[]): LookupFunction =>
    (_host, options, callback) => {
      assert.equal(options.all, true);
      callback(null, addresses);
    };
  const guard = (addresses: LookupAddress[]) =>
    guardedLookup({
      allow: isLocalAddress,
      refuse: (host, address) => new Error(`${host} is ${address}`),
      lookup: found(addresses),
    });
  const both = [
    { address: '203.0.113.10', family: 4 },
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];
  const call = (lookup: LookupFunction, all: boolean) =>
    new Promise<unknown>((resolve, reject) => {
      lookup('nas', { all }, (error, address, family) =>
        error ? reject(error) : resolve(all ? address : [address, family]),
      );
    });

  it('leaves out what is not allowed, in both forms', async () => {
    assert.deepEqual(await call(guard(both), true), both.slice(1));
    assert.deepEqual(await call(guard(both), false), ['127.0.0.1', 4]);
  });
  it('fails with the error of the guard where nothing is left', async () => {
    for (const all of [true, false]) {
      await assert.rejects(call(guard(both.slice(0, 1)), all), { message: 'nas is 203.0.113.10' });
    }
  });
  it('passes the error of DNS on', async () => {
    const lookup = guardedLookup({
      allow: () => true,
      refuse: () => new Error('refused'),
      lookup: (_host, _options, callback) =>
        callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), '', 0),
    });
    await assert.rejects(call(lookup, true), { code: 'ENOTFOUND' });
  });
  it('stops net.connect before any byte is sent, and lets it through where allowed', async () => {
    let accepted = 0;
    const server = createServer((socket) => {
      accepted++;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const attempt = (allow: boolean) =>
      new Promise<Error | undefined>((resolve) => {
        const lookup = guardedLookup({ allow: () => allow, refuse: () => new Error('refused by the guard') });
        const socket = connect({ host: 'localhost', port, lookup });
        socket.once('error', (error) => resolve(error));
        socket.once('connect', () => {
          socket.destroy();
          resolve(undefined);
        });
      });
    assert.equal((await attempt(false))?.message, 'refused by the guard');
    assert.equal(accepted, 0);
    assert.equal(await attempt(true), undefined);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(accepted, 1);
  });
  it('checkAddress sees literals, which never reach a lookup', () => {
    const rule = { allow: isLocalAddress, refuse: (host: string) => new Error(`refused ${host}`) };
    for (const host of ['203.0.113.10', '[2001:db8::1]', '2001:db8::1']) {
      assert.throws(() => checkAddress(host, rule), { message: `refused ${host}` });
    }
    for (const host of ['127.0.0.1', '[::1]', '::1', 'example.org']) checkAddress(host, rule);
  });
});
