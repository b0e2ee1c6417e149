// Mistakes that are none: the program does the same.

/** By its file and its line as `npm run mutation` shows them, without the number, and why nothing can notice it. */
export const equivalents: readonly { readonly mutant: string; readonly why: string }[] = [];
