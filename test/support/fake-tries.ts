// What the tries of accounts look like: one that goes well, one whose model calls nothing, one of a model without tools.
import type { TryStep } from '../../shared/views.ts';

const ASKED = `{
  "model": "kimi-k3",
  "stream": false,
  "messages": [
    {
      "role": "user",
      "parts": [
        {
          "type": "text",
          "text": "Answer with the one word \\"pong\\"."
        }
      ]
    }
  ],
  "maxOutputTokens": 1024
}`;

const ANSWERED = `thinking: The user wants one word.
text: pong
usage 21 tokens in, 34 out
end: stop`;

const STREAMED = `0.62 s  thinking in 11 pieces: I am to use the tool add_numbers with 19 and 23.
1.24 s  call add_numbers (add_numbers:0)
1.24 s  arguments in 6 pieces: {"first": 19, "second": 23}
1.51 s  usage 96 tokens in, 41 out
1.51 s  end: tool_calls`;

const CHOSEN: TryStep = { id: 'model', label: 'Model kimi-k3', state: 'ok' };
const CHAT: TryStep = {
  id: 'chat',
  label: 'A question, answered whole',
  state: 'ok',
  detail: 'Answered. (1.1 s, 21 tokens in, 34 out)',
  sent: ASKED,
  received: ANSWERED,
};
const CALL = { id: 'tool', label: 'A tool call, streamed', sent: ASKED.replace('false', 'true') };

/** Both requests went well. */
export const GOOD_TRY: TryStep[] = [
  CHOSEN,
  CHAT,
  {
    ...CALL,
    state: 'ok',
    detail: 'Called the tool with the right numbers. (1.5 s, 96 tokens in, 41 out)',
    received: STREAMED,
  },
];

/** The model answers in words where a call was asked for. */
export const WORDS_TRY: TryStep[] = [
  CHOSEN,
  CHAT,
  {
    ...CALL,
    state: 'warning',
    detail:
      'It answered in words and called no tool. (0.9 s, 96 tokens in, 5 out)\nThe upstream takes no limit for the answer; it was left out.',
    received: '0.88 s  text in 1 piece: 42\n0.90 s  end: stop',
  },
];

/** The first request fails. */
export const FAILED_TRY: TryStep[] = [
  CHOSEN,
  {
    ...CHAT,
    state: 'failed',
    detail: 'Kimi, international: Invalid Authentication',
    received: '',
  },
];
