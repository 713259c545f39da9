// Whatever conversation a client sends, the upstream's rules hold for what is written, and nothing of it is lost in silence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationRequest, JsonObject, Message } from '../../../../main/canonical/conversation.ts';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { EMULATED_REASONING } from '../../../../main/providers/kiro/reasoning.ts';
import { type KiroRequestOptions, writeKiroRequest } from '../../../../main/providers/kiro/request.ts';
import { createTruncationMemory } from '../../../../main/providers/kiro/truncation.ts';
import { anyConversation, findMarks } from '../../../support/any-conversation.ts';
import { findFlavour } from '../../../support/kiro-flavours.ts';
import { findBrokenRules } from '../../../support/kiro-rules.ts';

const fieldsSchema: JsonObject = {
  properties: {
    thinking: { properties: { type: { enum: ['adaptive', 'disabled'] }, display: { enum: ['summarized'] } } },
    output_config: { properties: { effort: { enum: ['low', 'high'] } } },
  },
};

const options: fc.Arbitrary<Omit<KiroRequestOptions, 'note'>> = fc.record(
  {
    flavour: fc.constantFrom(findFlavour('ide'), findFlavour('cli')),
    profileArn: fc.constant('arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE'),
    fieldsSchema: fc.constant(fieldsSchema),
    emulatedReasoning: fc.constantFrom(EMULATED_REASONING, { ...EMULATED_REASONING, when: 'always' as const }),
    withoutSignatures: fc.boolean(),
    cachePoints: fc.boolean(),
    images: fc.constant({ most: 2, mostCharacters: 1_000 }),
    truncations: fc.constantFrom('call_1', '').map((id) => {
      const memory = createTruncationMemory();
      memory.addCall(id);
      return memory;
    }),
  },
  { requiredKeys: ['flavour', 'images'] },
);

function write(request: ConversationRequest, given: Omit<KiroRequestOptions, 'note'>) {
  const notes: string[] = [];
  const written = writeKiroRequest(request, { ...given, note: (text) => notes.push(text) });
  return { ...written, notes };
}

type Part = Message['parts'][number];

/** What must have been said of a part whose mark is not in the body. */
function findExcuse(request: ConversationRequest, mark: string): RegExp | undefined {
  for (const message of request.messages) {
    for (const part of message.parts.flatMap((one): Part[] => (one.type === 'tool-result' ? [...one.parts] : [one]))) {
      if (!JSON.stringify(part).includes(mark)) continue;
      if (part.type === 'reasoning') return /^Earlier thinking was left out|^Of several pieces of thinking/;
      if (part.type === 'image' && message.role === 'assistant') return /that the model had made/;
      if (part.type === 'image') return /^A picture was left out|pictures in one message/;
    }
  }
  return undefined;
}

const noteOf = (notes: readonly string[], excuse: RegExp | undefined) =>
  excuse !== undefined && notes.some((note) => excuse.test(note));

describe('any conversation', () => {
  it('becomes a request that keeps every rule', () => {
    fc.assert(
      fc.property(anyConversation, options, (request, given) => {
        const { text, body } = write(request, given);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(body)));
        expect(findBrokenRules(text, { mostImages: 2 })).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('loses no text, picture, call or result in silence', () => {
    fc.assert(
      fc.property(anyConversation, options, (request, given) => {
        const { text, notes } = write(request, given);
        const found = new Set(findMarks(text));
        const lost = findMarks(JSON.stringify(request.messages)).filter((mark) => !found.has(mark));
        expect(lost.filter((mark) => !noteOf(notes, findExcuse(request, mark)))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('offers every tool under a name of its own that leads back to the client', () => {
    fc.assert(
      fc.property(anyConversation, options, (request, given) => {
        const { tools, names } = write(request, given);
        const called = request.messages.flatMap(({ parts }) =>
          parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
        );
        const known = new Set([...(request.tools ?? []).map(({ name }) => name), ...called]);
        for (const { toolSpecification } of tools) expect(known).toContain(names.read(toolSpecification.name));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the rules where its oldest turns are left out, or is refused by its size', () => {
    fc.assert(
      fc.property(anyConversation, options, fc.integer({ min: 400, max: 3_000 }), (request, given, mostBytes) => {
        const small = { ...request, tools: undefined, toolChoice: undefined };
        try {
          const { text, notes } = write(small, { ...given, size: { mostBytes, trim: true } });
          expect(findBrokenRules(text, { mostImages: 2, mostBytes })).toEqual([]);
          const whole = write(small, { ...given, size: { mostBytes: 1e9, trim: false } }).text;
          const isCut = Buffer.byteLength(whole) > mostBytes;
          expect(notes.some((note) => note.includes('oldest turns were left out'))).toBe(isCut);
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
          expect(error.code).toBe('context_length_exceeded');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is written alike each time', () => {
    fc.assert(
      fc.property(anyConversation, options, (request, given) => {
        expect(write(request, given).text).toBe(write(request, given).text);
      }),
      { numRuns: 100 },
    );
  });
});
