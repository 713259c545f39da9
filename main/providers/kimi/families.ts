// What is known of Kimi's model families: how much they take, how they are told to think, which sampling they accept. Names
// are read in every spelling in which they are served; a model that is not known is treated as one without special rules.

/** A family of models that follow the same rules. */
export interface Family {
  /** How its thinking is set: not at all, never off, on or off, by how much; or nobody knows. */
  readonly thinking: 'none' | 'always' | 'switch' | 'effort' | 'unknown';
  /** Temperature and the like are the model's own; any other value is refused. */
  readonly fixedSampling: boolean;
  /** Takes `tool_choice: "required"`. */
  readonly canRequireTools: boolean;
  /** Of the time when the Anthropic-shaped API took six tenths of the temperature that it was asked for. */
  readonly scalesTemperature: boolean;
  readonly contextTokens?: number;
}

const K2: Family = {
  thinking: 'none',
  fixedSampling: false,
  canRequireTools: false,
  scalesTemperature: true,
  contextTokens: 262_144,
};
const K2_THINKING: Family = { ...K2, thinking: 'always' };
const K2_LATER: Family = { ...K2, thinking: 'switch', fixedSampling: true, scalesTemperature: false };
const K3: Family = { ...K2_LATER, thinking: 'effort', canRequireTools: true, contextTokens: 1_048_576 };
const MOONSHOT: Family = { ...K2, scalesTemperature: false, contextTokens: 131_072 };
const UNKNOWN: Family = {
  thinking: 'unknown',
  fixedSampling: false,
  canRequireTools: false,
  scalesTemperature: false,
};

/** The first that fits counts. */
const FAMILIES: readonly (readonly [name: RegExp, family: Family])[] = [
  [/^(kimi-)?k3-256k/, { ...K3, contextTokens: 262_144 }],
  [/^(kimi-)?k3\b/, K3],
  [/^kimi-for-coding|^kimi-code/, K2_LATER],
  [/^(kimi-)?k2-thinking/, K2_THINKING],
  [/^(kimi-)?k2(\.|p)\d/, K2_LATER],
  [/^(kimi-)?k2-(0711|instruct$|base)/, { ...K2, contextTokens: 131_072 }],
  [/^(kimi-)?k2\b/, K2],
  [/^moonshot-v1-8k/, { ...MOONSHOT, contextTokens: 8_192 }],
  [/^moonshot-v1-32k/, { ...MOONSHOT, contextTokens: 32_768 }],
  [/^moonshot-v1/, MOONSHOT],
];

/** A name without what its host puts before it, in small letters: `moonshotai/Kimi-K2-Instruct` is `kimi-k2-instruct`. */
export const readBareName = (model: string): string => model.toLowerCase().replace(/^.*\//, '');

/** The family of `model`; one without rules where the name is not known. */
export function findFamily(model: string): Family {
  const name = readBareName(model);
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN;
}
