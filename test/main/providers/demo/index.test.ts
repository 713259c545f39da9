// The built-in model stops with the reason for which it was stopped.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createDemoProvider } from '../../../../main/providers/demo/index.ts';

it('says why it was stopped, as whoever stopped it put it', async () => {
  const stop = new AbortController();
  const account = { id: 'demo', provider: 'demo', name: 'Demo', method: '', source: 'built-in' } as const;
  const credential = { account: { ...account, values: {}, env: {}, endpoints: {}, models: [] }, secrets: {} };
  const request = {
    model: 'demo',
    messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hi' }] }],
  };
  const context = { credential, signal: stop.signal, requestId: 'r', live: true, note: () => {} };
  const words = createDemoProvider().converse(request, context)[Symbol.asyncIterator]();
  await words.next();
  const next = words.next();
  stop.abort(new GatewayError('aborted', 'Patchbay is stopping.'));
  await expect(next).rejects.toThrow('Patchbay is stopping.');
});
