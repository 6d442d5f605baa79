/**
 * Provider names as the GenAI registry has them (`gen_ai.provider.name`), from what clients send in its place.
 * Source: OpenTelemetry semantic conventions for GenAI, attribute registry.
 */
const PROVIDERS = new Map<string, string>(
  Object.entries({
    openai: ['openai', 'open_ai', 'oai', 'openai-compatible'],
    anthropic: ['anthropic', 'claude'],
    'aws.bedrock': ['aws.bedrock', 'aws_bedrock', 'bedrock', 'amazon-bedrock', 'amazon_bedrock', 'amazon', 'aws'],
    'azure.ai.openai': ['azure.ai.openai', 'az.ai.openai', 'azure-openai', 'azure_openai', 'azure openai', 'azure'],
    'azure.ai.inference': ['azure.ai.inference', 'az.ai.inference', 'azure_ai', 'azure-ai'],
    'gcp.vertex_ai': [
      'gcp.vertex_ai',
      'vertex_ai',
      'vertexai',
      'vertex',
      'google.vertex',
      'google-vertex',
      'google_vertexai',
    ],
    'gcp.gemini': ['gcp.gemini', 'gemini', 'google', 'google.generative-ai', 'google_genai', 'google-generativeai'],
    'gcp.gen_ai': ['gcp.gen_ai', 'google_generativeai'],
    cohere: ['cohere'],
    deepseek: ['deepseek'],
    groq: ['groq'],
    'ibm.watsonx.ai': ['ibm.watsonx.ai', 'watsonx', 'ibm'],
    mistral_ai: ['mistral_ai', 'mistral', 'mistralai', 'mistral ai'],
    perplexity: ['perplexity'],
    x_ai: ['x_ai', 'xai', 'x.ai'],
  }).flatMap(([provider, names]) => names.map((name): [string, string] => [name, provider])),
);

/** Framework names some clients send where the provider belongs. */
const FRAMEWORKS = new Set(['langchain', 'gcp.vertex.agent', 'strands-agents', 'llamaindex', 'unknown', '_other']);

/** How model names begin, longest first where one is part of another. Open-weight models say nothing about who runs them. */
const MODEL_PREFIXES: readonly (readonly [string, string])[] = [
  ['gpt-', 'openai'],
  ['chatgpt', 'openai'],
  ['text-embedding-3', 'openai'],
  ['text-embedding-ada', 'openai'],
  ['codex-', 'openai'],
  ['o1', 'openai'],
  ['o3', 'openai'],
  ['o4', 'openai'],
  ['claude', 'anthropic'],
  ['gemini', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['ministral', 'mistral_ai'],
  ['magistral', 'mistral_ai'],
  ['codestral', 'mistral_ai'],
  ['pixtral', 'mistral_ai'],
  ['command-', 'cohere'],
  ['deepseek', 'deepseek'],
  ['grok', 'x_ai'],
  ['sonar', 'perplexity'],
  ['amazon.', 'aws.bedrock'],
  ['anthropic.', 'aws.bedrock'],
  ['us.anthropic.', 'aws.bedrock'],
  ['eu.anthropic.', 'aws.bedrock'],
  ['meta.llama', 'aws.bedrock'],
];

export interface ProviderClues {
  /** What the client sent as provider or system. */
  sent: string | null;
  model: string | null;
  /** `service.name`: some clients send it as the provider. */
  service: string;
}

/**
 * The provider, lower-case, under its registry name where it has one; otherwise as sent.
 * A framework's or the service's own name is no provider: then the model's name decides, and null when that says nothing.
 */
export function providerOf({ sent, model, service }: ProviderClues): string | null {
  const name = sent?.trim().toLowerCase() ?? '';
  const known = registryName(name);
  if (known !== null) return known;
  const isNoProvider = name === '' || FRAMEWORKS.has(name) || name === service.toLowerCase();
  return isNoProvider ? providerOfModel(model) : name;
}

/** Vercel sends `provider.api` (`openai.chat`, `google.vertex.chat`): the longest known beginning counts. */
function registryName(name: string): string | null {
  let beginning = name;
  while (beginning !== '') {
    const provider = PROVIDERS.get(beginning);
    if (provider !== undefined) return provider;
    beginning = beginning.slice(0, Math.max(beginning.lastIndexOf('.'), 0));
  }
  return null;
}

function providerOfModel(model: string | null): string | null {
  if (model === null) return null;
  const name = model.toLowerCase();
  const slash = name.indexOf('/');
  const vendor = slash > 0 ? PROVIDERS.get(name.slice(0, slash)) : undefined;
  if (vendor !== undefined) return vendor;
  return MODEL_PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? null;
}
