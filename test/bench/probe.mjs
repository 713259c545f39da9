// @ts-check
// Loaded into every server process beforehand (`node --import`): answers how much CPU time the process, its worker
// threads included, has used and how much memory it holds. Costs nothing while nobody asks.
// Ends the process when the bench has gone, so that a bench that was killed leaves nothing running.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.send !== undefined) {
  process.on('message', (message) => {
    if (message !== 'usage') return;
    const { user, system } = process.cpuUsage();
    process.send?.({ type: 'usage', cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() });
  });
  process.on('disconnect', () => process.exit());
  process.channel?.unref();
}
