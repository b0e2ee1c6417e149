// The ways in which a source can be a little wrong: each an edit of one place. What a person reads (messages, hints) is no
// place for one, and neither is what only a type says.
import { parse } from "@babel/parser";

export interface Mutant {
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** An operator, and what it is mistaken for. */
const mistaken: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&": "|",
  "|": "&",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
  "??=": "=",
};

/** A function or property, and what it is mistaken for. */
const neighbours: Readonly<Record<string, string>> = {
  every: "some",
  some: "every",
  max: "min",
  min: "max",
  floor: "ceil",
  ceil: "floor",
  trunc: "ceil",
  find: "findLast",
  findLast: "find",
  toSorted: "slice",
  toReversed: "slice",
  first: "last",
};

/** All mutants of a source, from its beginning to its end. Throws where it is no TypeScript. */
export function listMutants(source: string): Mutant[] {
  const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] });
  const mutants: Mutant[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value) || value.type === "ImportDeclaration") return;
    if (value.type.startsWith("TS")) {
      // What stands inside of `x as T` and `x!` is a value all the same.
      visit(value["expression"]);
      return;
    }
    mutants.push(...(mutations[value.type]?.(value, source) ?? []));
    for (const part of Object.values(value)) visit(part);
  };
  visit(program);
  return mutants.toSorted((one, other) => one.start - other.start);
}

type Mutation = (node: Node, source: string) => Mutant[];

const replace = (part: unknown, text: string): Mutant[] =>
  isNode(part) ? [{ start: part.start, end: part.end, text }] : [];

const textOf = (part: unknown, source: string): string =>
  isNode(part) ? source.slice(part.start, part.end) : "";

const mistakeOperator: Mutation = (node, source) => {
  const { left, right, operator } = node;
  if (operator === "??") return replace(node, textOf(left, source));
  const other = mistaken[String(operator)];
  if (other === undefined || !isNode(left) || !isNode(right)) return [];
  const between = source.slice(left.end, right.start);
  return [{ start: left.end, end: right.start, text: between.replace(String(operator), other) }];
};

const decideOtherwise: Mutation = ({ test }) => ["true", "false"].flatMap((text) => replace(test, text));

/** By the kind of node, as Babel calls it. */
const mutations: Readonly<Record<string, Mutation>> = {
  BinaryExpression: mistakeOperator,
  LogicalExpression: mistakeOperator,
  AssignmentExpression: mistakeOperator,
  ConditionalExpression: decideOtherwise,
  IfStatement: decideOtherwise,
  WhileStatement: ({ test }) => replace(test, "false"),
  UnaryExpression: (node, source) =>
    node["operator"] === "!" || node["operator"] === "-"
      ? replace(node, textOf(node["argument"], source))
      : [],
  BooleanLiteral: (node) => replace(node, String(node["value"] !== true)),
  NumericLiteral: (node) => replace(node, String(Number(node["value"]) + 1)),
  ExpressionStatement: (node) =>
    isNode(node["expression"]) && node["expression"].type === "CallExpression" ? replace(node, ";") : [],
  MemberExpression({ property }, source) {
    const other = neighbours[textOf(property, source)];
    return other === undefined ? [] : replace(property, other);
  },
};
