// Which Host, Origin and key come in.
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkAddress, readKey } from '../../../main/server/access.ts';

describe('the address check', () => {
  it.each(['127.0.0.1:7282', 'localhost:7282', '[::1]:7282', 'LOCALHOST', '127.0.0.2'])('lets %s in', (host) => {
    expect(() => checkAddress({ host }, '127.0.0.1')).not.toThrow();
  });

  it.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:7282', '192.168.1.5', '[fe80::1]', ''])(
    'refuses the Host "%s" on a loopback door',
    (host) => {
      expect(() => checkAddress({ host }, '127.0.0.1')).toThrow('does not name this machine');
    },
  );

  it('refuses a missing Host', () => {
    expect(() => checkAddress({}, '127.0.0.1')).toThrow('missing');
  });

  it("takes plain addresses and this machine's name on a wider door, and still no other name", () => {
    for (const host of ['192.168.1.5:7282', hostname(), '[fe80::1]:1'])
      expect(() => checkAddress({ host }, '0.0.0.0')).not.toThrow();
    expect(() => checkAddress({ host: 'evil.example' }, '0.0.0.0')).toThrow();
  });

  it.each(['https://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1:7282'])(
    'refuses the Origin %s',
    (origin) => {
      expect(() => checkAddress({ host: '127.0.0.1:7282', origin }, '127.0.0.1')).toThrow('another origin');
    },
  );

  it('lets its own pages in', () => {
    const headers = { host: '127.0.0.1:7282', origin: 'http://127.0.0.1:7282', 'sec-fetch-site': 'same-origin' };
    expect(() => checkAddress(headers, '127.0.0.1')).not.toThrow();
  });

  it('refuses what a foreign page loads without an Origin', () => {
    expect(() => checkAddress({ host: '127.0.0.1', 'sec-fetch-site': 'cross-site' }, '127.0.0.1')).toThrow();
  });
});

it.each([
  [{ authorization: 'Bearer abc' }, 'abc'],
  [{ authorization: 'bearer  abc ' }, 'abc'],
  [{ 'x-api-key': 'abc' }, 'abc'],
  [{ authorization: 'Basic abc' }, undefined],
  [{}, undefined],
])('reads the key of %j as %s', (headers, key) => {
  expect(readKey(headers)).toBe(key);
});
