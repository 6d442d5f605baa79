import type { Attributes, AttributeValue } from '../../telemetry.js';
import { amountOf, labelOf, textOf } from '../field/attribute.js';

const DOCUMENT = 'retrieval.documents.';
const DOCUMENTS_MAX = 1_000;

/** OpenInference's flat `retrieval.documents.N.document.*` as JSON `[{id, score, content}]`; null when there is none. */
export function retrievedDocumentsOf(attributes: Attributes): string | null {
  const documents: object[] = [];
  for (let index = 0; index < DOCUMENTS_MAX; index += 1) {
    const part = (name: string): AttributeValue | undefined => attributes.get(`${DOCUMENT}${index}.document.${name}`);
    const document = { id: labelOf(part('id')), score: amountOf(part('score')), content: textOf(part('content')) };
    if (Object.values(document).every((value) => value === null)) break;
    documents.push(document);
  }
  return documents.length === 0 ? null : JSON.stringify(documents);
}
