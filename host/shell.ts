/** Quotes a word for a POSIX shell, where it needs it: for a command that a person reads, or that a remote shell is given. */
export function quote(word: string): string {
    return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
