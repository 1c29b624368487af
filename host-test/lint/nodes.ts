/** Helpers for a YAML document that was parsed with positions. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

/** A map or sequence, and its parent. */
export interface Place {
  node: YAMLMap | YAMLSeq;
  parent: Place | null;
}

/** A parsed document and the text that it came from. */
export interface Source {
  doc: Document.Parsed;
  text: string;
}

/** Every map of the document, once, with its place; aliases are not followed. */
export function* maps(doc: Document.Parsed): Generator<{ map: YAMLMap; parent: Place | null }> {
  const open: { node: unknown; parent: Place | null }[] = [{ node: doc.contents, parent: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, parent } = next;
    if (!isMap(node) && !isSeq(node)) continue;
    if (isMap(node)) yield { map: node, parent };
    const place = { node, parent };
    const inside = node.items.map((item) => (isPair(item) ? item.value : item));
    for (const item of inside.reverse()) open.push({ node: item, parent: place });
  }
}

/** The nearest parent map that satisfies `wanted`. */
export function above(place: Place | null, wanted: (map: YAMLMap) => boolean): YAMLMap | null {
  for (let at = place; at !== null; at = at.parent) {
    if (isMap(at.node) && wanted(at.node)) return at.node;
  }
  return null;
}

/** A value by its key, in snake_case as in Envoy's documentation or in lowerCamelCase, which protobuf also accepts. */
export function get(source: Source, map: unknown, key: string): Node | null {
  const pair = pairOf(map, key);
  return resolved(source, pair?.value);
}

/** What an alias refers to; null if it refers to itself or to nothing. */
export function resolved(source: Source, node: unknown): Node | null {
  let found = node;
  for (let hops = 0; isAlias(found) && hops < 10; hops++) {
    // The package searches the whole document each time.
    const known = targets.get(found);
    const target: unknown = known === undefined ? (found.resolve(source.doc) ?? null) : known;
    targets.set(found, target);
    found = target;
  }
  return isMap(found) || isSeq(found) || isScalar(found) ? found : null;
}

const targets = new WeakMap<Alias, unknown>();

/** The text of a scalar with this key; null when there is none. */
export function textOf(source: Source, map: unknown, key: string): string | null {
  const node = get(source, map, key);
  return isScalar(node) && node.value !== null ? String(node.value) : null;
}

/** The place of the value with this key, or else of the map itself. */
export function valueOffset(source: Source, map: YAMLMap, key: string): number {
  return get(source, map, key)?.range?.[0] ?? offsetOf(map);
}

/** The place of the key, or else of the map itself. */
export function keyOffset(map: YAMLMap, key: string): number {
  return offsetOf(pairOf(map, key)?.key) || offsetOf(map);
}

/** Where a node begins; 0 if it is not a node. */
export function offsetOf(node: unknown): number {
  return isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
}

/** The map's keys, with their places. */
export function keysOf(map: YAMLMap): { key: string; offset: number }[] {
  return map.items.flatMap(({ key }) =>
    isScalar(key) ? [{ key: String(key.value), offset: offsetOf(key) }] : [],
  );
}

/** Keys in snake_case: to protobuf, `failurePolicy` is the same. */
export const snakeCase = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A plain word that YAML 1.1 reads as true or false, as Envoy and Kubernetes do. */
export function isYesOrNo(node: Scalar): boolean {
  return node.type === Scalar.PLAIN && /^(?:y|n|yes|no|on|off)$/i.test(String(node.source ?? node.value));
}

function pairOf(map: unknown, key: string): { key: unknown; value: unknown } | undefined {
  if (!isMap(map)) return undefined;
  const spelled = (found: unknown): boolean =>
    isScalar(found) && (found.value === key || snakeCase(String(found.value)) === key);
  return map.items.find((pair) => spelled(pair.key));
}
