/** Protobuf written by hand, for messages that no encoder would write. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** A length-delimited field. */
export function field(number: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

export function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

export interface SpanParts {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  start?: bigint;
  end?: bigint;
  /** Further fields of the span, already encoded. */
  rest?: Uint8Array;
}

/** One Span message, valid but for what `parts` says. */
export function wireSpan(parts: SpanParts = {}): Buffer {
  return Buffer.concat([
    field(1, parts.traceId ?? Buffer.alloc(16, 0xa1)),
    field(2, parts.spanId ?? Buffer.alloc(8, 0xb2)),
    fixed64(7, parts.start ?? 1_795_373_147_612_000_000n),
    fixed64(8, parts.end ?? 1_795_373_147_700_000_000n),
    parts.rest ?? Buffer.alloc(0),
  ]);
}

/** An ExportTraceServiceRequest with the spans in one scope. */
export function wireRequest(...spans: Uint8Array[]): Buffer {
  const scope = field(1, field(1, Buffer.from('support')));
  return field(1, field(2, scope, ...spans.map((span) => field(2, span))));
}

/** A span's attribute whose AnyValue is given encoded. */
export function wireAttribute(key: string, anyValue: Uint8Array): Buffer {
  return field(9, field(1, Buffer.from(key)), field(2, anyValue));
}

/** An AnyValue of `levels` arrays, one in the other. */
export function nestedArrays(levels: number): Buffer {
  let value: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) value = field(5, field(1, value));
  return value;
}
