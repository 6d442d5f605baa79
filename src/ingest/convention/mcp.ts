import type { Convention } from './convention.js';
import { textOf } from './field/attribute.js';

/** Model Context Protocol spans that name no GenAI operation (OpenTelemetry semantic conventions for MCP). */
const TOOL_CALL = 'tools/call';

export const mcp: Convention = {
  name: 'mcp',
  kindOf: ({ attributes }) => (textOf(attributes.get('mcp.method.name')) === TOOL_CALL ? 'tool' : null),
  aliases: { toolName: ['gen_ai.tool.name', 'mcp.tool.name'] },
  complete(span) {
    const named = span.name.startsWith(`${TOOL_CALL} `) ? span.name.slice(TOOL_CALL.length + 1) : null;
    span.toolName ??= textOf(named ?? undefined);
  },
};
