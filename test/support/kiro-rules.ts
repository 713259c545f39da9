// The rules that Kiro's upstream holds a conversation to, written down apart from what writes it: a request that breaks one
// is refused there as "improperly formed", without a word about which.
type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
type Fields = { [key: string]: Value };

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const REFUSED_KEYWORDS =
  /^(\$schema|\$id|pattern|format|min.*|max.*|exclusive.*|multipleOf|uniqueItems|additional.*|patternProperties|propertyNames|depend.*|if|then|else|contains|unevaluated.*|x-.*|prefixItems|examples|nullable|readOnly|strict)$/;

/** What is checked besides the rules that never change. */
export interface KiroRuleOptions {
  readonly mostBytes?: number;
  readonly mostImages?: number;
  readonly longestDescription?: number;
}

/** Everything about the body `text` that the upstream would refuse; empty for a good one. */
export function findBrokenRules(text: string, options: KiroRuleOptions = {}): string[] {
  const { mostBytes = 600_000, mostImages = 10, longestDescription = 10_000 } = options;
  const broken: string[] = [];
  const check = (holds: boolean, rule: string) => {
    if (!holds) broken.push(rule);
  };
  check(Buffer.byteLength(text) <= mostBytes, 'the body is too large');
  check(!/(?<!\\)(\\\\)*\\ud[89a-f][0-9a-f]{2}/.test(text), 'a text holds half a character');
  const body = JSON.parse(text) as Fields;
  const state = readFields(body.conversationState);
  check(UUID.test(String(state.conversationId)), 'the conversation has no id');
  check(state.chatTriggerType === 'MANUAL', 'the trigger is not MANUAL');
  for (const [name, value] of [...Object.entries(body), ...Object.entries(state)])
    check(value !== null, `${name} is null instead of absent`);
  checkReasoning(readFields(body.additionalModelRequestFields), check);

  const history = state.history === undefined ? [] : (state.history as Fields[]);
  check(state.history === undefined || history.length > 0, 'the history is empty instead of absent');
  const current = readFields(readFields(state.currentMessage).userInputMessage);
  check(typeof current.modelId === 'string', 'the current message names no model');
  const { toolUses, userMessages } = checkTurns(history, current, check);
  for (const message of userMessages) checkUser(message, String(current.origin), mostImages, check);
  const context = readFields(current.userInputMessageContext);
  const tools = (context.tools ?? []) as Fields[];
  const offered = checkTools(tools, longestDescription, check);
  for (const use of toolUses)
    check(offered.has(String(use.name).toLowerCase()), `${use.name} is called but not offered`);
  for (const message of userMessages.slice(0, -1))
    check(readFields(message.userInputMessageContext).tools === undefined, 'tools stand in the history');
  return broken;
}

type Check = (holds: boolean, rule: string) => void;

function checkReasoning(fields: Fields, check: Check): void {
  const claude = fields.thinking !== undefined || fields.output_config !== undefined;
  check(!(claude && fields.reasoning !== undefined), 'fields of two kinds of models are mixed');
}

function checkTurns(history: Fields[], current: Fields, check: Check) {
  const toolUses: Fields[] = [];
  const userMessages: Fields[] = [];
  const ids = new Set<string>();
  let open: string[] = [];
  const answer = (message: Fields) => {
    const results = (readFields(message.userInputMessageContext).toolResults ?? []) as Fields[];
    const answered = results.map((result) => String(result.toolUseId));
    check(same(answered, open), `calls ${open.join(', ')} are answered by ${answered.join(', ') || 'nothing'}`);
    for (const { status, content } of results) {
      check(status === 'success' || status === 'error', 'a result has no status');
      const texts = content as Fields[];
      check(Array.isArray(content) && texts.length > 0, 'a result is empty');
      for (const { text } of texts) check(typeof text === 'string' && text.trim() !== '', 'a result says nothing');
    }
    open = [];
    userMessages.push(message);
  };
  for (const [at, entry] of history.entries()) {
    check(Object.keys(entry).length === 1, 'a turn is of two sides');
    if (at % 2 === 0) {
      check(entry.userInputMessage !== undefined, `turn ${at} is not the person's`);
      answer(readFields(entry.userInputMessage));
      continue;
    }
    check(entry.assistantResponseMessage !== undefined, `turn ${at} is not the model's`);
    const message = readFields(entry.assistantResponseMessage);
    const uses = (message.toolUses ?? []) as Fields[];
    check(message.toolUses === undefined || uses.length > 0, 'an empty list of calls');
    const { content } = message;
    const said = typeof content === 'string' && (uses.length > 0 ? content !== '' : content.trim() !== '');
    check(said, 'an answer says nothing');
    for (const use of uses) checkUse(use, ids, check);
    toolUses.push(...uses);
    open = uses.map((use) => String(use.toolUseId));
    checkCachePoint(message, check);
  }
  check(history.length % 2 === 0, 'the history does not end with an answer');
  answer(current);
  return { toolUses, userMessages };
}

