import { useState } from 'preact/hooks';
import { piecesOf, withNames } from './unseen.js';
import './agent-text.css';

const SHOWN_MAX = 2_000;

/** One line that an agent or its environment wrote: text and nothing but text. */
export function AgentLine({ text, class: name = '' }: { text: string; class?: string }) {
  return (
    <bdi class={name} title={text.length > 40 ? withNames(text) : undefined}>
      <Pieces text={text} />
    </bdi>
  );
}

/** A longer text, with its lines; what is beyond the first screenful comes when it is asked for. */
export function AgentText({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : cut(text);
  const rest = text.length - shown.length;
  return (
    <div class="agent-text">
      <pre dir="auto" tabIndex={0}>
        <Pieces text={shown} />
      </pre>
      {rest > 0 && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show {rest.toLocaleString()} more characters
        </button>
      )}
    </div>
  );
}

/** Not between the halves of a character. */
function cut(text: string): string {
  if (text.length <= SHOWN_MAX) return text;
  const end = text.slice(0, SHOWN_MAX);
  return /[\uD800-\uDBFF]$/.test(end) ? end.slice(0, -1) : end;
}

function Pieces({ text }: { text: string }) {
  return (
    <>
      {piecesOf(text).map((piece, index) =>
        'text' in piece ? (
          piece.text
        ) : (
          <span key={index} class="unseen" title={piece.name}>
            {piece.unseen}
          </span>
        ),
      )}
    </>
  );
}
