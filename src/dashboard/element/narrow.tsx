import { place, setParameters } from '../route/location.js';
import './narrow.css';

export interface Choice {
  value: string;
  word: string;
}

/** What of the values the URL names, those alone that are there to choose. */
export function chosenOf<Value extends string>(parameter: string, values: readonly Value[]): Value[] {
  const named = place.value.search.get(parameter)?.split(',') ?? [];
  return values.filter((value) => named.includes(value));
}

/** Any of some values: none chosen is all of them. */
export function Toggles({ parameter, name, choices }: { parameter: string; name: string; choices: readonly Choice[] }) {
  const values = choices.map(({ value }) => value);
  const chosen = chosenOf(parameter, values);
  const toggle = (value: string) => {
    const next = values.filter((each) => chosen.includes(each) !== (each === value));
    setParameters({ [parameter]: next.length === 0 || next.length === values.length ? null : next.join(',') });
  };
  return (
    <div class="toggles" role="group" aria-label={name}>
      {choices.map(({ value, word }) => (
        <button key={value} type="button" aria-pressed={chosen.includes(value)} onClick={() => toggle(value)}>
          {word}
        </button>
      ))}
    </div>
  );
}

/** One of some values; the first is chosen where the URL says nothing. */
export function Either({ parameter, name, choices }: { parameter: string; name: string; choices: readonly Choice[] }) {
  const [first] = choices;
  const chosen = place.value.search.get(parameter) ?? first?.value;
  return (
    <div class="toggles" role="group" aria-label={name}>
      {choices.map(({ value, word }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => setParameters({ [parameter]: value === first?.value ? null : value })}
        >
          {word}
        </button>
      ))}
    </div>
  );
}

/** One of many values, or all. */
export function Select({ parameter, name, choices }: { parameter: string; name: string; choices: readonly Choice[] }) {
  return (
    <select
      aria-label={name}
      value={place.value.search.get(parameter) ?? ''}
      onChange={(event) => setParameters({ [parameter]: event.currentTarget.value || null })}
    >
      <option value="">{name}</option>
      {choices.map(({ value, word }) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  );
}
