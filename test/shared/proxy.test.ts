// Addresses of proxies: what is understood, and that a password is in none of what may be shown.
import { describe, expect, it } from 'vitest';
import { listProxySecrets, nameProxy, readProxy, splitProxy, writeProxy } from '../../shared/proxy.ts';

describe('an address', () => {
  it.each([
    ['socks5://host', { scheme: 'socks5', host: 'host', port: 1080 }],
    ['SOCKS5H://Host:99/', { scheme: 'socks5', host: 'host', port: 99 }],
    ['http://proxy.example:3128', { scheme: 'http', host: 'proxy.example', port: 3128 }],
    ['https://[::1]', { scheme: 'https', host: '::1', port: 443 }],
    ['http://me@host', { scheme: 'http', host: 'host', port: 80, user: 'me' }],
    ['http://me:p%40s@host', { scheme: 'http', host: 'host', port: 80, user: 'me', password: 'p@s' }],
    ['http://me:p@s:/#?%zz@host:1', { scheme: 'http', host: 'host', port: 1, user: 'me', password: 'p@s:/#?%zz' }],
  ])('is read: %s', (text, read) => {
    expect(readProxy(text)).toEqual(read);
  });

  it.each([
    '',
    'host:1080',
    'socks4://host',
    'ftp://host',
    'http://',
    'http://host:0',
    'http://host:70000',
    'http://a b',
    'http://host/path',
  ])('is refused: %s', (text) => {
    expect(readProxy(text)).toBeUndefined();
  });

  it('is the same when it is written and read again, and has no password when it is named', () => {
    const proxy = { scheme: 'socks5', host: '2001:db8::1', port: 1, user: 'ä@b', password: 'p:@/%41' } as const;
    expect(readProxy(writeProxy(proxy))).toEqual(proxy);
    expect(nameProxy(proxy)).toBe('socks5://%C3%A4%40b@[2001:db8::1]:1');
  });
});

it('every form in which a password travels is known', () => {
  expect(listProxySecrets('http://me:p@ss@host')).toEqual(['p@ss', 'p%40ss', btoa('me:p@ss')]);
  expect(listProxySecrets('http://me@host')).toEqual([]);
});

it('a password is kept for the address that it was given with, and for no other', () => {
  const address = 'socks5://me@host:1080';
  expect(splitProxy('socks5://me:secret@host')).toEqual({
    address,
    whole: 'socks5://me:secret@host:1080',
    kept: false,
  });
  expect(splitProxy('socks5://me@host:1080/', address)).toEqual({ address, kept: true });
  expect(splitProxy('socks5://me@other', address)).toMatchObject({ kept: false });
});
