/** Saving what the page made: the browser's own download, nothing leaves the machine. */

/** @param name as the file is called unless the user says otherwise */
export function save(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download holds on to the data by itself.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
