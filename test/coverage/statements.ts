// Which statements a source has, and the source with a mark in front of each: as Istanbul counts them, so what an arrow function
// returns without braces is one too. Declarations of functions, classes, types and imports do nothing, and are none.
import { parse } from "@babel/parser";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Edit {
  readonly at: number;
  readonly text: string;
}

export interface Marked {
  /** The line of each statement, in the order of the marks. */
  readonly lines: readonly number[];
  readonly text: string;
}

const counted =
  /^(?:Expression|Return|Throw|If|For|ForIn|ForOf|While|DoWhile|Switch|Try|Break|Continue)Statement$|^VariableDeclaration$/;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The source with `mark(n);` for its n-th statement, from `mark`, which makes an expression. Throws where it is no TypeScript. */
export function markStatements(source: string, mark: (place: number) => string): Marked {
  const lines: number[] = [];
  const edits: Edit[] = [];
  const note = (node: Node): string => {
    lines.push(source.slice(0, node.start).split("\n").length);
    return mark(lines.length - 1);
  };

  /** A statement of a list: others may stand before it. */
  const markInList = (statement: unknown): void => {
    if (!isNode(statement)) return;
    const declared = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : statement;
    if (!isNode(declared) || !counted.test(declared.type) || declared["declare"] === true) return;
    edits.push({ at: statement.start, text: `${note(statement)};` });
  };

  /** What stands alone behind a condition, or what an arrow function returns. */
  const markAlone = (part: unknown): void => {
    if (!isNode(part) || part.type === "BlockStatement") return;
    edits.push({ at: part.start, text: `{${note(part)};` }, { at: part.end, text: "}" });
  };

  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value) || value.type === "ImportDeclaration") return;
    if (value.type.startsWith("TS") && !isNode(value["expression"])) return;
    markWithin(value);
    for (const [key, part] of Object.entries(value)) if (key !== "typeAnnotation") visit(part);
  };

  const markWithin = (node: Node): void => {
    if (node.type === "Program" || node.type === "BlockStatement") listOf(node["body"]).forEach(markInList);
    if (node.type === "SwitchCase") listOf(node["consequent"]).forEach(markInList);
    if (node.type === "IfStatement") [node["consequent"], node["alternate"]].forEach(markAlone);
    if (/^(?:For|While|DoWhile)/.test(node.type)) markAlone(node["body"]);
    if (node.type === "ArrowFunctionExpression") markReturned(node["body"]);
  };

  const markReturned = (body: unknown): void => {
    if (!isNode(body) || body.type === "BlockStatement") return;
    edits.push({ at: body.start, text: `(${note(body)},` }, { at: body.end, text: ")" });
  };

  visit(parse(source, { sourceType: "module", plugins: ["typescript"] }).program);
  return { lines, text: insert(source, edits) };
}

/** Of two edits of one place, what ends something comes before what begins, and inner ends before outer ones. */
function insert(source: string, edits: readonly Edit[]): string {
  const isEnd = ({ text }: Edit) => text === ")" || text === "}";
  const sorted = edits
    .map((edit, order) => ({ ...edit, order }))
    .toSorted((one, other) => {
      if (one.at !== other.at) return one.at - other.at;
      if (isEnd(one) !== isEnd(other)) return isEnd(one) ? -1 : 1;
      return isEnd(one) ? other.order - one.order : one.order - other.order;
    });
  let done = 0;
  let text = "";
  for (const edit of sorted) {
    text += source.slice(done, edit.at) + edit.text;
    done = edit.at;
  }
  return text + source.slice(done);
}
