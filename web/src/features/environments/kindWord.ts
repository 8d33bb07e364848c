const words: Readonly<Record<string, string>> = { helmrelease: "Helm release", helmvalues: "Helm values" };

/** A workload's kind as people say it; a file of Helm values is told as that. */
export function kindWord(kind: string): string {
  const low = kind.toLowerCase();
  return words[low] ?? low;
}
