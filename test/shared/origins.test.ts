// How an origin of a web page may be written, and what is said of one that is not.
import { expect, test } from 'vitest';
import { readOrigin } from '../../shared/origins.ts';
import { SettingsChange } from '../../shared/settings.ts';

test.each([
  ['http://localhost:3000', 'http://localhost:3000'],
  [' https://Chat.Example.org:443/ ', 'https://chat.example.org'],
  ['http://[::1]:5173', 'http://[::1]:5173'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['app://obsidian.md', 'app://obsidian.md'],
  ['chrome-extension://ABCDEFGHIJKLMNOPABCDEFGHIJKLMNOP', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
  ['vscode-webview://0abc1', 'vscode-webview://0abc1'],
])('%s is %s', (text, origin) => {
  expect(readOrigin(text)).toEqual({ origin });
});

test.each([
  ['*', 'would let every web page in'],
  ['https://*.example.org', 'would let every web page in'],
  ['null', 'any page can call itself'],
  ['', 'Write scheme, host and port'],
  ['localhost:3000', 'Write scheme, host and port'],
  ['file:///home/ada/page.html', 'no origin of their own'],
  ['http://localhost:3000/app', 'before "/app"'],
  ['https://example.org?x=1', 'before "?x=1"'],
  ['https://ada@example.org', 'no user name'],
  ['http://', 'is no host'],
  ['app://', 'is no host'],
  ['http://localhost:70000', 'is no host'],
  ['http://a b', 'is no host'],
])('"%s" is refused with its reason', (text, words) => {
  expect(readOrigin(text)).toEqual({ fault: expect.stringContaining(words) });
});

test('a list holds each origin once', () => {
  expect(SettingsChange.parse({ corsOrigins: ['http://A.example', 'http://a.example:80'] })).toEqual({
    corsOrigins: ['http://a.example'],
  });
});
