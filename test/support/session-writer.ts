// Takes turns in one session without end, until it is killed. Tells each turn that is kept.
import { createEventWriter } from '../../main/canonical/event-writer.ts';
import { openProjects } from '../../main/projects/open-projects.ts';

const [dataFolder = ''] = process.argv.slice(2);
const { sessions } = openProjects({
  dataFolder,
  fileProjects: [],
  keepDays: () => 90,
  findProblem: () => undefined,
  onForgotten: () => {},
  onMishap: (text) => {
    throw new Error(text);
  },
});

async function* say(text: string) {
  const writer = createEventWriter();
  writer.start({});
  writer.text(text);
  writer.end({ kind: 'stop' });
  yield writer.take();
}

let turns = (sessions.find('s')?.messageCount ?? 0) / 2;
for (;;) {
  const text = `${turns} ${'x'.repeat((turns % 7) * 3_000)}`;
  const running = sessions.enter({
    wish: { sessionId: 's' },
    conversation: { model: 'm', messages: [{ role: 'user', parts: [{ type: 'text', text }] }] },
    key: 'Test',
    interrupt: () => {},
    note: () => {},
  });
  turns += 1;
  running?.attempt.keep(`state ${turns}`);
  for await (const _ of running?.watch(say(text)) ?? []);
  running?.leave();
  process.stdout.write(`${turns}\n`);
}
