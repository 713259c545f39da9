// Bodies that use every field that a face reads, for tests that change one place at a time.
import type { Json } from '../../main/canonical/conversation.ts';

const PIXEL = 'iVBORw0KGgo=';
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };

const chat: Json = {
  model: 'm',
  messages: [
    { role: 'system', content: 'be brief' },
    { role: 'developer', content: [{ type: 'text', text: 'x' }], name: 'n' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi', extra: 1 },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
        { type: 'input_audio', input_audio: { data: PIXEL, format: 'mp3' } },
        { type: 'video_url', video_url: { url: 'https://example.com/v.mp4' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PIXEL}` } },
        { type: 'file', file: { file_id: 'file-1' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'ok' },
        { type: 'refusal', refusal: 'no' },
      ],
      reasoning_content: 'hm',
      refusal: 'no',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' }, extra: { a: 1 } },
        { id: 'c2', type: 'custom', custom: { name: 'patch', input: 'x' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'done' },
    { role: 'tool', tool_call_id: 'c2', name: 'patch', content: [{ type: 'text', text: 'x' }] },
  ],
  tools: [
    { type: 'function', function: { name: 'f', description: 'd', parameters: schema, strict: true } },
    {
      type: 'custom',
      custom: {
        name: 'patch',
        description: 'd',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
      },
    },
    { type: 'custom', name: 'flat', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
  ],
  tool_choice: { type: 'function', function: { name: 'f' } },
  parallel_tool_calls: true,
  max_tokens: 5,
  max_completion_tokens: 6,
  temperature: 1,
  top_p: 1,
  seed: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  stop: ['x'],
  response_format: { type: 'json_schema', json_schema: { name: 'a', description: 'd', schema, strict: true } },
  reasoning_effort: 'low',
  stream: true,
  stream_options: { include_usage: true },
  n: 1,
  logprobs: false,
  top_logprobs: 0,
  user: 'u',
};

const responses: Json = {
  model: 'm',
  instructions: 'be brief',
  input: [
    { role: 'user', content: 'hi' },
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'hi', extra: 1 },
        { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'low' },
        { type: 'input_image', file_id: 'file-1' },
        { type: 'input_file', filename: 'a.pdf', file_data: PIXEL },
        { type: 'input_file', file_url: 'https://example.com/a.pdf' },
        { type: 'input_audio', input_audio: { data: PIXEL, format: 'wav' } },
      ],
    },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'x' }] },
    {
      type: 'reasoning',
      id: 'rs',
      summary: [{ type: 'summary_text', text: 'hm' }],
      content: [],
      encrypted_content: 'pb1.e30',
    },
    {
      type: 'message',
      id: 'msg',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'ok', annotations: [] }],
    },
    { type: 'function_call', id: 'fc', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' },
    { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: 'x' },
    { type: 'function_call', call_id: 'c3', namespace: 'ns', name: 'g', arguments: '{}' },
    { type: 'tool_search_call', call_id: 'c4', execution: 'client', arguments: { query: 'q' } },
    { type: 'function_call_output', call_id: 'c1', output: 'done' },
    { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'x' }] },
    { type: 'function_call_output', call_id: 'c3', output: { a: 1 } },
    {
      type: 'tool_search_output',
      call_id: 'c4',
      tools: [{ type: 'namespace', name: 'found', tools: [{ type: 'function', name: 'h', parameters: schema }] }],
    },
    { type: 'additional_tools', tools: [{ type: 'function', name: 'i' }] },
    { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
    { type: 'compaction', encrypted_content: 'x' },
    { role: 'tool', tool_call_id: 'c1', content: 'x' },
    { role: 'assistant', content: 'x', tool_calls: [{ id: 'c5', function: { name: 'f', arguments: '{}' } }] },
  ],
  tools: [
    { type: 'function', name: 'f', description: 'd', parameters: schema, strict: true },
    { type: 'custom', name: 'patch', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    { type: 'namespace', name: 'ns', description: 'd', tools: [{ type: 'function', name: 'g' }] },
    { type: 'tool_search', execution: 'client', parameters: schema },
    { type: 'web_search' },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
  parallel_tool_calls: true,
  reasoning: { effort: 'low', summary: 'auto' },
  text: { format: { type: 'json_schema', name: 'a', schema, strict: true }, verbosity: 'low' },
  max_output_tokens: 5,
  temperature: 1,
  top_p: 1,
  include: ['reasoning.encrypted_content'],
  stream: true,
  stream_options: { include_obfuscation: false },
  metadata: { a: 'b' },
  store: true,
  service_tier: 'auto',
  truncation: 'disabled',
  user: 'u',
};

const contents: Json = [
  {
    role: 'user',
    parts: [
      { text: 'hi' },
      { inlineData: { mimeType: 'image/png', data: PIXEL, displayName: 'x' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
    ],
  },
  {
    role: 'model',
    parts: [
      { text: 'hm', thought: true },
      { text: 'ok', thoughtSignature: 'AAAA' },
      { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } },
      { executableCode: { language: 'PYTHON', code: '1' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
    ],
  },
  {
    role: 'user',
    parts: [
      {
        functionResponse: {
          id: 'c1',
          name: 'f',
          response: { output: 'x' },
          parts: [{ inlineData: { mimeType: 'image/png', data: PIXEL } }],
        },
      },
    ],
  },
];

const generate: Json = {
  contents,
  system_instruction: { parts: [{ text: 'be brief' }] },
  tools: [
    {
      functionDeclarations: [
        {
          name: 'f',
          description: 'd',
          parameters: {
            type: 'OBJECT',
            properties: { a: { type: 'STRING', nullable: true, enum: ['x'], maxLength: '5' } },
          },
        },
        { name: 'g', parametersJsonSchema: schema },
      ],
    },
    { googleSearch: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
  generationConfig: {
    temperature: 1,
    topP: 1,
    topK: 1,
    maxOutputTokens: 5,
    stopSequences: ['x'],
    seed: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    responseMimeType: 'application/json',
    responseSchema: { type: 'OBJECT', properties: { a: { type: 'ARRAY', items: { anyOf: [{ type: 'STRING' }] } } } },
    thinkingConfig: { includeThoughts: true, thinkingBudget: 5, thinkingLevel: 'LOW' },
    candidateCount: 1,
    responseModalities: ['TEXT'],
  },
  safetySettings: [{ category: 'x', threshold: 'y' }],
};

const embedContent: Json = { content: { parts: [{ text: 'hi' }] }, taskType: 'x', outputDimensionality: 3 };

const messages: Json = {
  model: 'm',
  max_tokens: 5,
  system: [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral' } }],
  messages: [
    { role: 'user', content: 'hi' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
        { type: 'document', title: 'a', source: { type: 'text', media_type: 'text/plain', data: 'x' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 'x' },
        { type: 'text', text: 'ok' },
        { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'c1',
          is_error: true,
          content: [
            { type: 'text', text: 'x' },
            { type: 'tool_reference', tool_name: 'f' },
          ],
        },
      ],
    },
    { role: 'system', content: 'x' },
  ],
  tools: [
    { name: 'f', description: 'd', input_schema: schema, defer_loading: true },
    { type: 'web_search_20250305', name: 'web_search' },
  ],
  tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 5 },
  output_config: { effort: 'low' },
  temperature: 1,
  top_p: 1,
  top_k: 1,
  stop_sequences: ['x'],
  stream: true,
  metadata: { user_id: 'u' },
};

const options: Json = {
  temperature: 1,
  top_p: 1,
  seed: 1,
  stop: ['x'],
  num_predict: 5,
  presence_penalty: 0,
  frequency_penalty: 0,
  num_ctx: 5,
};

const ollamaChat: Json = {
  model: 'm',
  messages: [
    { role: 'system', content: 'be brief', images: [] },
    { role: 'user', content: 'hi', images: [PIXEL] },
    {
      role: 'assistant',
      content: 'ok',
      thinking: 'hm',
      tool_calls: [{ id: 'c1', function: { name: 'f', arguments: { a: 1 } } }],
    },
    { role: 'tool', tool_name: 'f', content: 'x' },
  ],
  tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: schema } }],
  format: schema,
  think: 'low',
  options,
  stream: true,
  keep_alive: '5m',
  logprobs: false,
};

/** By the end of a route's path, bodies that it understands. */
export const WHOLE_BODIES: Readonly<Record<string, readonly Json[]>> = {
  '/chat/completions': [chat, { ...responses, previous_response_id: null }],
  '/responses': [responses],
  '/responses/input_tokens': [responses],
  '/completions': [
    {
      model: 'm',
      prompt: ['go on'],
      suffix: 'x',
      max_tokens: 5,
      temperature: 1,
      top_p: 1,
      seed: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      stop: ['x'],
      stream: true,
      stream_options: { include_usage: true },
      n: 1,
      best_of: 1,
      logprobs: 0,
      echo: true,
      user: 'u',
    },
  ],
  '/embeddings': [
    { model: 'm', input: ['a', 'b'], dimensions: 3, encoding_format: 'float', user: 'u' },
    { model: 'm', input: [[1], [2]] },
  ],
  '/images/generations': [
    {
      model: 'm',
      prompt: 'a cat',
      n: 1,
      size: '1x1',
      quality: 'low',
      style: 'x',
      response_format: 'url',
      stream: false,
      partial_images: 0,
      user: 'u',
    },
  ],
  '/v1/messages': [messages],
  '/v1/messages/count_tokens': [messages],
  ':generateContent': [generate],
  ':streamGenerateContent': [generate],
  ':countTokens': [{ contents }, { generateContentRequest: generate }],
  ':embedContent': [embedContent],
  ':batchEmbedContents': [{ requests: [embedContent, embedContent] }],
  '/api/chat': [ollamaChat, { model: 'm', messages: [], keep_alive: 0 }],
  '/api/generate': [
    {
      model: 'm',
      prompt: 'hi',
      system: 'x',
      images: [PIXEL],
      template: 'x',
      context: [1],
      format: 'json',
      think: true,
      options,
      stream: false,
    },
    { model: 'm', prompt: 'go on', suffix: 'x', raw: true, options },
  ],
  '/api/embed': [{ model: 'm', input: ['a'], dimensions: 3, truncate: false, options, keep_alive: 0 }],
  '/api/embeddings': [{ model: 'm', prompt: 'a', options }],
  '/api/pull': [{ model: 'm', stream: false }],
  '/api/show': [{ name: 'm', model: 'm' }],
};
