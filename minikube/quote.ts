/**
 * Quotes a word for a POSIX shell. `minikube ssh` joins its arguments with blanks and has the node's shell read them, so
 * each word must survive that.
 */
export function quote(word: string): string {
    return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
