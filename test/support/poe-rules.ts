// The written rules of Poe's bot protocol for a query; the stub refuses what breaks one.

type Fields = Readonly<Record<string, unknown>>;

const TEXTS = [
  'user_id',
  'conversation_id',
  'message_id',
  'metadata',
  'api_key',
  'access_key',
  'language_code',
  'bot_query_id',
];

/** What is wrong with a query; empty for a good one. */
export function findQueryFaults(body: Fields): string[] {
  const faults: string[] = [];
  const check = (isGood: boolean, fault: string) => {
    if (!isGood) faults.push(fault);
  };
  check(/^1\.[012]$/.test(String(body.version)), 'version');
  check(body.type === 'query', 'type');
  for (const name of TEXTS) check(typeof body[name] === 'string', name);
  check(body.temperature === null || typeof body.temperature === 'number', 'temperature');
  check(typeof body.skip_system_prompt === 'boolean', 'skip_system_prompt');
  check(isFields(body.logit_bias), 'logit_bias');
  check(Array.isArray(body.stop_sequences), 'stop_sequences');
  const query = Array.isArray(body.query) ? (body.query as Fields[]) : [];
  check(query.length > 0, 'query is empty');
  for (const [at, message] of query.entries())
    faults.push(...findMessageFaults(message).map((fault) => `query[${at}].${fault}`));
  const lastUser = query.findLastIndex(({ role }) => role === 'user');
  for (const [at, { parameters }] of query.entries())
    check(parameters === undefined || at === lastUser, `query[${at}].parameters`);
  return [...faults, ...findToolFaults(body)];
}

function findMessageFaults(message: Fields): string[] {
  const faults: string[] = [];
  if (!['system', 'user', 'bot'].includes(String(message.role))) faults.push(`role ${message.role}`);
  if (typeof message.content !== 'string') faults.push('content');
  if (!['text/markdown', 'text/plain'].includes(String(message.content_type))) faults.push('content_type');
  if (typeof message.timestamp !== 'number') faults.push('timestamp');
  if (!Array.isArray(message.feedback)) faults.push('feedback');
  if (!Array.isArray(message.attachments)) return [...faults, 'attachments'];
  for (const attachment of message.attachments as Fields[]) {
    for (const name of ['url', 'content_type', 'name'])
      if (typeof attachment[name] !== 'string' || attachment[name] === '') faults.push(`attachments.${name}`);
    if (String(attachment.url).startsWith('data:')) faults.push('attachments.url is no address');
  }
  return faults;
}

function findToolFaults({ tools, tool_calls: calls, tool_results: results }: Fields): string[] {
  const faults: string[] = [];
  if (tools !== undefined && !(Array.isArray(tools) && tools.length > 0)) faults.push('tools');
  for (const tool of (tools ?? []) as Fields[]) {
    const { name, parameters } = (tool.function ?? {}) as Fields;
    if (tool.type !== 'function' || typeof name !== 'string' || !isFields(parameters)) faults.push('tools.function');
  }
  if ((calls === undefined) !== (results === undefined)) faults.push('calls without results');
  const ids = ((calls ?? []) as Fields[]).map(({ id }) => id);
  for (const result of (results ?? []) as Fields[]) {
    if (result.role !== 'tool' || typeof result.content !== 'string' || typeof result.name !== 'string')
      faults.push('tool_results');
    if (!ids.includes(result.tool_call_id)) faults.push(`no call ${result.tool_call_id}`);
  }
  for (const { type, function: called } of (calls ?? []) as Fields[])
    if (type !== 'function' || typeof (called as Fields)?.arguments !== 'string') faults.push('tool_calls');
  return faults;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
