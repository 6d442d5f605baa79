import { useState } from 'preact/hooks';
import { toFailure } from './failure.js';
import type { Operation } from './operation.js';
import { request } from './request.js';

/** Why something was not done, and where in the input. */
export interface Refusal {
  message: string;
  path: readonly string[];
}

export interface Act {
  isBusy: boolean;
  refusal: Refusal | null;
  /** Does it; what came of it, null when it was refused: then `refusal` says why. */
  act: <Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ) => Promise<Done<Data[keyof Data]> | null>;
  forget: () => void;
}

/** A payload without the refusals of its union. */
type Done<Payload> = Exclude<Payload, { code: string }>;

/** Has the server do something at a person’s word. */
export function useAct(): Act {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const act: Act['act'] = async (operation, variables) => {
    setBusy(true);
    setRefusal(null);
    try {
      const { data } = await request(operation, variables);
      const [payload] = Object.values(data as object);
      if (typeof payload.code !== 'string') return payload;
      setRefusal({ message: payload.message, path: payload.path });
    } catch (error) {
      setRefusal({ message: toFailure(error).message, path: [] });
    } finally {
      setBusy(false);
    }
    return null;
  };
  return { isBusy, refusal, act, forget: () => setRefusal(null) };
}
