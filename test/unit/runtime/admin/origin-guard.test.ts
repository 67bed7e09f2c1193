import assert from 'node:assert/strict';
import { refuseForeign } from '../../../../src/runtime/admin/origin-guard';
import type { Refusal } from '../../../../src/runtime/admin/refusal';

describe('sidebar: forged origins', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const refused = (headers: Record<string, string>): number => {
    try {
      refuseForeign(headers, true);
      return 0;
    } catch (error) {
      return (error as Refusal).status;
    }
  };

  const cases: [string, Record<string, string>, number][] = [
    ['a program', json, 0],
    ['our own page', { ...json, 'sec-fetch-site': 'same-origin', origin: 'https://a', host: 'b' }, 0],
    ['our own page, without the header', { ...json, origin: 'http://red.lan:1880', host: 'red.lan:1880' }, 0],
    [
      'behind a proxy',
      { ...json, origin: 'https://red.example', host: 'x', 'x-forwarded-host': 'red.example' },
      0,
    ],
    ['another page', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour', { ...json, 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { ...json, origin: 'https://evil.example', host: 'red.lan' }, 403],
    ['another port', { ...json, origin: 'http://red.lan:8080', host: 'red.lan:1880' }, 403],
    ['a page in a sandbox', { ...json, origin: 'null', host: 'red.lan' }, 403],
    ['nonsense', { ...json, origin: '%%%', host: '' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text that is JSON', { 'content-type': 'text/plain; application/json' }, 415],
    ['nothing', {}, 415],
  ];
  for (const [who, headers, status] of cases) {
    it(`${status === 0 ? 'lets' : 'keeps'} ${who} ${status === 0 ? 'in' : 'out'}`, () =>
      assert.equal(refused(headers), status));
  }
});
