/** Names that are long for a narrow screen. */

/** A name such as `exchange_command/exchange_verb`, or a text with such names: lines may break after `_` and `/`. */
export function LongName({ name }: { name: string }) {
  return (
    <>
      {name.split(/(?<=[_/])/).map((part, index) => (
        <>
          {index > 0 ? <wbr /> : null}
          {part}
        </>
      ))}
    </>
  );
}
