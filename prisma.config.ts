import { defineConfig } from 'prisma/config';

// Generating, validating and formatting never call the schema engine; without this they would try to download it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma' });
