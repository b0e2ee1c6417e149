// What every command's arguments must keep to, so that the gate and the help read them alike.
import type { Arguments } from "../../src/cli/command.ts";

type ArgumentDefinition = Arguments[string];

/** Sentences on what is wrong with the arguments; none if all is well. */
export function findFaults(args: Arguments): readonly string[] {
  const all = Object.entries(args);
  const spellings = all.flatMap(([name, definition]) => [name, ...listOwnAliases(definition)]);
  const places = all.flatMap(([, definition]) => (definition.type === "positional" ? [definition] : []));
  return [
    ...all.flatMap(([name, definition]) =>
      judge(definition)
        .concat(judgeName(name))
        .map((fault) => `${name}: ${fault}`),
    ),
    ...spellings
      .filter((spelling, place) => reserved.has(spelling) || spellings.indexOf(spelling) < place)
      .map((spelling) => `${spelling}: is taken`),
    ...spellings
      .filter((spelling) => spellings.includes(`no-${spelling}`))
      .map((spelling) => `${spelling}: has a negation`),
    ...(places.slice(0, -1).some(({ variadic }) => variadic) ? ["something follows what takes all"] : []),
  ];
}

const reserved = new Set(["help", "h", "version", "_"]);

function listOwnAliases(definition: ArgumentDefinition): readonly string[] {
  return definition.type === "positional" ? [] : [definition.alias ?? []].flat();
}

function judge(definition: ArgumentDefinition): string[] {
  const letters = listOwnAliases(definition).filter((alias) => alias.length === 1);
  return [
    ...(/^\S.*[^.\s]$/.test(definition.description) ? [] : ["no plain description"]),
    ...(letters.length > 1 ? ["two letters"] : []),
  ];
}

function judgeName(name: string): string[] {
  return /^[a-z]{2,}(-[a-z]+)*$/.test(name) ? [] : ["not a word in kebab-case"];
}
