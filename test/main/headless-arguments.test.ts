// The command line of the headless Patchbay.
import { expect, test } from 'vitest';
import { readHeadlessArguments } from '../../main/headless-arguments.ts';

test('nothing asked runs with nothing changed', () => {
  expect(readHeadlessArguments([])).toEqual({ type: 'run', configFile: undefined, environment: {} });
});

test('options become a file and the variables that win over it', () => {
  expect(readHeadlessArguments(['--config', 'a.json', '--port=7300', '--host', '0.0.0.0'])).toEqual({
    type: 'run',
    configFile: 'a.json',
    environment: { PATCHBAY_PORT: '7300', PATCHBAY_HOST: '0.0.0.0' },
  });
});

test('help and version come before everything else', () => {
  expect(readHeadlessArguments(['--help', '--port', 'x'])).toEqual({ type: 'help' });
  expect(readHeadlessArguments(['-h'])).toEqual({ type: 'help' });
  expect(readHeadlessArguments(['--version'])).toEqual({ type: 'version' });
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'."],
  [['file.json'], "Unexpected argument 'file.json'."],
  [['--config'], "Option '--config <value>' argument missing."],
  [['--port', '0'], '--port wants a number from 1 to 65535, not "0".'],
  [['--port', '7282x'], '--port wants a number from 1 to 65535, not "7282x".'],
  [['--host', ''], '--host wants an address.'],
])('%j is an error that names it', (list, message) => {
  expect(readHeadlessArguments(list)).toEqual({ type: 'error', message });
});
