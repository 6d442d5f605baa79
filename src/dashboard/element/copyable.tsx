import { useState } from 'preact/hooks';
import { Icon } from './icon.js';
import './copyable.css';

const SAID_MS = 2_000;

/** Text to be taken elsewhere, as it is. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <div class="copyable">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <button type="button" class="quiet icon" aria-label={isCopied ? 'Copied' : `Copy the ${what}`} onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} />
    </button>
  );
}
