/** Saves what the page made: the browser's own download, nothing leaves the machine. */

/** @param name the file's name, unless the user chooses another */
export function save(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download keeps the data by itself.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
