import { type Attributes, EMPTY_ATTRIBUTES, type Scope } from '../telemetry.js';
import { asMessage, type JsonObject, type JsonReader, messageIn, messagesIn } from './json-reader.js';
import type { OtlpReader } from './otlp-reader.js';

/** What the items of one scope share. */
export interface Origin {
  resource: Attributes;
  scope: Scope;
}

/**
 * Walks an export request in protobuf, whatever its signal: all of them are laid out with the same field numbers. `readItem`
 * is called where an item begins and reads it; `index` counts within the scope. Resource and scope are filled in place,
 * since their fields may come after the items that share them.
 */
export function readEnvelope(reader: OtlpReader, readItem: (origin: Origin, index: number) => void): void {
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) readResourceItems(reader, readItem);
    else reader.skip(tag);
  }
}

function readResourceItems(reader: OtlpReader, readItem: (origin: Origin, index: number) => void): void {
  const outerEnd = reader.enter();
  const resource: Attributes = new Map();
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) readResource(reader, resource);
    else if (tag === 18) readScopeItems(reader, resource, readItem);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readResource(reader: OtlpReader, resource: Attributes): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) reader.readAttribute(resource);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readScopeItems(
  reader: OtlpReader,
  resource: Attributes,
  readItem: (origin: Origin, index: number) => void,
): void {
  const outerEnd = reader.enter();
  const origin: Origin = { resource, scope: { name: '', version: '', attributes: EMPTY_ATTRIBUTES } };
  let index = 0;
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) readScope(reader, origin.scope);
    else if (tag === 18) {
      readItem(origin, index);
      index += 1;
    } else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

function readScope(reader: OtlpReader, scope: Scope): void {
  const outerEnd = reader.enter();
  while (reader.hasMore()) {
    const tag = reader.readTag();
    if (tag === 10) scope.name = reader.readText();
    else if (tag === 18) scope.version = reader.readText();
    else if (tag === 26) scope.attributes = reader.withAttribute(scope.attributes);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

/** What a signal's messages are called in JSON, from the outermost to the items. */
export type EnvelopeNames = readonly [resources: string, scopes: string, items: string];

/** Walks an export request in JSON as `readEnvelope` does one in protobuf. */
export function readJsonEnvelope(
  reader: JsonReader,
  request: unknown,
  { names, readItem }: { names: EnvelopeNames; readItem: (item: JsonObject, origin: Origin, index: number) => void },
): void {
  const [resources, scopes, items] = names;
  for (const ofResource of messagesIn(asMessage(request, 'the request'), resources)) {
    const resource = reader.attributesIn(messageIn(ofResource, 'resource'));
    for (const ofScope of messagesIn(ofResource, scopes)) {
      const scope = messageIn(ofScope, 'scope');
      const origin: Origin = {
        resource,
        scope: {
          name: reader.textIn(scope, 'name'),
          version: reader.textIn(scope, 'version'),
          attributes: reader.attributesIn(scope),
        },
      };
      for (const [index, item] of messagesIn(ofScope, items).entries()) readItem(item, origin, index);
    }
  }
}
