import { MODELS, type ModelName, type ModelProfile } from './model.js';

export type Role = 'support' | 'billing' | 'refunds' | 'kyc' | 'fraud' | 'trading' | 'ops' | 'knowledge' | 'routing';

export interface AgentProfile {
  /** `gen_ai.agent.name`. */
  name: string;
  role: Role;
  /** `service.name`. */
  service: string;
  version: string;
  region: string;
  environment: string;
  model: ModelProfile;
  /** Its part of the requests, relative to the other agents'. */
  weight: number;
}

const REGIONS = {
  eu: 'eu-west-1',
  use: 'us-east-1',
  usw: 'us-west-2',
  ap: 'ap-southeast-1',
} as const;

type Place = keyof typeof REGIONS;

/** What each role runs on where, in the version that is current. */
const DEPLOYMENTS: readonly {
  role: Role;
  version: string;
  weight: number;
  models: Partial<Record<Place, ModelName>>;
}[] = [
  { role: 'support', version: '3.2.0', weight: 3, models: { eu: 'haiku', use: 'gpt41', usw: 'haiku', ap: 'gemini' } },
  { role: 'billing', version: '2.8.1', weight: 2, models: { eu: 'mistral', use: 'gpt41', usw: 'gpt41', ap: 'gemini' } },
  { role: 'refunds', version: '2.4.1', weight: 2, models: { eu: 'sonnet', use: 'sonnet', ap: 'haiku' } },
  { role: 'kyc', version: '1.9.3', weight: 1, models: { eu: 'kycTune', use: 'kycTune', ap: 'kycTune' } },
  {
    role: 'fraud',
    version: '4.0.2',
    weight: 2,
    models: { eu: 'sonnet', use: 'gpt5mini', usw: 'gpt5mini', ap: 'sonnet' },
  },
  { role: 'trading', version: '1.3.0', weight: 1, models: { eu: 'sonnet', use: 'gpt5mini', ap: 'gpt5mini' } },
  { role: 'ops', version: '0.9.4', weight: 1, models: { eu: 'nova', use: 'nova', usw: 'nova' } },
  { role: 'knowledge', version: '2.1.0', weight: 5, models: { eu: 'mistral', use: 'gemini', usw: 'gemini' } },
  { role: 'routing', version: '1.5.2', weight: 1.5, models: { eu: 'haiku', use: 'haiku', usw: 'haiku' } },
];

/** One agent was left out of the last two releases. */
export const OLD_VERSION = { agent: 'refunds-ap', version: '2.2.0' } as const;

/** One agent takes this part of all decisions. */
export const BUSIEST = { agent: 'support-use', share: 0.4 } as const;

/** Where changes are tried first. */
const STAGING = new Set(['ops-usw', 'knowledge-usw']);

export const FLEET: readonly AgentProfile[] = DEPLOYMENTS.flatMap(({ role, version, weight, models }) =>
  Object.entries(models).map(([place, model]): AgentProfile => {
    const name = `${role}-${place}`;
    return {
      name,
      role,
      service: `${name}-agent`,
      version: name === OLD_VERSION.agent ? OLD_VERSION.version : version,
      region: REGIONS[place as Place],
      environment: STAGING.has(name) ? 'staging' : 'production',
      model: MODELS[model],
      weight,
    };
  }),
);

export const SEGMENTS = ['retail', 'retail', 'retail', 'small-business', 'enterprise', 'private-banking'] as const;
