import { groupRows } from '../../db/group.js';
import { compareText } from '../../order.js';

/** What is known of an agent when its role is looked for. */
export interface RoleMember {
  agent: string;
  regions: readonly string[];
  /** Empty when its decisions name none. */
  requestTypes: readonly string[];
}

/** Agents that do the same work in several places, or several times over. */
export interface Role<Member extends RoleMember = RoleMember> {
  /** What their names have in common. */
  name: string;
  /** Two at least. */
  members: readonly Member[];
}

/** Parts of names that say where an agent runs, or which of several it is. */
const PLACES = new Set(
  `eu emea europe us use usw usa usc apac ap asia amer americas na sa latam af africa me au uk
   east west north south central northeast northwest southeast southwest
   prod production staging stage dev test qa canary primary secondary blue green`.split(/\s+/),
);
const NUMBER = /^(?:v|r|n)?\d+$/;
/** Letters and digits that a scheduler appends: `worker-7f9c4d`. */
const GENERATED = /^(?=(?:.*\d){2})(?=.*[a-z])[a-z0-9]{5,10}$/;
const SEPARATOR = /[-_. :/]+/;

/**
 * The roles of a fleet: agents whose names are the same but for region, number and the like, and who take some of the same
 * request types, directly or through others of them. An agent without request types goes by its name alone.
 */
export function findRoles<Member extends RoleMember>(members: readonly Member[]): Role<Member>[] {
  const byStem = [...groupRows(members, stemOf)].sort(([left], [right]) => compareText(left, right));
  return byStem.flatMap(([name, ofStem]) =>
    joinBySharedWork(ofStem)
      .filter((joined) => joined.length > 1)
      .map((joined) => ({ name, members: joined })),
  );
}

/** The agent's name without what tells it from its peers, in lower case; the whole name when nothing else would be left. */
export function stemOf({ agent, regions }: Pick<RoleMember, 'agent' | 'regions'>): string {
  const words = agent
    .toLowerCase()
    .split(SEPARATOR)
    .filter((word) => word !== '');
  const ownPlaces = new Set(regions.flatMap(namesOfRegion));
  const isPlace = (word: string | undefined) =>
    word !== undefined && (PLACES.has(word) || NUMBER.test(word) || GENERATED.test(word) || ownPlaces.has(word));
  let start = 0;
  let end = words.length;
  while (end - start > 1 && isPlace(words[end - 1])) end -= 1;
  while (end - start > 1 && isPlace(words[start])) start += 1;
  return words.slice(start, end).join('-') || agent.toLowerCase();
}

/** `eu-west-1` is called eu, west, 1, euw, euw1, eu1, ew1 and euwest1, too. */
function namesOfRegion(region: string): string[] {
  const words = region.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  const letters = words.filter((word) => /[a-z]/.test(word));
  const number = words.find((word) => /\d/.test(word)) ?? '';
  const [area = '', ...directions] = letters;
  const initials = directions.map((direction) => direction[0]).join('');
  const short = [area, `${area}${initials}`, `${area[0] ?? ''}${initials}`, letters.join('')];
  return [...words, ...short, ...short.map((name) => `${name}${number}`)];
}

function joinBySharedWork<Member extends RoleMember>(members: readonly Member[]): Member[][] {
  let joined: Member[][] = [];
  for (const member of members) {
    const [related, apart] = partition(joined, (group) => group.some((other) => shareWork(member, other)));
    joined = [...apart, [...related.flat(), member]];
  }
  return joined;
}

function shareWork(left: RoleMember, right: RoleMember): boolean {
  if (left.requestTypes.length === 0 || right.requestTypes.length === 0) return true;
  return left.requestTypes.some((requestType) => right.requestTypes.includes(requestType));
}

function partition<T>(values: readonly T[], isWanted: (value: T) => boolean): [T[], T[]] {
  return [values.filter(isWanted), values.filter((value) => !isWanted(value))];
}
