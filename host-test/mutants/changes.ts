/** Finds the places of the filter's sources where one small change makes another program. */
import ts from "typescript";

export interface Change {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The innermost named function, method or class around it; "" at the top of a file. */
  readonly inside: string;
  /** Where `text` takes the place of what `file` has. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The lines without and with it, blanks run together: these tell changes apart when lines move. */
  readonly before: string;
  readonly after: string;
}

export type Enums = ReadonlyMap<string, readonly string[]>;

/** What an operator may be taken for; of comparisons the boundary first. */
const OPERATORS = new Map(
  (
    "< <= >=;<= < >;> >= <=;>= > <;== !=;!= ==;&& ||;|| &&;+ -;- +;* /;/ *;% /;& |;| &;" +
    "<< >>;>> <<;+= -=;-= +=;|= &=;&= |="
  )
    .split(";")
    .map((row) => row.split(" "))
    .map(([sign = "", ...others]) => [sign, others]),
);

/** The members of every enum of `sources` by its name. */
export function enumsOf(sources: readonly string[]): Enums {
  const all = sources.flatMap((source) => [...parse(source).statements]);
  const enums = all.filter((node) => ts.isEnumDeclaration(node));
  return new Map(enums.map((each) => [each.name.text, each.members.map(({ name }) => name.getText())]));
}

/** All places of `file` in their order, each with the changes that can be made there. */
export function placesIn(file: string, source: string, enums: Enums): Change[][] {
  const places: Change[][] = [];
  const visit = (node: ts.Node, around: string): void => {
    // An enum's numbers are names, and what is imported or typed is no code.
    if (ts.isTypeNode(node) || ts.isEnumDeclaration(node) || ts.isImportDeclaration(node)) return;
    const isMember = ts.isMethodDeclaration(node) || ts.isAccessor(node);
    const isNamed = isMember || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
    const inside = (isNamed ? node.name?.getText() : undefined) ?? around;
    const [at, texts] = replacements(node, enums);
    if (texts.length > 0) places.push(texts.map((text) => changeAt(file, source, inside, at, text)));
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(parse(source), "");
  return places;
}

const parse = (source: string): ts.SourceFile =>
  ts.createSourceFile("", source, ts.ScriptTarget.Latest, true);

/** The node that is replaced, and by what. */
function replacements(node: ts.Node, enums: Enums): [ts.Node, readonly string[]] {
  const not = (condition: ts.Node): [ts.Node, string[]] => [condition, [`!(${condition.getText()})`]];
  if (ts.isIfStatement(node)) return not(node.expression);
  if (ts.isConditionalExpression(node)) return not(node.condition);
  if (ts.isBinaryExpression(node))
    return [node.operatorToken, OPERATORS.get(node.operatorToken.getText()) ?? []];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [node, [node.operand.getText()]];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [node, ["false"]];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [node, ["true"]];
  if (ts.isNumericLiteral(node)) return [node, otherNumbers(node.getText())];
  if (ts.isStringLiteral(node) && ts.isCallExpression(node.parent) && node.text !== "")
    return [node, [JSON.stringify(node.text.slice(1))]];
  if (ts.isExpressionStatement(node) && isEffect(node.expression)) return [node, [";"]];
  if (ts.isPropertyAccessExpression(node)) {
    const members = enums.get(node.expression.getText()) ?? [];
    const name = node.name.text;
    return [node.name, members.includes(name) ? members.filter((each) => each !== name) : []];
  }
  return [node, []];
}

/** A call, an assignment or a count, which can be left out. */
function isEffect(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return /^[^=!<>]?=$/.test(node.operatorToken.getText());
  return ts.isPostfixUnaryExpression(node) || (ts.isCallExpression(node) && !/^super\b/.test(node.getText()));
}

function otherNumbers(text: string): string[] {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(value)) return [];
  return value === 0 ? ["1"] : [String(value + 1), String(value - 1)];
}

function changeAt(file: string, source: string, inside: string, at: ts.Node, text: string): Change {
  const [start, end] = [at.getStart(), at.getEnd()];
  const [from, to] = [source.lastIndexOf("\n", start - 1) + 1, source.indexOf("\n", end)];
  const tidy = (lines: string): string => lines.trim().replace(/\s+/g, " ");
  const before = tidy(source.slice(from, to));
  const after = tidy(source.slice(from, start) + text + source.slice(end, to));
  return { file, line: source.slice(0, start).split("\n").length, inside, start, end, text, before, after };
}
