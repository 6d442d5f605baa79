import { type Field, type Message, type Part, readTranscript, type Transcript } from '../../decision/transcript.js';
import { AgentLine, AgentText } from './agent-text.js';
import './content-view.css';

/** What an agent was given or gave back, to be read: a conversation, members by name, or the text. */
export function ContentView({ text }: { text: string }) {
  return <TranscriptView transcript={readTranscript(text)} />;
}

function TranscriptView({ transcript }: { transcript: Transcript }) {
  if ('messages' in transcript) {
    return (
      <div class="messages">
        {transcript.messages.map((message, index) => (
          <MessageView key={index} message={message} />
        ))}
      </div>
    );
  }
  if ('fields' in transcript) return <Fields fields={transcript.fields} />;
  return <AgentText text={transcript.text} />;
}

function MessageView({ message: { role, parts } }: { message: Message }) {
  return (
    <div class="message">
      <p class="role">
        <AgentLine text={role} />
      </p>
      <div class="parts">
        {parts.map((part, index) => (
          <PartView key={index} part={part} />
        ))}
        {parts.length === 0 && <p class="quiet-text">nothing</p>}
      </div>
    </div>
  );
}

function PartView({ part }: { part: Part }) {
  if (part.kind === 'call') {
    return (
      <div class="call">
        <p>
          calls <AgentLine class="tool" text={part.name} />
        </p>
        <Fields fields={part.fields} />
      </div>
    );
  }
  if (part.kind === 'other') return <Fields fields={part.fields} />;
  if (part.kind === 'result') return <ContentView text={part.text} />;
  return (
    <div class={part.kind}>
      {part.kind === 'reasoning' && <p class="quiet-text">thought, as the agent told it</p>}
      <AgentText text={part.text} />
    </div>
  );
}

function Fields({ fields }: { fields: readonly Field[] }) {
  return (
    <dl class="fields">
      {fields.map(({ name, value }) => (
        <div key={name}>
          <dt>
            <AgentLine text={name} />
          </dt>
          <dd>
            <AgentText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