function checkUse(use: Fields, ids: Set<string>, check: Check): void {
  const id = String(use.toolUseId);
  check(NAME.test(id), `the id ${id} has another form`);
  check(!ids.has(id), `the id ${id} stands for two calls`);
  ids.add(id);
  check(NAME.test(String(use.name)), `the name ${use.name} has another form`);
  const { input } = use;
  check(typeof input === 'object' && input !== null && !Array.isArray(input), 'the input of a call is no object');
  check(!holdsEmptyKey(input ?? null), 'a field in the input of a call has no name');
}

function checkUser(message: Fields, origin: string, mostImages: number, check: Check): void {
  const { content, images, userInputMessageContext: context } = message;
  check(typeof content === 'string' && content.trim() !== '', 'a message says nothing');
  check(message.origin === origin, 'the messages have several origins');
  checkCachePoint(message, check);
  check(!('images' in readFields(context)), 'pictures stand in the context');
  const inside = readFields(context);
  for (const name of Object.keys(inside)) check((inside[name] as Value[]).length > 0, `${name} is an empty list`);
  if (images === undefined) return;
  const list = images as Fields[];
  check(list.length > 0 && list.length <= mostImages, `a message holds ${list.length} pictures`);
  for (const { format, source } of list) {
    check(/^(png|jpeg|gif|webp)$/.test(String(format)), `${format} is no format of pictures`);
    check(/^[A-Za-z0-9+/=]+$/.test(String(readFields(source).bytes)), 'a picture is not plain base64');
  }
}

function checkCachePoint({ cachePoint }: Fields, check: Check): void {
  check(cachePoint === undefined || readFields(cachePoint).type === 'default', 'a cache point of another kind');
}

function checkTools(tools: Fields[], longest: number, check: Check): Set<string> {
  const names = new Set<string>();
  for (const tool of tools) {
    check(Object.keys(tool).join() === 'toolSpecification', 'something other than a specification among the tools');
    const { name, description, inputSchema } = readFields(tool.toolSpecification);
    const lower = String(name).toLowerCase();
    check(NAME.test(String(name)), `the tool name ${name} has another form`);
    check(!names.has(lower), `${name} is offered twice`);
    names.add(lower);
    const words = String(description);
    check(words.trim() !== '' && words.length <= longest, `the description of ${name} is empty or too long`);
    const schema = readFields(readFields(inputSchema).json);
    check(schema.type === 'object', `the schema of ${name} is no object`);
    check(typeof schema.properties === 'object', `the schema of ${name} has no properties`);
    for (const word of ['anyOf', 'oneOf', 'allOf']) check(schema[word] === undefined, `${word} at the root of ${name}`);
    checkSchema(schema, check);
  }
  return names;
}

function checkSchema(schema: Fields, check: Check): void {
  for (const [word, value] of Object.entries(schema)) {
    check(!REFUSED_KEYWORDS.test(word), `the keyword ${word} in a schema`);
    if (word === 'required') check(Array.isArray(value) && value.length > 0, 'an empty list of what is required');
    if (word === 'properties' || word === '$defs' || word === 'definitions') {
      for (const [name, inner] of Object.entries(readFields(value))) {
        check(name !== '', 'a field in a schema has no name');
        checkSchema(readFields(inner), check);
      }
    } else if (word === 'items' || word === 'not') checkSchema(readFields(value), check);
    else if (word === 'anyOf' || word === 'oneOf' || word === 'allOf')
      for (const inner of value as Value[]) checkSchema(readFields(inner), check);
  }
}

function holdsEmptyKey(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === '' || holdsEmptyKey(inner));
}

const readFields = (value: Value | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

const same = (one: string[], other: string[]) => one.length === other.length && one.every((id) => other.includes(id));
