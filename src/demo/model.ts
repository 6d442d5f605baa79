/** The language models of the fleet, with the pace of each. */
export interface ModelProfile {
  /** `gen_ai.provider.name`. */
  provider: string;
  requestModel: string;
  responseModel: string;
  serverAddress: string;
  /** Median of one call of ordinary length. */
  latencyMs: number;
  /** Standard deviation of the latency's logarithm. */
  latencySigma: number;
  /** Part of the latency before the first token. */
  firstTokenShare: number;
  /** Whether the model thinks before it answers, and counts it as output. */
  isReasoning: boolean;
  /** How the provider caches a repeated beginning of the prompt. */
  cache: 'automatic' | 'explicit' | 'none';
}

export const MODELS = {
  gpt41: {
    provider: 'openai',
    requestModel: 'gpt-4.1',
    responseModel: 'gpt-4.1-2025-04-14',
    serverAddress: 'api.openai.com',
    latencyMs: 400,
    latencySigma: 0.35,
    firstTokenShare: 0.35,
    isReasoning: false,
    cache: 'automatic',
  },
  gpt5mini: {
    provider: 'openai',
    requestModel: 'gpt-5-mini',
    responseModel: 'gpt-5-mini-2025-08-07',
    serverAddress: 'api.openai.com',
    latencyMs: 420,
    latencySigma: 0.4,
    firstTokenShare: 0.6,
    isReasoning: true,
    cache: 'automatic',
  },
  sonnet: {
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    responseModel: 'claude-sonnet-4-5-20250929',
    serverAddress: 'api.anthropic.com',
    latencyMs: 440,
    latencySigma: 0.4,
    firstTokenShare: 0.4,
    isReasoning: false,
    cache: 'explicit',
  },
  haiku: {
    provider: 'anthropic',
    requestModel: 'claude-haiku-4-5',
    responseModel: 'claude-haiku-4-5-20251001',
    serverAddress: 'api.anthropic.com',
    latencyMs: 290,
    latencySigma: 0.3,
    firstTokenShare: 0.4,
    isReasoning: false,
    cache: 'explicit',
  },
  gemini: {
    provider: 'gcp.gemini',
    requestModel: 'gemini-2.5-flash',
    responseModel: 'gemini-2.5-flash',
    serverAddress: 'generativelanguage.googleapis.com',
    latencyMs: 330,
    latencySigma: 0.4,
    firstTokenShare: 0.45,
    isReasoning: false,
    cache: 'automatic',
  },
  mistral: {
    provider: 'mistral_ai',
    requestModel: 'mistral-large-latest',
    responseModel: 'mistral-large-2411',
    serverAddress: 'api.mistral.ai',
    latencyMs: 430,
    latencySigma: 0.35,
    firstTokenShare: 0.35,
    isReasoning: false,
    cache: 'none',
  },
  nova: {
    provider: 'aws.bedrock',
    requestModel: 'amazon.nova-pro-v1:0',
    responseModel: 'amazon.nova-pro-v1:0',
    serverAddress: 'bedrock-runtime.us-east-1.amazonaws.com',
    latencyMs: 380,
    latencySigma: 0.35,
    firstTokenShare: 0.4,
    isReasoning: false,
    cache: 'automatic',
  },
  /** The company's own fine-tune on its own machines: no price list knows it. */
  kycTune: {
    provider: 'vllm',
    requestModel: 'acme-kyc-8b',
    responseModel: 'acme-kyc-8b-ft7',
    serverAddress: 'inference.acme.internal',
    latencyMs: 190,
    latencySigma: 0.25,
    firstTokenShare: 0.3,
    isReasoning: false,
    cache: 'none',
  },
} as const satisfies Record<string, ModelProfile>;

export type ModelName = keyof typeof MODELS;
